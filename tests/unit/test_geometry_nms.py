"""Overlap of boxes, and NMS."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine import geometry
from engine.geometry import iou_matrix, nms, nms_rotated, probiou_matrix
from engine.results import Float32

EVERYTHING = 10**6
Candidates = tuple[Float32, Float32, NDArray[np.int32]]

corners = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 20), st.integers(1, 20))
rows = st.lists(st.tuples(corners, st.integers(0, 2)), max_size=30)
thresholds = st.sampled_from([0.0, 0.3, 0.45, 0.65, 1.0])


def candidates(listed: list[tuple[tuple[int, int, int, int], int]], seed: int = 0) -> Candidates:
    """Boxes and classes as listed, with scores that all differ."""
    boxes = np.array([(x, y, x + w, y + h) for (x, y, w, h), _ in listed], np.float32).reshape(-1, 4)
    scores = np.random.default_rng(seed).permutation(len(listed)).astype(np.float32) / max(len(listed), 1)
    return boxes, scores, np.array([class_id for _, class_id in listed], np.int32)


def crowd(count: int, seed: int) -> Candidates:
    """Many boxes on a canvas, more than are compared at once."""
    rng = np.random.default_rng(seed)
    centre, size = rng.uniform(0, 640, (count, 2)), rng.uniform(20, 200, (count, 2))
    boxes = np.concatenate((centre - size / 2, centre + size / 2), axis=1).astype(np.float32)
    return boxes, rng.permutation(count).astype(np.float32) / count, rng.integers(0, 3, count).astype(np.int32)


def one_by_one(found: Candidates, iou: float) -> list[int]:
    """NMS as it is told: take the best, drop what overlaps it, take the next."""
    boxes, score, class_id = found
    overlap = iou_matrix(boxes, boxes)
    remaining = sorted(range(len(boxes)), key=lambda i: -score[i])
    kept = []
    while remaining:
        best = remaining.pop(0)
        kept.append(best)
        remaining = [i for i in remaining if class_id[i] != class_id[best] or overlap[best, i] <= iou]
    return kept


# Overlap --------------------------------------------------------------------------------------------------------------


def test_overlaps_known_by_heart() -> None:
    a = np.array([[0, 0, 10, 10]], np.float32)
    b = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [2, 2, 4, 4], [50, 50, 60, 60]], np.float32)
    np.testing.assert_allclose(iou_matrix(a, b), [[1, 1 / 3, 0, 0.04, 0]], rtol=1e-6)


@settings(deadline=None)
@given(listed=rows)
def test_overlap_is_the_share_of_common_pixels(listed: list[tuple[tuple[int, int, int, int], int]]) -> None:
    boxes, _, _ = candidates(listed[:6])
    painted = np.zeros((len(boxes), 64, 64), np.bool_)
    for plane, (x1, y1, x2, y2) in zip(painted, boxes.astype(int), strict=True):
        plane[y1:y2, x1:x2] = True
    overlap = iou_matrix(boxes, boxes)
    assert overlap.shape == (len(boxes), len(boxes))
    for i, j in combinations(range(len(boxes)), 2):
        share = (painted[i] & painted[j]).sum() / (painted[i] | painted[j]).sum()
        assert overlap[i, j] == pytest.approx(share, rel=1e-5)
        assert overlap[i, j] == overlap[j, i]


def test_boxes_without_area_overlap_nothing() -> None:
    boxes = np.array([[5, 5, 5, 5], [0, 0, 10, 10], [8, 8, 2, 2]], np.float32)
    np.testing.assert_array_equal(iou_matrix(boxes, boxes), np.diag([0, 1, 0]))


# NMS ------------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(listed=rows, iou=thresholds)
def test_nms_is_taking_the_best_and_dropping_what_overlaps(
    listed: list[tuple[tuple[int, int, int, int], int]], iou: float
) -> None:
    found = candidates(listed)
    assert nms(*found, iou, EVERYTHING).tolist() == one_by_one(found, iou)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("iou", [0.1, 0.45, 0.9])
def test_a_crowd_is_thinned_like_a_few(seed: int, iou: float) -> None:
    found = crowd(700, seed)
    assert nms(*found, iou, EVERYTHING).tolist() == one_by_one(found, iou)


@settings(deadline=None)
@given(listed=rows, iou=thresholds)
def test_nms_leaves_no_overlapping_pair_of_one_class_and_drops_nothing_without_a_reason(
    listed: list[tuple[tuple[int, int, int, int], int]], iou: float
) -> None:
    boxes, score, class_id = candidates(listed)
    kept = nms(boxes, score, class_id, iou, EVERYTHING).tolist()
    assert len(set(kept)) == len(kept)
    assert score[kept].tolist() == sorted(score[kept].tolist(), reverse=True)
    overlap = iou_matrix(boxes, boxes)
    for i, j in combinations(kept, 2):
        assert class_id[i] != class_id[j] or overlap[i, j] <= iou
    for dropped in set(range(len(boxes))) - set(kept):
        assert any(
            class_id[i] == class_id[dropped] and overlap[i, dropped] > iou and score[i] > score[dropped] for i in kept
        )


@settings(deadline=None)
@given(listed=rows, iou=thresholds, seed=st.integers(0, 5))
def test_the_order_of_candidates_does_not_matter(
    listed: list[tuple[tuple[int, int, int, int], int]], iou: float, seed: int
) -> None:
    found = candidates(listed)
    shuffled = np.random.default_rng(seed).permutation(len(listed))
    kept = nms(*(part[shuffled] for part in found), iou, EVERYTHING)
    assert shuffled[kept].tolist() == nms(*found, iou, EVERYTHING).tolist()


@pytest.mark.parametrize("limit", [0, 1, 5, 150])
def test_a_limit_keeps_the_best(limit: int) -> None:
    found = crowd(700, seed=1)
    assert nms(*found, 0.5, limit).tolist() == nms(*found, 0.5, EVERYTHING).tolist()[:limit]


def test_of_equal_scores_the_earlier_comes_first() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 0, 60, 10], [0, 0, 10, 10]], np.float32)
    kept = nms(boxes, np.full(4, 0.5, np.float32), np.zeros(4, np.int32), 0.5, EVERYTHING)
    assert kept.tolist() == [0, 2]
    boxes, _, class_id = crowd(400, seed=4)
    kept = nms(boxes, np.tile(np.array([0.5, 0.25], np.float32), 200), class_id, 1.0, EVERYTHING)
    assert kept.tolist() == [*range(0, 400, 2), *range(1, 400, 2)]


def test_nothing_stays_nothing() -> None:
    empty = np.zeros(0, np.float32)
    assert nms(np.zeros((0, 4), np.float32), empty, empty.astype(np.int32), 0.5, 300).shape == (0,)
    assert nms_rotated(np.zeros((0, 5), np.float32), empty, empty.astype(np.int32), 0.5, 300).shape == (0,)


def test_only_the_best_of_very_many_candidates_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "MOST_CANDIDATES", 50)
    boxes, score, class_id = crowd(300, seed=2)
    kept = nms(boxes, score, class_id, 1.0, EVERYTHING)
    assert kept.tolist() == np.argsort(-score)[:50].tolist()


# Rotated boxes --------------------------------------------------------------------------------------------------------

turned = st.tuples(
    st.floats(-40, 40), st.floats(-40, 40), st.floats(4, 40), st.floats(4, 40), st.floats(-math.pi, math.pi)
)


def by_integration(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """One minus the Hellinger distance of two boxes' Gaussians, summed up point by point."""
    y, x = np.mgrid[-120:120:0.5, -120:120:0.5]

    def density(cx: float, cy: float, w: float, h: float, angle: float) -> NDArray[np.float64]:
        along = (x - cx) * math.cos(angle) + (y - cy) * math.sin(angle)
        across = (y - cy) * math.cos(angle) - (x - cx) * math.sin(angle)
        exponent = along**2 / (w**2 / 12) + across**2 / (h**2 / 12)
        return np.asarray(np.exp(-exponent / 2) / (2 * math.pi * w * h / 12))

    common = float(np.sqrt(density(*a) * density(*b)).sum() * 0.25)
    return 1 - math.sqrt(max(0.0, 1 - common))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((0, 0, 40, 20, 0.3), (0, 0, 40, 20, 0.3)),
        ((0, 0, 40, 20, 0.3), (8, 3, 30, 24, 0.9)),
        ((0, 0, 60, 12, 0.0), (0, 0, 60, 12, math.pi / 2)),
        ((5, -5, 20, 30, -0.7), (15, 10, 25, 14, 2.0)),
    ],
)
def test_probiou_is_one_minus_the_hellinger_distance(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    overlap = probiou_matrix(np.array([a], np.float32), np.array([b], np.float32))
    assert overlap[0, 0] == pytest.approx(by_integration(a, b), abs=3e-3)


@settings(deadline=None)
@given(a=turned, b=turned)
def test_probiou_is_a_symmetric_share_that_does_not_care_how_a_box_is_written(
    a: tuple[float, ...], b: tuple[float, ...]
) -> None:
    boxes = np.array([a, b], np.float32)
    overlap = probiou_matrix(boxes, boxes)
    assert overlap == pytest.approx(overlap.T, abs=1e-5)
    assert np.diag(overlap) == pytest.approx(1, abs=1e-3)
    assert ((overlap >= 0) & (overlap <= 1)).all()
    other_way = boxes[:, [0, 1, 3, 2, 4]] + np.array([0, 0, 0, 0, math.pi / 2], np.float32)
    assert probiou_matrix(other_way, boxes) == pytest.approx(overlap, abs=2e-3)


def test_rotated_boxes_of_one_class_are_told_apart_by_their_angle() -> None:
    along, across = (50, 50, 80, 10, 0.0), (50, 50, 80, 10, math.pi / 2)
    boxes = np.array([along, across, (51, 50, 80, 10, 0.02), (51, 50, 80, 10, 0.02)], np.float32)
    score = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    kept = nms_rotated(boxes, score, np.array([0, 0, 0, 1], np.int32), 0.45, EVERYTHING)
    assert kept.tolist() == [0, 1, 3]


@pytest.mark.parametrize("suppress", [nms, nms_rotated])
def test_candidates_are_left_as_they_were(suppress: Callable[..., NDArray[np.intp]]) -> None:
    boxes, score, class_id = crowd(50, seed=3)
    if suppress is nms_rotated:
        boxes = np.concatenate((boxes, np.zeros((50, 1), np.float32)), axis=1)
    before = [part.copy() for part in (boxes, score, class_id)]
    for part in (boxes, score, class_id):
        part.flags.writeable = False
    suppress(boxes, score, class_id, 0.5, 300)
    for part, kept in zip((boxes, score, class_id), before, strict=True):
        np.testing.assert_array_equal(part, kept)
