"""What a model found on one frame: structs of arrays, immutable once made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]
Mask = NDArray[np.bool_]


def _frozen(name: str, array: NDArray[Any], dtype: Any, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Check dtype and shape (None matches any length) and make the array read-only."""
    expected = tuple("any" if n is None else n for n in shape)
    if array.dtype != dtype or array.ndim != len(shape):
        raise ValueError(f"{name}: expected {np.dtype(dtype)} {expected}, got {array.dtype} {array.shape}")
    if any(want is not None and want != have for want, have in zip(shape, array.shape, strict=True)):
        raise ValueError(f"{name}: expected shape {expected}, got {array.shape}")
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Objects found on one frame, best score first.

    Attributes:
        xyxy: float32 (N, 4), left, top, right, bottom in source pixels, clipped to the picture.
        score: float32 (N,), 0 to 1.
        class_id: int32 (N,), index into the card's class names.
        track_id: int32 (N,), or None before a tracker has run.
        masks: N boolean arrays or None; each covers ``mask_region`` of its box, in source pixels.
        keypoints: float32 (N, K, 3), x and y in source pixels and a score 0 to 1, or None.
        corners: float32 (N, 4, 2), corners of oriented boxes in source pixels, in order round the box, or None;
            ``xyxy`` encloses them.
    """

    xyxy: Float32
    score: Float32
    class_id: Int32
    track_id: Int32 | None = None
    masks: tuple[Mask, ...] | None = None
    keypoints: Float32 | None = None
    corners: Float32 | None = None

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        _frozen("xyxy", self.xyxy, np.float32, (None, 4))
        _frozen("score", self.score, np.float32, (n,))
        _frozen("class_id", self.class_id, np.int32, (n,))
        if self.track_id is not None:
            _frozen("track_id", self.track_id, np.int32, (n,))
        if self.keypoints is not None:
            _frozen("keypoints", self.keypoints, np.float32, (n, None, 3))
        if self.corners is not None:
            _frozen("corners", self.corners, np.float32, (n, 4, 2))
        if self.masks is not None:
            self._check_masks()

    def _check_masks(self) -> None:
        assert self.masks is not None
        if len(self.masks) != len(self.xyxy):
            raise ValueError(f"masks: expected {len(self.xyxy)}, got {len(self.masks)}")
        for mask, box in zip(self.masks, self.xyxy, strict=True):
            left, top, right, bottom = mask_region(box)
            _frozen("mask", mask, np.bool_, (bottom - top, right - left))

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, index: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        """The chosen objects, as numpy would choose rows."""
        rows = np.arange(len(self))[index]
        return Detections(
            xyxy=self.xyxy[rows],
            score=self.score[rows],
            class_id=self.class_id[rows],
            track_id=None if self.track_id is None else self.track_id[rows],
            masks=None if self.masks is None else tuple(self.masks[i] for i in rows),
            keypoints=None if self.keypoints is None else self.keypoints[rows],
            corners=None if self.corners is None else self.corners[rows],
        )

    @staticmethod
    def empty() -> Detections:
        """No object at all."""
        return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32))


def mask_region(box_xyxy: Float32 | Sequence[float]) -> tuple[int, int, int, int]:
    """Whole pixels that a box touches: (left, top, right, bottom), right and bottom exclusive."""
    left, top, right, bottom = (float(v) for v in box_xyxy)
    return int(np.floor(left)), int(np.floor(top)), int(np.ceil(right)), int(np.ceil(bottom))


@dataclass(frozen=True, slots=True, eq=False)
class GroundTruth:
    """What is really on a frame, where its source knows.

    Attributes:
        objects: Every object; scores are 1.
        class_names: Name of each class id.
    """

    objects: Detections
    class_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """What the whole picture shows. ``score`` is float32 (C,), 0 to 1, one per class of the card."""

    score: Float32

    def __post_init__(self) -> None:
        _frozen("score", self.score, np.float32, (None,))

    def top(self, count: int) -> list[tuple[int, float]]:
        """The best classes as (class_id, score), best first; ties by class_id."""
        order = np.argsort(-self.score, kind="stable")[:count]
        return [(int(i), float(self.score[i])) for i in order]


@dataclass(frozen=True, slots=True, eq=False)
class SegmentationMap:
    """A class for every pixel, kept at the model's own resolution.

    Attributes:
        class_id: int32 (h, w), index into the card's class names, -1 where the model says nothing.
        region_xyxy: The part of the source that the map covers, in source pixels (float).
    """

    class_id: Int32
    region_xyxy: tuple[float, float, float, float] = field(default=(0.0, 0.0, 0.0, 0.0))

    def __post_init__(self) -> None:
        _frozen("class_id", self.class_id, np.int32, (None, None))

    def shares(self) -> list[tuple[int, float]]:
        """Each class in the map as (class_id, share of the map's pixels, 0 to 1), largest first; ties by class_id."""
        counts = np.bincount(self.class_id.ravel() + 1)[1:]
        order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
        return [(i, float(counts[i]) / self.class_id.size) for i in order]


Result = Detections | Classification | SegmentationMap
