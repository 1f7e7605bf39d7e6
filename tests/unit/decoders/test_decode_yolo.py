"""Every YOLO layout gives back the objects that were planted in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import yolo_graphs
from planted_scene import BARE, TALL, WIDE, Picture, Thing, assert_found
from yolo_graphs import Answer, ultralytics

from engine.cards import Thresholds
from engine.decoders.table import make_decoder
from engine.errors import ModelError
from engine.geometry import fit_geometry
from engine.results import Detections, mask_region

Make = Callable[..., Answer]

EVERY = Thresholds(confidence=0.1, iou=0.45, max_detections=100)
BOX_LAYOUTS = {
    "yolov5": yolo_graphs.yolov5,
    "yolov6": yolo_graphs.yolov6,
    "yolov8": ultralytics,
    "yolov8_transposed": partial(ultralytics, transposed=True),
    "yolov8_seg": partial(ultralytics, task="seg"),
    "yolov8_pose": partial(ultralytics, task="pose"),
    "yolo_end2end": partial(ultralytics, end2end=True),
    "yolo_end2end_seg": partial(ultralytics, task="seg", end2end=True),
    "yolo_end2end_pose": partial(ultralytics, task="pose", end2end=True),
    "yolox": yolo_graphs.yolox,
    "yolox_decoded": partial(yolo_graphs.yolox, raw=False),
}
OBB_LAYOUTS = {
    "yolov8_obb": partial(ultralytics, task="obb"),
    "yolov8_obb_transposed": partial(ultralytics, task="obb", transposed=True),
    "yolo_end2end_obb": partial(ultralytics, task="obb", end2end=True),
}


def layouts(*tables: dict[str, Make]) -> pytest.MarkDecorator:
    rows = [(name, make) for table in tables for name, make in table.items()]
    return pytest.mark.parametrize("make", [make for _, make in rows], ids=[name for name, _ in rows])


def decode(answer: Answer, *pictures: Picture, half: bool = False, thresholds: Thresholds = EVERY) -> list[Detections]:
    geometries = [fit_geometry(picture.width, picture.height, answer.card.input) for picture in pictures]
    return make_decoder(answer.card).decode(answer.outputs(half=half), geometries, thresholds)


@layouts(BOX_LAYOUTS)
def test_planted_boxes_are_found_in_a_batch_of_letterboxed_pictures(make: Make) -> None:
    wide, tall = decode(make([WIDE, TALL]), WIDE, TALL)
    assert_found(wide, WIDE.things)
    assert_found(tall, TALL.things)


@layouts(BOX_LAYOUTS)
def test_boxes_are_read_from_half_precision(make: Make) -> None:
    wide, tall = decode(make([WIDE, TALL]), WIDE, TALL, half=True)
    assert_found(wide, WIDE.things)
    assert_found(tall, TALL.things)


@layouts(BOX_LAYOUTS, OBB_LAYOUTS)
def test_a_picture_without_objects_gives_an_empty_result_of_the_same_kind(make: Make) -> None:
    bare, wide = decode(make([BARE, WIDE]), BARE, WIDE)
    assert len(bare) == 0
    assert len(wide) == 3
    for part in ("masks", "keypoints", "corners"):
        assert (getattr(bare, part) is None) == (getattr(wide, part) is None)


@layouts(BOX_LAYOUTS, OBB_LAYOUTS)
def test_scores_stay_above_the_threshold_and_the_limit_holds(make: Make) -> None:
    answer = make([WIDE])
    (above,) = decode(answer, WIDE, thresholds=Thresholds(confidence=0.5, iou=0.45, max_detections=100))
    assert above.class_id.tolist() == [2, 0]
    (best,) = decode(answer, WIDE, thresholds=Thresholds(confidence=0.1, iou=0.45, max_detections=1))
    assert best.class_id.tolist() == [2]
    (none,) = decode(answer, WIDE, thresholds=Thresholds(confidence=0.95, iou=0.45, max_detections=100))
    assert len(none) == 0


@layouts(BOX_LAYOUTS, OBB_LAYOUTS)
def test_a_result_shares_no_memory_with_the_outputs(make: Make) -> None:
    answer = make([WIDE])
    outputs = {name: np.array(array) for name, array in answer.outputs().items()}
    geometry = fit_geometry(WIDE.width, WIDE.height, answer.card.input)
    (found,) = make_decoder(answer.card).decode(outputs, [geometry], EVERY)
    arrays = [found.xyxy, found.score, found.class_id, found.keypoints, found.corners, *(found.masks or ())]
    arrays = [array for array in arrays if array is not None]
    before = [array.copy() for array in arrays]
    for output in outputs.values():
        output.fill(7)
    for array, kept in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, kept)


@layouts(BOX_LAYOUTS, OBB_LAYOUTS)
def test_pictures_of_the_batch_without_geometry_are_left_out(make: Make) -> None:
    (tall,) = decode(make([TALL, WIDE]), TALL)
    assert tall.class_id.tolist() == [1]


@layouts(BOX_LAYOUTS, OBB_LAYOUTS)
def test_a_batch_smaller_than_the_geometries_is_an_error(make: Make) -> None:
    with pytest.raises(ModelError, match="2"):
        decode(make([TALL]), TALL, WIDE)


@layouts(BOX_LAYOUTS, OBB_LAYOUTS)
def test_outputs_of_another_shape_are_an_error_that_names_the_output(make: Make) -> None:
    answer = make([TALL])
    name = answer.card.roles["output"]
    geometry = fit_geometry(TALL.width, TALL.height, answer.card.input)
    outputs = answer.outputs()
    outputs[name] = np.zeros((1, 5), np.float32)
    with pytest.raises(ModelError, match=name):
        make_decoder(answer.card).decode(outputs, [geometry], EVERY)
    del outputs[name]
    with pytest.raises(ModelError, match=name):
        make_decoder(answer.card).decode(outputs, [geometry], EVERY)


NESTED = Picture(640, 360, (Thing((100, 60, 300, 260), 2, 0.9), Thing((80, 30, 330, 356), 1, 0.7)))
"""Two boxes that overlap by half, of two classes."""


@layouts({name: BOX_LAYOUTS[name] for name in ("yolov5", "yolov8", "yolo_end2end", "yolox")})
def test_overlapping_objects_of_two_classes_are_both_found(make: Make) -> None:
    thresholds = Thresholds(confidence=0.1, iou=0.3, max_detections=100)
    (found,) = decode(make([NESTED]), NESTED, thresholds=thresholds)
    assert_found(found, NESTED.things)


@layouts({name: BOX_LAYOUTS[name] for name in ("yolov5", "yolov8", "yolov8_transposed", "yolox")})
def test_of_overlapping_objects_of_one_class_the_better_is_found(make: Make) -> None:
    picture = replace(NESTED, things=tuple(replace(thing, class_id=1) for thing in NESTED.things))
    thresholds = Thresholds(confidence=0.1, iou=0.3, max_detections=100)
    (found,) = decode(make([picture]), picture, thresholds=thresholds)
    assert_found(found, picture.things[:1])


@pytest.mark.parametrize("end2end", [False, True], ids=["dense", "end2end"])
@pytest.mark.parametrize("half", [False, True], ids=["float32", "float16"])
def test_keypoints_are_found_within_a_pixel(end2end: bool, half: bool) -> None:
    (found,) = decode(ultralytics([WIDE], "pose", end2end=end2end), WIDE, half=half)
    assert found.keypoints.shape == (3, 2, 3)
    for thing, points in zip(WIDE.things, found.keypoints, strict=True):
        x1, y1, x2, y2 = thing.xyxy
        for (across, down, score), point in zip(yolo_graphs.KEYPOINTS, points, strict=True):
            assert point[:2] == pytest.approx((x1 + across * (x2 - x1), y1 + down * (y2 - y1)), abs=1)
            assert point[2] == pytest.approx(score, abs=2e-3)


@pytest.mark.parametrize("end2end", [False, True], ids=["dense", "end2end"])
def test_keypoints_without_scores_get_the_score_one(end2end: bool) -> None:
    (found,) = decode(ultralytics([WIDE], "pose_flat", end2end=end2end), WIDE)
    assert found.keypoints.shape == (3, 2, 3)
    x1, y1, x2, y2 = WIDE.things[0].xyxy
    across, down, _ = yolo_graphs.KEYPOINTS[1]
    assert found.keypoints[0, 1] == pytest.approx((x1 + across * (x2 - x1), y1 + down * (y2 - y1), 1), abs=1)


@pytest.mark.parametrize("end2end", [False, True], ids=["dense", "end2end"])
@pytest.mark.parametrize("picture", [WIDE, TALL], ids=["wide", "tall"])
def test_masks_cover_their_side_of_the_line(end2end: bool, picture: Picture) -> None:
    (found,) = decode(ultralytics([picture], "seg", end2end=end2end), picture)
    assert len(found.masks) == len(picture.things)
    for thing, box, mask in zip(picture.things, found.xyxy, found.masks, strict=True):
        left, top, right, bottom = mask_region(box)
        assert mask.shape == (bottom - top, right - left)
        nx, ny = yolo_graphs.half_plane_of(thing)
        x1, y1, x2, y2 = thing.xyxy
        y, x = np.mgrid[top:bottom, left:right] + 0.5
        beyond = nx * (x - (x1 + x2) / 2) + ny * (y - (y1 + y2) / 2)
        np.testing.assert_array_equal(mask[beyond > 0.05], True)
        np.testing.assert_array_equal(mask[beyond < -0.05], False)


@layouts(OBB_LAYOUTS)
@pytest.mark.parametrize("half", [False, True], ids=["float32", "float16"])
def test_corners_of_turned_boxes_are_found_and_enclosed(make: Make, half: bool) -> None:
    (found,) = decode(make([WIDE]), WIDE, half=half)
    assert found.class_id.tolist() == [thing.class_id for thing in WIDE.things]
    tolerance = 2.0 if half else 1.0
    for thing, corners, box in zip(WIDE.things, found.corners, found.xyxy, strict=True):
        expected = turned_corners(thing)
        distance = np.linalg.norm(corners[:, None] - expected[None], axis=2)
        assert sorted(distance.argmin(axis=1)) == [0, 1, 2, 3]
        assert distance.min(axis=1).max() < tolerance
        low, high = expected.min(axis=0).clip(0, (640, 360)), expected.max(axis=0).clip(0, (640, 360))
        assert box == pytest.approx(np.concatenate((low, high)), abs=tolerance)
        sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
        assert sides[0] == pytest.approx(sides[2], abs=0.1)  # in order round the box


def turned_corners(thing: Thing) -> np.ndarray:
    """Corners of a thing that is turned round its middle, clockwise on the screen."""
    x1, y1, x2, y2 = thing.xyxy
    angle = yolo_graphs.angle_of(thing)
    turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
    corners = np.array(((x1, y1), (x2, y1), (x2, y2), (x1, y2)), float)
    middle = corners.mean(axis=0)
    return (corners - middle) @ turn.T + middle


def test_yolox_makes_every_class_of_a_row_a_candidate() -> None:
    answer = yolo_graphs.yolox([TALL])
    outputs = answer.outputs()
    row = outputs["output"][0, :, 4].argmax()
    outputs["output"][0, row, 5 + 2] = 0.5
    geometry = fit_geometry(TALL.width, TALL.height, answer.card.input)
    (found,) = make_decoder(answer.card).decode(outputs, [geometry], EVERY)
    assert found.class_id.tolist() == [1, 2]


def test_sizes_beyond_all_numbers_are_left_out() -> None:
    answer = yolo_graphs.yolox([WIDE])
    outputs = answer.outputs()
    outputs["output"][0, 0] = (0, 0, 200, 200, 1, 1, 0, 0)
    geometry = fit_geometry(WIDE.width, WIDE.height, answer.card.input)
    (found,) = make_decoder(answer.card).decode(outputs, [geometry], EVERY)
    assert_found(found, WIDE.things)
