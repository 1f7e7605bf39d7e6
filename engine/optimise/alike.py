"""How alike a variant is to its original, without labels: both look at the same frames, and what they find is compared.

The limit that a person sets speaks of what they would see: objects at the thresholds of the live view. An object whose
score lies at the threshold comes and goes with the smallest change, as it does from frame to frame: BF16, which costs
no accuracy, changes a tenth of what YOLOX-Nano shows that way. So an object that has slipped a little below the
threshold still counts as found. The closeness beside it sees how far scores and places are the same, and faint objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.agreement import Agreement, agreement, match
from engine.cards import Thresholds
from engine.geometry import iou_matrix
from engine.opencv import cv2
from engine.results import Classification, Detections, Float32, Mask, Result, SegmentationMap, mask_region

LIVE = Thresholds()
FAINT = replace(LIVE, confidence=0.05)
"""What models are asked for here: everything that the live view shows, and fainter objects too."""

_FLICKER = 0.05
"""A score that is lower by so much at most has not been lost."""
CLOSENESS_SLACK = 3.0
"""So many times the agreement's loss may be lost in closeness. Faint objects come and go: BF16, which costs no
accuracy, loses up to 0.09. Measured on detectors: where both held at a limit of 0.95, labels told of less than 0.01."""
_KEYPOINT_REACH = 0.1
"""Of an object's size: a keypoint that is off by so much counts 0.6 (COCO's own reach is 0.05 to 0.2 by keypoint)."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A variant compared with its original over frames; all shares are 1 where they find the same.

    Attributes:
        agreement: Detectors: F1 of the objects at the live thresholds and IoU 0.5, where an object counts as found by
            the other whose score has slipped below the threshold by 0.05 at most. Classifiers: share of frames with
            the same best class. Class maps: share of pixels of the same class.
        closeness: How far objects, their scores and their places are the same, faint ones included, 0 to 1.
        by_frame: The agreement on each frame.
        expected: What the original found: objects; for classifiers and class maps frames.
        mean_iou: Of the boxes of objects that both found, None where there are none.
        score_drift: Mean absolute difference of the scores of what both found.
        class_flips: Objects at the same place that are of another class now.
        lost_frames: Frames on which the original found something and the variant nothing.
        at_threshold: Detectors: the F1 with nothing granted to scores that have slipped; None elsewhere.
    """

    agreement: float
    closeness: float
    by_frame: tuple[float, ...]
    expected: int
    mean_iou: float | None = None
    score_drift: float = 0.0
    class_flips: int = 0
    lost_frames: int = 0
    at_threshold: float | None = None

    @property
    def limit(self) -> float:
        """The strictest limit that it keeps: no more than its agreement, and it is close enough to go with that."""
        return min(self.agreement, 1 - (1 - self.closeness) / CLOSENESS_SLACK)

    def holds(self, limit: float) -> bool:
        """Whether no more is lost than a person allows."""
        return self.limit >= limit


def compare(found: Sequence[Result], expected: Sequence[Result]) -> Likeness:
    """Compare what a variant found with what its original found on the same frames, both at the thresholds ``FAINT``.

    Raises:
        ValueError: There are no frames, or not the same number.
    """
    pairs = list(zip(found, expected, strict=True))
    boxes = [(f, e) for f, e in pairs if isinstance(f, Detections) and isinstance(e, Detections)]
    if boxes:
        return _compare_detections(boxes)
    classes = [(f, e) for f, e in pairs if isinstance(f, Classification) and isinstance(e, Classification)]
    if classes:
        return _compare_classes(classes)
    maps = [(f, e) for f, e in pairs if isinstance(f, SegmentationMap) and isinstance(e, SegmentationMap)]
    if not maps:
        raise ValueError("no frames to compare")
    same = [float((f.class_id == e.class_id).mean()) for f, e in maps]
    return Likeness(float(np.mean(same)), float(np.mean(same)), tuple(same), len(maps))


def _compare_classes(pairs: list[tuple[Classification, Classification]]) -> Likeness:
    best = [(int(f.score.argmax()), int(e.score.argmax())) for f, e in pairs]
    same = [float(f == e) for f, e in best]
    drift = [abs(float(f.score[i] - e.score[i])) for (f, e), (_, i) in zip(pairs, best, strict=True)]
    return Likeness(
        agreement=float(np.mean(same)),
        closeness=1 - float(np.mean([np.abs(f.score - e.score).max() for f, e in pairs])),
        by_frame=tuple(same),
        expected=len(pairs),
        score_drift=float(np.mean(drift)),
        class_flips=same.count(0.0),
    )


# Objects --------------------------------------------------------------------------------------------------------------


def _compare_detections(pairs: list[tuple[Detections, Detections]]) -> Likeness:
    live = [(_live(f), _live(e)) for f, e in pairs]
    agreed = [_agreed(f, e) for f, e in pairs]
    counts = [len(f) + len(e) for f, e in live]
    ious, drifts = (np.concatenate(values) for values in zip(*(_drifts(f, e) for f, e in live), strict=True))
    return Likeness(
        agreement=sum(agreed) / sum(counts) if sum(counts) else 1.0,
        closeness=_closeness(pairs),
        by_frame=tuple(same / count if count else 1.0 for same, count in zip(agreed, counts, strict=True)),
        expected=sum(len(e) for _, e in live),
        mean_iou=float(ious.mean()) if len(ious) else None,
        score_drift=float(drifts.mean()) if len(drifts) else 0.0,
        class_flips=sum(_class_flips(f, e) for f, e in live),
        lost_frames=sum(len(e) > 0 and not len(f) for f, e in live),
        at_threshold=sum((agreement(f, e) for f, e in live), Agreement()).f1,
    )


def _live(found: Detections) -> Detections:
    """What the live view would show: NMS begins at the best score, so fainter objects took nothing away."""
    return found[found.score >= LIVE.confidence]


def _agreed(found: Detections, expected: Detections) -> int:
    """Objects of either at the live thresholds that the other has seen, too."""
    seen = 0
    for ours, theirs in ((found, expected), (expected, found)):
        nearly = theirs[theirs.score >= LIVE.confidence - _FLICKER]
        seen += int((match(_live(ours), nearly) >= 0).sum())
    return seen


def _drifts(found: Detections, expected: Detections) -> tuple[Float32, Float32]:
    """IoU and difference of the scores of the objects that both found."""
    ours, theirs = _matched(found, expected)
    return _box_overlap(found[ours], expected[theirs]), np.abs(found.score[ours] - expected.score[theirs])


def _class_flips(found: Detections, expected: Detections) -> int:
    """Objects at the same place, best overlap first, that have another class."""
    ours, theirs = _matched(_of_one_class(found), _of_one_class(expected))
    return int((found.class_id[ours] != expected.class_id[theirs]).sum())


def _of_one_class(found: Detections) -> Detections:
    return Detections(found.xyxy, found.score, np.zeros(len(found), np.int32))


def _matched(found: Detections, expected: Detections) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the same objects here and there."""
    matched = match(found, expected)
    ours = np.flatnonzero(matched >= 0)
    return ours, matched[ours]


