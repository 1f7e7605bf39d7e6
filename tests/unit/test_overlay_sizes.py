"""Sizes that stay the same in a window at any zoom, and colours that a person chose."""

from __future__ import annotations

import numpy as np
import pytest
from frame_results import make_detections, make_result

from engine.overlay import Style, overlay
from engine.overlay.operations import ClassMap, Fill, Label, Mask, Path, Rectangle
from engine.overlay.palette import BLACK, class_colour, text_colour
from engine.results import Classification, SegmentationMap

CARD = {"class_names": ("person", "bicycle", "car")}
PINK = (250, 80, 180)


def half_wide(text: str, text_px: float) -> float:
    return 0.5 * text_px * len(text)


def at_zoom(zoom: float, area: tuple[float, float, float, float] | None = None) -> Style:
    """Letters of 13 and lines of 2 pixels of a window that shows the picture so many times larger."""
    return Style(text_px=13.0 / zoom, line_px=2.0 / zoom, pixel_px=1.0 / zoom, area_xyxy=area)


@pytest.mark.parametrize("zoom", [0.25, 1.0, 3.0, 16.0])
def test_labels_and_lines_have_one_size_in_the_window(zoom: float) -> None:
    result = make_result(make_detections((100, 100, 300, 200, 0.9, 2)), card=CARD)
    _, box, label = overlay(result, at_zoom(zoom), half_wide)
    assert isinstance(box, Rectangle) and isinstance(label, Label)
    left, top, right, bottom = (value * zoom for value in label.box_xyxy)
    assert box.width_px * zoom == pytest.approx(2.0)
    assert (label.text_px * zoom, bottom - top) == (pytest.approx(13.0), pytest.approx(18.0))
    assert right - left == pytest.approx(np.ceil(6.5 * len("car 0.90")) + 10)
    assert all(value == pytest.approx(round(value), abs=1e-6) for value in (left, top, right, bottom))


def test_labels_stay_in_the_part_that_is_shown() -> None:
    area = (200.0, 120.0, 400.0, 220.0)
    result = make_result(
        make_detections((100, 100, 300, 200, 0.9, 2), (390, 150, 500, 200, 0.8, 0), (600, 300, 700, 400, 0.7, 1)),
        card=CARD,
    )
    labels = [op for op in overlay(result, at_zoom(4.0, area), half_wide) if isinstance(op, Label)]
    assert {label.text for label in labels} == {"car 0.90", "person 0.80"}
    for label in labels:
        left, top, right, bottom = label.box_xyxy
        assert left >= 200.0 and top >= 120.0 and right <= 400.0 and bottom <= 220.0


def test_bars_stand_in_the_part_that_is_shown() -> None:
    result = make_result(Classification(np.array([0.1, 0.7, 0.2], np.float32)), card=CARD)
    panel = overlay(result, at_zoom(4.0, (200.0, 120.0, 400.0, 220.0)), half_wide)[0]
    assert isinstance(panel, Fill)
    assert panel.box_xyxy[:2] == (202.0, 122.0) and panel.box_xyxy[2] <= 400.0


def test_a_chosen_colour_is_that_of_boxes_labels_masks_and_maps() -> None:
    style = Style(class_colours={2: PINK})
    found = make_detections(
        (100, 60, 300, 200, 0.9, 2),
        (10, 10, 60, 60, 0.8, 0),
        masks=(np.ones((140, 200), np.bool_), np.ones((50, 50), np.bool_)),
    )
    drawn = overlay(make_result(found, card=CARD), style)
    coloured = {type(op): op.colour for op in drawn if isinstance(op, Rectangle | Mask | Path) and op.colour != BLACK}
    labels = {op.text: (op.background, op.colour) for op in drawn if isinstance(op, Label)}
    assert coloured == {Mask: PINK, Path: PINK, Rectangle: PINK}, "the best object is painted last"
    assert labels == {
        "car 0.90": (PINK, text_colour(PINK)),
        "person 0.80": (class_colour(0), text_colour(class_colour(0))),
    }

    tint, _, _, _, _, bar = overlay(make_result(SegmentationMap(np.full((4, 4), 2, np.int32)), card=CARD), style)
    assert isinstance(tint, ClassMap) and isinstance(bar, Fill)
    assert tint.colours[2].tolist() == list(PINK) and bar.colour == PINK


def test_the_line_round_a_mask_is_true_to_half_a_painted_pixel() -> None:
    y, x = np.mgrid[-1:1:300j, -1:1:300j]
    found = make_detections((0, 0, 300, 300, 0.9, 0), masks=(x * x + y * y <= 1.0,))
    result = make_result(found, card=CARD)
    coarse, fine = (
        next(op for op in overlay(result, at_zoom(zoom), half_wide) if isinstance(op, Path)) for zoom in (0.2, 4.0)
    )
    assert len(coarse.points) < len(fine.points)
    away = [abs(np.hypot(px - 150.0, py - 150.0) - 150.0) for px, py in fine.points]
    assert max(away) < 1.5
