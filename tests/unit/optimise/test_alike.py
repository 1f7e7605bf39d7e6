"""How alike two results are: what a person would see counts, and what labels would tell shows in the closeness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.optimise.alike import Likeness, compare
from engine.results import Classification, Detections, SegmentationMap

Row = tuple[float, float, float, float, float, int]
"""Left, top, right, bottom, score, class."""

CAT: Row = (10, 10, 50, 50, 0.9, 0)
DOG: Row = (60, 10, 90, 90, 0.6, 1)
FAINT_CAT: Row = (100, 100, 120, 120, 0.1, 0)


def _found(*rows: Row) -> Detections:
    ordered = sorted(rows, key=lambda row: -row[4])
    values = np.array(ordered, np.float32).reshape(-1, 6)
    return Detections(values[:, :4].copy(), values[:, 4].copy(), values[:, 5].astype(np.int32))


def _with(row: Row, *, right: float = 0.0, score: float = 0.0, class_id: int = 0) -> Row:
    x1, y1, x2, y2, was, kind = row
    return (x1 + right, y1, x2 + right, y2, was + score, kind + class_id)


def _one(found: Sequence[Row], expected: Sequence[Row]) -> Likeness:
    return compare([_found(*found)], [_found(*expected)])


def test_the_same_is_alike_in_every_figure() -> None:
    same = _one([CAT, DOG, FAINT_CAT], [CAT, DOG, FAINT_CAT])

    assert (same.agreement, same.closeness, same.by_frame, same.expected) == (1.0, pytest.approx(1.0), (1.0,), 2)
    assert (same.mean_iou, same.score_drift, same.class_flips, same.lost_frames) == (1.0, 0.0, 0, 0)
    assert same.holds(1.0)


def test_a_missed_and_an_invented_object_cost_the_same() -> None:
    missed, invented = _one([CAT], [CAT, DOG]), _one([CAT, DOG], [CAT])

    assert missed.agreement == invented.agreement == pytest.approx(2 / 3)
    assert missed.closeness == pytest.approx(invented.closeness)


def test_a_score_that_has_slipped_just_below_the_threshold_is_no_loss() -> None:
    barely = _with(CAT, score=-0.63)

    flickers = _one([_with(barely, score=-0.03)], [barely])
    gone = _one([_with(barely, score=-0.15)], [barely])

    assert (flickers.agreement, flickers.at_threshold) == (1.0, 0.0)
    assert (gone.agreement, gone.at_threshold) == (0.0, 0.0)


def test_faint_objects_show_in_the_closeness_alone() -> None:
    without = _one([CAT], [CAT, FAINT_CAT])

    assert without.agreement == 1.0
    assert without.closeness == pytest.approx(1.62 / 1.63)


def test_a_score_that_has_slipped_and_a_box_that_has_moved_show_in_the_closeness() -> None:
    slipped, moved = _one([_with(CAT, score=-0.3)], [CAT]), _one([_with(CAT, right=10)], [CAT])

    assert slipped.agreement == moved.agreement == 1.0
    assert slipped.closeness == pytest.approx(2 * 0.36 / (0.81 + 0.36))
    assert slipped.score_drift == pytest.approx(0.3)
    assert moved.closeness == pytest.approx(0.6)
    assert moved.mean_iou == pytest.approx(0.6)
    assert not slipped.holds(0.95)


def test_another_class_at_the_same_place_is_a_flip() -> None:
    flipped = _one([_with(CAT, class_id=1), DOG], [CAT, DOG])

    assert flipped.class_flips == 1
    assert flipped.agreement == pytest.approx(0.5)


def test_frames_add_up_by_their_objects_and_a_frame_that_lost_everything_is_counted() -> None:
    likeness = compare(
        [_found(CAT, DOG), _found(), _found(), _found(FAINT_CAT)],
        [_found(CAT, DOG), _found(CAT), _found(), _found(DOG, FAINT_CAT)],
    )

    assert likeness.by_frame == (1.0, 0.0, 1.0, 0.0)
    assert likeness.agreement == pytest.approx(2 * 2 / 6)
    assert likeness.lost_frames == 2


def test_nothing_found_by_either_is_alike_but_counts_no_objects() -> None:
    nothing = _one([], [])

    assert (nothing.agreement, nothing.closeness, nothing.expected, nothing.mean_iou) == (1.0, 1.0, 0, None)


def _person(*, reach_px: float, mask_columns: int) -> Detections:
    mask = np.zeros((40, 40), np.bool_)
    mask[:, :mask_columns] = True
    keypoints = np.full((1, 3, 3), 20.0, np.float32)
    keypoints[..., 2] = 0.9
    keypoints[..., 0] += reach_px
    plain = _found(CAT)
    return Detections(plain.xyxy, plain.score, plain.class_id, masks=(mask,), keypoints=keypoints)


def test_masks_and_keypoints_count_in_the_closeness() -> None:
    person = _person(reach_px=0, mask_columns=40)

    assert compare([person], [person]).closeness == pytest.approx(1.0)
    assert compare([_person(reach_px=0, mask_columns=20)], [person]).closeness == pytest.approx(0.5)
    assert compare([_person(reach_px=4, mask_columns=40)], [person]).closeness == pytest.approx(np.exp(-0.5), abs=1e-3)


def test_oriented_boxes_are_compared_by_their_corners() -> None:
    def turned(right: float) -> Detections:
        corners = np.array([[[30, 10], [50, 30], [30, 50], [10, 30]]], np.float32) + np.float32([right, 0])
        plain = _found(CAT)
        return Detections(plain.xyxy, plain.score, plain.class_id, corners=corners)

    assert compare([turned(0)], [turned(0)]).closeness == pytest.approx(1.0, abs=1e-3)
    assert compare([turned(10)], [turned(0)]).closeness < 0.7


def test_classifiers_agree_where_the_best_class_is_the_same() -> None:
    def scores(*values: float) -> Classification:
        return Classification(np.array(values, np.float32))

    likeness = compare([scores(0.6, 0.4), scores(0.4, 0.6)], [scores(0.7, 0.3), scores(0.6, 0.4)])

    assert likeness.agreement == 0.5
    assert likeness.by_frame == (1.0, 0.0)
    assert likeness.class_flips == 1
    assert likeness.score_drift == pytest.approx(0.15)
    assert likeness.closeness == pytest.approx(0.85)


def test_class_maps_agree_by_their_pixels() -> None:
    before = np.zeros((4, 4), np.int32)
    after = before.copy()
    after[0] = 1

    likeness = compare([SegmentationMap(after)], [SegmentationMap(before)])

    assert likeness.agreement == likeness.closeness == 0.75


def test_frames_must_be_the_same_and_at_least_one() -> None:
    with pytest.raises(ValueError, match="no frames"):
        compare([], [])
    with pytest.raises(ValueError, match="longer"):
        compare([], [_found(CAT)])