def _closeness(pairs: list[tuple[Detections, Detections]]) -> float:
    """Dice coefficient of objects that are there by the square of their score, and the same as far as they overlap.

    Squared, the many objects that are hardly there do not outweigh the few that are.
    """
    shared = total = 0.0
    for found, expected in pairs:
        total += float((found.score**2).sum() + (expected.score**2).sum())
        ours, theirs = _matched(found, expected)
        score = np.minimum(found.score[ours], expected.score[theirs])
        shared += 2 * float((score**2 * _overlap(found[ours], expected[theirs])).sum())
    return shared / total if total else 1.0


def _overlap(found: Detections, expected: Detections) -> Float32:
    """How far objects are the same, one by one, 0 to 1: their boxes, and whatever else is known of both."""
    overlap = _box_overlap(found, expected)
    if found.keypoints is not None and expected.keypoints is not None:
        overlap = overlap * _keypoint_likeness(found.keypoints, expected.keypoints, expected.xyxy)
    if found.masks is not None and expected.masks is not None:
        pairs = zip(found.masks, found.xyxy, expected.masks, expected.xyxy, strict=True)
        overlap = overlap * np.array([_mask_iou(*pair) for pair in pairs], np.float32)
    if found.corners is not None and expected.corners is not None:
        pairs_of_corners = zip(found.corners, expected.corners, strict=True)
        overlap = np.array([_corner_iou(f, e) for f, e in pairs_of_corners], np.float32)
    return overlap


def _box_overlap(found: Detections, expected: Detections) -> Float32:
    return np.asarray(iou_matrix(found.xyxy, expected.xyxy).diagonal(), np.float32)


def _keypoint_likeness(found: Float32, expected: Float32, xyxy: Float32) -> Float32:
    """Object keypoint similarity (COCO's keypoint evaluation), with one reach for all; by the keypoints' scores."""
    size = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    squared = ((found[..., :2] - expected[..., :2]) ** 2).sum(axis=-1)
    same = np.exp(-squared / np.maximum(2 * size[:, None] * _KEYPOINT_REACH**2, 1e-9))
    weight = expected[..., 2] + 1e-6
    return np.asarray((same * weight).sum(axis=1) / weight.sum(axis=1), np.float32)


def _mask_iou(found: Mask, found_xyxy: Float32, expected: Mask, expected_xyxy: Float32) -> float:
    """IoU of two masks that each cover the region of their box."""
    left, top, right, bottom = mask_region(found_xyxy)
    x1, y1, x2, y2 = mask_region(expected_xyxy)
    a, b, c, d = max(left, x1), max(top, y1), min(right, x2), min(bottom, y2)
    shared = int((found[b - top : d - top, a - left : c - left] & expected[b - y1 : d - y1, a - x1 : c - x1]).sum())
    union = int(found.sum()) + int(expected.sum()) - shared
    return shared / union if union else 1.0


def _corner_iou(found: Float32, expected: Float32) -> float:
    """IoU of two oriented boxes."""
    shared, _ = cv2.intersectConvexConvex(found, expected)
    union = cv2.contourArea(found) + cv2.contourArea(expected) - shared
    return float(shared / union) if union > 0 else 0.0
