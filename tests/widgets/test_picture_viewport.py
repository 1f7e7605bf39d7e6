"""Where a picture lies in a widget."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from gui.views.picture.viewport import MOST_SCALE, Viewport

sizes = st.integers(1, 4000)


def test_a_picture_is_letterboxed_in_the_middle() -> None:
    view = Viewport(1920, 1080, 1280, 800)
    assert view.shown_xyxy == (0, 40, 1280, 760)
    assert view.to_source(0, 40) == (0.0, 0.0)
    assert view.to_source(1280, 760) == (1920.0, 1080.0)
    part = view.part((0.0, 0.0, 1920.0, 1080.0), 1920, 1080)
    assert part is not None and (part.x, part.y, part.width, part.height) == (0, 40, 1280, 720)


@pytest.mark.parametrize("at", [(0.0, 0.0), (100.0, 600.0), (640.0, 360.0), (1279.0, 3.0)])
@pytest.mark.parametrize("factor", [1.25, 4.0, 20.0])
def test_what_is_under_the_pointer_stays_there(at: tuple[float, float], factor: float) -> None:
    before = Viewport(1920, 1080, 1280, 720)
    after = before.zoomed_at(factor, *at)
    assert after.to_source(*at) == pytest.approx(before.to_source(*at), abs=1.0 / after.scale)


@given(st.tuples(sizes, sizes, sizes, sizes), st.floats(0.1, 100.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_picture_that_is_cut_leaves_no_border(
    size: tuple[int, int, int, int], factor: float, across: float, down: float
) -> None:
    fitted = Viewport(*size)
    view = fitted.zoomed_at(factor, across * fitted.width, down * fitted.height)
    assert view.magnification >= 1.0 and view.scale <= max(fitted.scale, MOST_SCALE) * 1.001
    left, top, right, bottom = view.shown_xyxy
    if view.source_width * view.scale >= view.width + 1:
        assert (left, right) == (0, view.width)
    if view.source_height * view.scale >= view.height + 1:
        assert (top, bottom) == (0, view.height)


def test_zooming_in_and_out_again_leads_back() -> None:
    view = Viewport(1920, 1080, 1280, 720)
    there = view.zoomed_at(4.0, 100, 600)
    assert there.to_source(100, 600) == pytest.approx(view.to_source(100, 600), abs=0.5)
    assert there.zoomed_at(0.1, 700, 20).magnification == 1.0
    assert there.zoomed_at(0.1, 700, 20).shown_xyxy == (0, 0, 1280, 720)


def test_moving_ends_at_the_edge() -> None:
    view = Viewport(1920, 1080, 1280, 720).zoomed_at(2.0, 640, 360)
    assert view.moved(100, 0).to_source(740, 360) == pytest.approx(view.to_source(640, 360), abs=0.5)
    assert view.moved(1e6, 1e6).to_source(0, 0) == pytest.approx((0.0, 0.0), abs=0.5)
    assert view.moved(-1e6, -1e6).to_source(1280, 720) == pytest.approx((1920.0, 1080.0), abs=0.5)


@given(st.tuples(sizes, sizes, sizes, sizes), st.floats(1.0, 32.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_part_of_an_array_covers_all_that_is_shown(
    size: tuple[int, int, int, int], magnification: float, x: float, y: float
) -> None:
    view = Viewport(*size, magnification, x, y).inside()
    columns, rows = view.source_width, view.source_height
    part = view.part((0.0, 0.0, float(columns), float(rows)), columns, rows)
    left, top, right, bottom = view.shown_xyxy
    if part is None:
        assert right - left <= 1 or bottom - top <= 1
        return
    assert 0 <= part.left < part.right <= columns and 0 <= part.top < part.bottom <= rows
    assert part.x <= left + 1 and part.y <= top + 1
    assert part.x + part.width >= right - 1 and part.y + part.height >= bottom - 1


def test_nothing_of_an_array_outside_is_taken() -> None:
    view = Viewport(1000, 1000, 500, 500).zoomed_at(4.0, 0, 0)
    assert view.part((600.0, 600.0, 700.0, 700.0), 100, 100) is None
