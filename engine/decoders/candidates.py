"""What decoders share: reading an output, choosing among candidates, leading them back to the source.

A head proposes N candidates. A decoder reduces them to those above the threshold (``best_class`` or ``every_class``
where there are scores per class), gets the rows to keep, best first, from ``without_overlap`` (heads that need NMS)
or ``best_first`` (heads that do not), and hands these rows to ``detections``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.cards import Thresholds
from engine.errors import ModelError
from engine.frames import CanvasGeometry
from engine.geometry import Indices, boxes_to_source, nms, points_to_source, within_source
from engine.opencv import cv2
from engine.results import Detections, Float32, Int32

_T = TypeVar("_T")


def read_output(outputs: Mapping[str, NDArray[Any]], name: str, *shapes: tuple[int | None, ...]) -> Float32:
    """One output as float32, a view where it is float32 already.

    Args:
        outputs: Output name -> array.
        name: The output wanted.
        shapes: What the card promises, one shape or several to choose from; None matches any length.

    Raises:
        ModelError: The output is missing or has another shape.
    """
    array = outputs.get(name)
    if array is None:
        raise ModelError(
            "The model did not give this output",
            subject=name,
            expected=_promised(shapes),
            remedy="Correct the model's family or options",
        )
    if not any(_fits(array.shape, shape) for shape in shapes):
        raise ModelError(
            f"The output has the shape {array.shape}",
            subject=name,
            expected=_promised(shapes),
            remedy="Correct the model's family or options",
        )
    if array.dtype == np.float16 and array.size:
        # OpenCV widens with the processor's own instruction, eight times faster than numpy.
        wide = cv2.add(array.reshape(1, -1), np.zeros(4), dtype=cv2.CV_32F)
        return np.asarray(wide, np.float32).reshape(array.shape)
    return np.asarray(array, np.float32)


def each_picture(geometries: Sequence[CanvasGeometry], found: Iterable[_T]) -> Iterator[tuple[CanvasGeometry, _T]]:
    """Pairs of geometry and what was found on that picture; what lies beyond the geometries is not asked for.

    Raises:
        ModelError: There are fewer pictures than geometries.
    """
    remaining = iter(found)
    for number, geometry in enumerate(geometries):
        try:
            yield geometry, next(remaining)
        except StopIteration:
            raise ModelError(
                f"The outputs hold {number} pictures",
                expected=f"{len(geometries)}, one for each picture of the batch",
                remedy="Use a batch of 1",
            ) from None


def _fits(shape: tuple[int, ...], promised: tuple[int | None, ...]) -> bool:
    if len(shape) != len(promised):
        return False
    return all(want is None or want == have for want, have in zip(promised, shape, strict=True))


def _promised(shapes: tuple[tuple[int | None, ...], ...]) -> str:
    words = (", ".join("any" if length is None else str(length) for length in shape) for shape in shapes)
    return " or ".join(f"an array ({lengths})" for lengths in words)


def best_class(class_scores: Float32, confidence: float) -> tuple[Indices, Float32, Int32]:
    """Candidates whose best class reaches the threshold.

    Args:
        class_scores: float32 (C, N); pass the view ``scores.T`` of an (N, C) array.
        confidence: Smallest score kept.

    Returns:
        Rows intp (M,) in rising order, their scores float32 (M,) and classes int32 (M,).
    """
    if class_scores.size and class_scores.strides[0] < class_scores.strides[1]:
        # A maximum along the short, contiguous axis takes five times as long as turning the array first.
        class_scores = np.asarray(cv2.transpose(class_scores.T), np.float32)
    rows = np.flatnonzero(class_scores.max(axis=0) >= confidence)
    chosen = class_scores[:, rows]
    class_id = chosen.argmax(axis=0)
    return rows, chosen[class_id, np.arange(len(rows))], class_id.astype(np.int32)


def every_class(class_scores: Float32, lowest: float) -> tuple[Indices, Float32, Int32]:
    """Each class of a candidate that reaches the threshold as a candidate of its own.

    Args:
        class_scores: float32 (N, C), scores or logits.
        lowest: Smallest value kept.

    Returns:
        Rows intp (M,) in rising order, one for each class that reaches it, their values float32 (M,) and classes
        int32 (M,).
    """
    rows, class_id = np.divmod(np.flatnonzero(class_scores >= lowest), class_scores.shape[1])
    return rows, class_scores[rows, class_id], class_id.astype(np.int32)


def without_overlap(
    xyxy: Float32, score: Float32, class_id: Int32, geometry: CanvasGeometry, thresholds: Thresholds
) -> Indices:
    """Rows to keep after NMS within each class, best first.

    Args:
        xyxy: float32 (N, 4), canvas pixels.
        score: float32 (N,).
        class_id: int32 (N,).
        geometry: Where the picture lies; boxes that do not touch it are dropped.
        thresholds: Smallest score, overlap and number kept.
    """
    rows = np.flatnonzero((score >= thresholds.confidence) & within_source(xyxy, geometry))
    return rows[nms(xyxy[rows], score[rows], class_id[rows], thresholds.iou, thresholds.max_detections)]


def best_first(xyxy: Float32, score: Float32, geometry: CanvasGeometry, thresholds: Thresholds) -> Indices:
    """Rows to keep of a head that needs no NMS, best first; arguments as ``without_overlap``."""
    rows = np.flatnonzero((score >= thresholds.confidence) & within_source(xyxy, geometry))
    return rows[np.argsort(-score[rows], kind="stable")[: thresholds.max_detections]]


def detections(
    rows: Indices,
    xyxy: Float32,
    score: Float32,
    class_id: Int32,
    geometry: CanvasGeometry,
    *,
    keypoints: Float32 | None = None,
    corners: Float32 | None = None,
) -> Detections:
    """The kept rows in source pixels.

    Args:
        rows: Rows to keep, best first.
        xyxy: float32 (N, 4), canvas pixels.
        score: float32 (N,).
        class_id: int32 (N,).
        geometry: Where the picture lies.
        keypoints: float32 (N, K, 3), x and y in canvas pixels and a score, or None.
        corners: float32 (N, 4, 2), canvas pixels, or None.
    """
    if keypoints is not None:
        places = points_to_source(keypoints[rows, :, :2], geometry)
        keypoints = np.concatenate((places, keypoints[rows, :, 2:]), axis=2)
    return Detections(
        xyxy=boxes_to_source(xyxy[rows], geometry),
        score=score[rows],
        class_id=class_id[rows],
        keypoints=keypoints,
        corners=None if corners is None else points_to_source(corners[rows], geometry),
    )
