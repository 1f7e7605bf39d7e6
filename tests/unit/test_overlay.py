"""What is drawn over a picture, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from frame_results import make_detections, make_result

from engine.overlay import Style, overlay
from engine.overlay.operations import ClassMap, Dot, Fill, Label, Mask, Operation, Path, Rectangle
from engine.overlay.palette import BLACK, Colour, class_colour, relative_luminance, text_colour
from engine.results import Classification, SegmentationMap

CARD = {"class_names": ("person", "bicycle", "car")}
EIGHT = [class_colour(i) for i in range(8)]


def ten_wide(text: str, text_px: float) -> float:
    """Every letter is 10 pixels wide, so that places can be foretold."""
    return 10.0 * len(text)


def kinds(operations: Iterable[Operation]) -> list[str]:
    return [type(operation).__name__ for operation in operations]


def labels(operations: Iterable[Operation]) -> list[Label]:
    return [operation for operation in operations if isinstance(operation, Label)]


def overlap(a: Label, b: Label) -> bool:
    (l1, t1, r1, b1), (l2, t2, r2, b2) = a.box_xyxy, b.box_xyxy
    return min(r1, r2) > max(l1, l2) and min(b1, b2) > max(t1, t2)


def test_two_objects_become_exactly_these_operations() -> None:
    found = make_detections((100, 60, 300, 200, 0.871, 2), (400, 0, 500, 90, 0.5, 0))
    drawn = overlay(make_result(found, card=CARD), Style(), ten_wide)
    car, person = class_colour(2), class_colour(0)
    assert drawn == (
        Rectangle((400.0, 0.0, 500.0, 90.0), BLACK, 4.0),
        Rectangle((400.0, 0.0, 500.0, 90.0), person, 2.0),
        Rectangle((100.0, 60.0, 300.0, 200.0), BLACK, 4.0),
        Rectangle((100.0, 60.0, 300.0, 200.0), car, 2.0),
        Label("person 0.50", (399.0, 0.0, 519.0, 20.0), 14.0, 5.0, BLACK, person),
        Label("car 0.87", (99.0, 39.0, 189.0, 59.0), 14.0, 5.0, BLACK, car),
    )


def test_nothing_found_is_nothing_drawn() -> None:
    assert overlay(make_result(), Style()) == ()


def test_a_result_is_drawn_the_same_every_time() -> None:
    result = make_result(make_detections((10, 10, 90, 90, 0.9, 1), (20, 20, 200, 90, 0.4, 0)), card=CARD)
    assert overlay(result, Style()) == overlay(result, Style())


def test_lines_and_texts_grow_with_the_picture_and_with_the_scale() -> None:
    found = make_detections((100, 60, 300, 200, 0.9, 2))

    def sizes(size: tuple[int, int], scale: float = 1.0) -> tuple[float, float]:
        drawn = overlay(make_result(found, size=size, card=CARD), Style(scale=scale))
        shape = next(operation for operation in drawn if isinstance(operation, Rectangle) and operation.colour != BLACK)
        return shape.width_px, labels(drawn)[0].text_px

    assert sizes((768, 432)) == (2.0, 14.0)
    assert sizes((1920, 1080)) == (4.0, 28.0)
    assert sizes((768, 432), 2.0) == (4.0, 28.0)


def test_hidden_classes_are_not_drawn_and_the_result_keeps_them() -> None:
    found = make_detections((10, 10, 90, 90, 0.9, 0), (100, 100, 300, 300, 0.8, 2))
    drawn = overlay(make_result(found, card=CARD), Style(hidden_classes=frozenset({2})))
    assert [label.text for label in labels(drawn)] == ["person 0.90"]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (Style(), "person #7 0.90"),
        (Style(scores=False), "person #7"),
        (Style(track_ids=False), "person 0.90"),
        (Style(scores=False, track_ids=False), "person"),
    ],
)
def test_a_label_says_what_the_style_asks_for(style: Style, text: str) -> None:
    found = make_detections((100, 100, 300, 300, 0.9, 0), track_id=np.array([7], np.int32))
    assert [label.text for label in labels(overlay(make_result(found, card=CARD), style))] == [text]


def test_each_part_can_be_left_out() -> None:
    mask = np.ones((50, 50), np.bool_)
    keypoints = np.array([[[20, 20, 0.9]]], np.float32)
    found = make_detections((10, 10, 60, 60, 0.9, 0), masks=(mask,), keypoints=keypoints)
    result = make_result(found, card=CARD, seen=(0, 0, 700, 432))
    everything = Style()
    assert kinds(overlay(result, everything)) == [
        "Fill", "Mask", "Path", "Rectangle", "Rectangle", "Dot", "Dot", "Label",
    ]  # fmt: skip
    without = replace(everything, boxes=False, labels=False, masks=False, keypoints=False, unseen=False)
    assert overlay(result, without) == ()


def test_what_the_model_did_not_see_is_shaded() -> None:
    drawn = overlay(make_result(size=(768, 432), seen=(100.0, 0.0, 668.0, 432.0)), Style())
    assert [astuple(shade)[0] for shade in drawn] == [(0.0, 0.0, 100.0, 432.0), (668.0, 0.0, 768.0, 432.0)]
    assert all(isinstance(shade, Fill) and shade.opacity > 0 for shade in drawn)


@pytest.mark.parametrize("box", [(0, 0, 768, 432), (700, 400, 768, 432), (0, 0, 5, 5), (760, 0, 768, 20)])
def test_a_label_is_inside_the_picture_wherever_its_box_is(box: tuple[float, float, float, float]) -> None:
    drawn = overlay(make_result(make_detections((*box, 0.9, 1)), card=CARD), Style())
    (label,) = labels(drawn)
    left, top, right, bottom = label.box_xyxy
    assert left >= 0 and top >= 0 and right <= 768 and bottom <= 432
    assert right - left >= 20 and bottom - top >= 14


def test_labels_of_one_place_do_not_cover_each_other_and_the_best_come_first() -> None:
    found = make_detections(*[(200, 200, 260, 230, 0.99 - i / 100, 2) for i in range(40)])
    drawn = labels(overlay(make_result(found, card=CARD), Style()))
    assert not any(overlap(a, b) for a, b in combinations(drawn, 2))
    assert 3 <= len(drawn) < 40
    assert drawn[-1].text == "car 0.99"


def test_a_long_name_is_cut_to_the_width_of_the_picture() -> None:
    name = "a very long name of a class " * 10
    (label,) = labels(
        overlay(make_result(make_detections((10, 100, 50, 150, 0.9, 0)), card={"class_names": (name,)}), Style())
    )
    assert label.text.endswith("…") and label.text.startswith("a very long")
    assert label.box_xyxy[0] >= 0 and label.box_xyxy[2] <= 768


def test_a_tiny_picture_gets_no_text() -> None:
    drawn = overlay(make_result(make_detections((0, 0, 1, 1, 0.9, 0)), size=(1, 1), card=CARD), Style())
    assert labels(drawn) == []


def test_a_class_without_a_name_is_drawn_with_its_number() -> None:
    drawn = overlay(make_result(make_detections((10, 100, 50, 150, 0.9, 17)), card=CARD), Style())
    assert labels(drawn)[0].text == "17 0.90"


def test_an_oriented_box_is_drawn_by_its_corners() -> None:
    corners = np.array([[[100, 50], [200, 100], [180, 140], [80, 90]]], np.float32)
    found = make_detections((80, 50, 200, 140, 0.9, 0), corners=corners)
    dark, bright = overlay(make_result(found, card=CARD), Style(labels=False))
    assert isinstance(bright, Path) and isinstance(dark, Path)
    assert bright.closed and bright.points == ((100, 50), (200, 100), (180, 140), (80, 90))
    assert dark.points == bright.points and dark.width_px > bright.width_px


def test_a_mask_is_tinted_at_its_place_with_a_line_round_it() -> None:
    mask = np.zeros((40, 30), np.bool_)
    mask[10:20, 5:15] = True
    found = make_detections((99.5, 50.2, 129.5, 89.8, 0.9, 2), masks=(np.pad(mask, ((0, 0), (0, 1))),))
    tint, line = overlay(make_result(found, card=CARD), Style(boxes=False, labels=False))
    assert isinstance(tint, Mask) and isinstance(line, Path)
    assert (tint.left, tint.top, tint.colour) == (99, 50, class_colour(2))
    assert set(line.points) == {(104.5, 60.5), (104.5, 69.5), (113.5, 69.5), (113.5, 60.5)}


def test_a_skeleton_joins_only_the_keypoints_that_were_seen() -> None:
    keypoints = np.array([[[10, 10, 0.9], [20, 20, 0.9], [30, 30, 0.1], [np.nan, 5, 0.9]]], np.float32)
    found = make_detections((0, 0, 100, 100, 0.9, 0), keypoints=keypoints)
    card = {**CARD, "skeleton": ((0, 1), (1, 2), (2, 3))}
    drawn = overlay(make_result(found, card=card), Style(boxes=False, labels=False))
    limbs = [op for op in drawn if isinstance(op, Path) and op.colour != BLACK]
    dots = [op for op in drawn if isinstance(op, Dot) and op.colour != BLACK]
    assert [limb.points for limb in limbs] == [((10, 10), (20, 20))]
    assert [dot.centre for dot in dots] == [(10, 10), (20, 20)]


def test_a_classified_picture_gets_bars_of_its_best_classes() -> None:
    found = Classification(np.array([0.1, 0.7, 0.2], np.float32))
    drawn = overlay(make_result(found, card=CARD), Style(top_classes=2))
    assert [label.text for label in labels(drawn)] == ["bicycle", "0.70", "car", "0.20"]
    bars = [op for op in drawn if isinstance(op, Fill) and op.opacity == 1.0]
    lengths = [bar.box_xyxy[2] - bar.box_xyxy[0] for bar in bars]
    assert lengths[0] / lengths[1] == pytest.approx(3.5)


def test_bars_leave_out_hidden_classes() -> None:
    found = Classification(np.array([0.1, 0.7, 0.2], np.float32))
    drawn = overlay(make_result(found, card=CARD), Style(hidden_classes=frozenset({1})))
    assert [label.text for label in labels(drawn)][::2] == ["car", "person"]


def test_a_class_map_is_tinted_but_for_hidden_classes_and_background() -> None:
    class_id = np.array([[0, 0, 1, 2], [0, -1, 1, 1]], np.int32)
    names = {"class_names": ("background", "road", "sky")}
    result = make_result(SegmentationMap(class_id, (0.0, 0.0, 768.0, 432.0)), card=names)
    tint = overlay(result, Style(hidden_classes=frozenset({2})))[0]
    assert isinstance(tint, ClassMap)
    assert tint.visible.tolist() == [False, True, False]
    assert tint.colours.tolist() == [list(class_colour(i)) for i in range(3)]
    assert [label.text for label in labels(overlay(result, Style()))] == ["road", "38%", "sky", "12%"]


def test_shares_of_a_class_map_count_every_pixel() -> None:
    class_id = np.array([[0, 2, 2, -1], [2, -1, 0, 5]], np.int32)
    assert SegmentationMap(class_id).shares() == [(2, 0.375), (0, 0.25), (5, 0.125)]
    assert SegmentationMap(np.full((2, 2), -1, np.int32)).shares() == []


# Colours --------------------------------------------------------------------------------------------------------------


def linear(colour: Colour) -> np.ndarray:
    value = np.array(colour) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def oklab(light: np.ndarray) -> np.ndarray:
    """https://bottosson.github.io/posts/oklab."""
    to_cones = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
    to_lab = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]
    return np.array(to_lab) @ np.cbrt(np.array(to_cones) @ light)


READERS = {
    "full colour": np.eye(3),
    "without red": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "without green": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "without blue": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}
"""Machado, Oliveira, Fernandes: A Physiologically-based Model for Simulation of Color Vision Deficiency (2009)."""


@pytest.mark.parametrize("reader", READERS)
def test_the_first_eight_classes_differ_for_every_reader(reader: str) -> None:
    seen = [oklab(np.clip(READERS[reader] @ linear(colour), 0.0, 1.0)) for colour in EIGHT]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 0.1


def test_colours_of_a_thousand_classes_stand_out_and_carry_readable_text() -> None:
    for class_id in range(1000):
        colour = class_colour(class_id)
        assert 0.12 < relative_luminance(colour) < 0.9, class_id
        light, dark = sorted((relative_luminance(colour), relative_luminance(text_colour(colour))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, class_id


def test_neighbouring_classes_differ() -> None:
    seen = [oklab(linear(class_colour(i))) for i in range(80)]
    assert min(float(np.linalg.norm(a - b)) for a, b in pairwise(seen)) > 0.1
