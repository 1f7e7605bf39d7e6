"""Drawing operations as pixels."""

from __future__ import annotations

import numpy as np
import pytest
from frame_results import make_detections, make_result
from numpy.typing import NDArray

from engine.opencv import cv2
from engine.overlay import Style, overlay
from engine.overlay.lettering import text_width_px
from engine.overlay.operations import ClassMap, Dot, Fill, Label, Mask, Path, Rectangle
from engine.sinks.painter import paint

RED, WHITE, BLACK = (255, 0, 0), (255, 255, 255), (0, 0, 0)
BGR_RED = [0, 0, 255]


def blank(value: int = 0, width: int = 120, height: int = 80) -> NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


def label(text: str, width: int = 400) -> Label:
    return Label(text, (0.0, 0.0, float(width), 40.0), 28.0, 10.0, WHITE, None)


def written(text: str) -> NDArray[np.uint8]:
    return paint(blank(0, 400, 40), [label(text)])


def test_the_picture_itself_stays_as_it_was() -> None:
    image = blank()
    image.flags.writeable = False
    painted = paint(image, [Fill((0, 0, 120, 80), RED, 1.0)])
    assert not image.any()
    assert (painted == BGR_RED).all()


def test_an_upright_line_is_sharp_and_lies_on_the_edge_of_its_box() -> None:
    painted = paint(blank(), [Rectangle((20.0, 10.0, 60.0, 50.0), RED, 2.0)])
    rows, columns = np.nonzero(painted[..., 2])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (9, 50, 19, 60)
    assert set(np.unique(painted)) == {0, 255}
    assert not painted[11:49, 21:59].any()


def test_slanted_lines_and_dots_are_smooth() -> None:
    line = paint(blank(), [Path(((5.0, 5.0), (110.0, 60.0)), False, WHITE, 3.0)])
    dot = paint(blank(), [Dot((50.5, 40.5), 10.0, WHITE)])
    for painted in (line, dot):
        assert len(np.unique(painted)) > 8


def test_a_dot_lies_where_it_belongs() -> None:
    painted = paint(blank(), [Dot((50.0, 40.0), 6.0, WHITE)])
    rows, columns = np.nonzero(painted[..., 0] > 127)
    assert columns.mean() + 0.5 == pytest.approx(50.0, abs=0.1)
    assert rows.mean() + 0.5 == pytest.approx(40.0, abs=0.1)


def test_a_closed_path_returns_to_its_start() -> None:
    corners = ((20.0, 20.0), (100.0, 20.0), (100.0, 60.0), (20.0, 60.0))
    is_open, closed = (paint(blank(), [Path(corners, c, WHITE, 1.0)])[40, 20].any() for c in (False, True))
    assert closed and not is_open


@pytest.mark.parametrize(
    "text",
    ["信号灯", "ひこうき", "자동차", "автомобиль", "αυτοκίνητο", "سيارة", "מכונית", "Fußgänger", "señal", "×·…%"],
)
def test_names_in_any_script_are_written_and_not_replaced(text: str) -> None:
    assert written(text).any()
    assert not np.array_equal(written(text), written("?" * len(text)))
    assert not np.array_equal(written(text), written("\ue000" * len(text)))


def test_each_letter_of_a_script_looks_different() -> None:
    for letters in ("信号灯車人", "あいうえお", "자동차", "абвгд", "αβγδε"):
        pictures = [written(letter).tobytes() for letter in letters]
        assert len(set(pictures)) == len(letters), letters


@pytest.mark.parametrize("text", ["person 0.87", "信号灯 0.87", "Ünlü", "0123456789"])
def test_a_text_is_as_wide_as_it_was_measured(text: str) -> None:
    columns = np.nonzero(written(text).any(axis=(0, 2)))[0]
    assert columns.min() >= 9
    assert columns.max() + 1 - 10 == pytest.approx(text_width_px(text, 28.0), abs=4.0)


def test_a_label_is_filled_and_its_text_is_in_the_middle_of_its_height() -> None:
    painted = paint(blank(0, 200, 60), [Label("HHH", (10.0, 10.0, 150.0, 50.0), 28.0, 10.0, WHITE, RED)])
    assert (painted[10:50, 145:150] == BGR_RED).all()
    assert not painted[:10].any() and not painted[50:].any() and not painted[:, 150:].any()
    rows = np.nonzero((painted[..., 0] > 127).any(axis=1))[0]
    assert (rows.min() + rows.max() + 1) / 2 == pytest.approx(30.0, abs=1.0)


def test_a_mask_tints_only_its_own_pixels() -> None:
    mask = np.zeros((10, 10), np.bool_)
    mask[2:5, 3:6] = True
    painted = paint(blank(100), [Mask(mask, 20, 30, RED, 0.5)])
    assert painted[33, 24].tolist() == [50, 50, 178]
    changed = np.argwhere((painted != 100).any(axis=2))
    assert changed.min(axis=0).tolist() == [32, 23]
    assert changed.max(axis=0).tolist() == [34, 25]


def test_what_lies_outside_the_picture_is_cut() -> None:
    mask = np.ones((40, 40), np.bool_)
    painted = paint(
        blank(),
        [
            Mask(mask, 100, 60, RED, 1.0),
            Fill((-10.0, -10.0, 5.0, 5.0), RED, 1.0),
            Fill((200.0, 0.0, 300.0, 5.0), RED, 1.0),
            Rectangle((110.0, 70.0, 200.0, 200.0), RED, 2.0),
            Dot((500.0, 500.0), 5.0, RED),
        ],
    )
    assert (painted[60:, 100:] == BGR_RED).all() and (painted[:5, :5] == BGR_RED).all()
    assert not painted[:50, 10:100].any()


def test_a_class_map_covers_its_region_smoothly_without_rims() -> None:
    class_id = np.array([[0, 1], [0, -1]], np.int32)
    colours = np.array([RED, (0, 0, 255)], np.uint8)
    shape = ClassMap(class_id, (20.0, 0.0, 120.0, 80.0), colours, np.array([True, True]), 0.5)
    painted = paint(blank(100), [shape])
    assert painted[10, 5].tolist() == [100, 100, 100]
    assert painted[10, 30].tolist() == pytest.approx([50, 50, 178], abs=1)
    assert painted[10, 110].tolist() == pytest.approx([178, 50, 50], abs=1)
    assert painted[70, 110].tolist() == pytest.approx([100, 100, 100], abs=1)
    assert painted[..., 1].max() <= 101, "nothing green comes of red, blue and nothing"


def test_hidden_classes_of_a_map_leave_the_picture_as_it_is() -> None:
    shape = ClassMap(
        np.zeros((2, 2), np.int32), (0.0, 0.0, 120.0, 80.0), np.array([RED], np.uint8), np.array([False]), 0.5
    )
    assert (paint(blank(77), [shape]) == 77).all()


def test_a_pixel_sized_picture_can_be_painted() -> None:
    result = make_result(make_detections((0, 0, 1, 1, 0.9, 0)), size=(1, 1))
    assert paint(result.frame.image, overlay(result, Style())).shape == (1, 1, 3)


def test_the_box_of_an_object_is_found_again_in_the_painted_picture() -> None:
    result = make_result(make_detections((100.4, 60.0, 300.0, 200.0, 0.9, 0)))
    painted = paint(result.frame.image, overlay(result, Style(labels=False)))
    changed = cv2.absdiff(painted, result.frame.image).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (98, 58, 302, 202)
