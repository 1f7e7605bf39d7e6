"""Pure array maths: fitting a picture onto its canvas and leading back, box formats, overlap, NMS.

Positions are edge coordinates: 0 is the left edge of the first pixel, ``width`` the right edge of the last one. In
these a resize is exactly ``canvas = source * scale + offset``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.cards import Fit, InputSpec
from engine.frames import CanvasGeometry, Image
from engine.opencv import cv2
from engine.results import Float32

Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

MOST_CANDIDATES = 30_000
"""Only so many of the best candidates enter NMS, so that a threshold of 0 does not stop a lane for seconds."""

_BLOCK = 128
"""Candidates that NMS compares at once: fastest of 64, 128 and 256 from 5 to 25,000 candidates."""

_TINY = float(np.finfo(np.float32).tiny)


# Fitting: from the source onto the canvas -----------------------------------------------------------------------------


def fit_geometry(source_width: int, source_height: int, spec: InputSpec) -> CanvasGeometry:
    """Where a picture of this size lies on the canvas of ``spec``.

    The scales are those of the whole pixels that are really resized, so the way back is exact even where rounding
    changes the aspect ratio (a source of 1 x 5000). Rounding follows those who train with the fit: centred letterboxes
    round to the nearest pixel and put the odd one to the right and below (``ultralytics/data/augment.py``,
    ``LetterBox``), letterboxes at the top left round down (``yolox/data/data_augment.py``, ``preproc``).

    Args:
        source_width: Width of the picture in pixels, at least 1.
        source_height: Height of the picture in pixels, at least 1.
        spec: Canvas size and fit.
    """
    if spec.fit is Fit.CROP:
        left, top, right, bottom = _cropped_region(source_width, source_height, spec)
        scale_x, scale_y = spec.width / (right - left), spec.height / (bottom - top)
        offset_x, offset_y = -left * scale_x, -top * scale_y
    else:
        left, top, right, bottom = _fitted_region(source_width, source_height, spec)
        scale_x, scale_y = (right - left) / source_width, (bottom - top) / source_height
        offset_x, offset_y = float(left), float(top)
    return CanvasGeometry(scale_x, scale_y, offset_x, offset_y, source_width, source_height, spec.width, spec.height)


def fit_onto_canvas(image: Image, canvas: Image, spec: InputSpec) -> CanvasGeometry:
    """Write a picture onto a canvas, border included, with nothing left of what was there before.

    Bilinear without low-pass, as the models' own pre-processing does and as their accuracy was measured.

    Args:
        image: uint8 (h, w, 3), BGR.
        canvas: uint8 (H, W, 3), BGR, of the size that ``spec`` says; written in place.
        spec: Canvas size, fit and border colour.

    Returns:
        Where the picture lies on the canvas.

    Raises:
        ValueError: The canvas does not have the shape of ``spec``.
        RuntimeError: The resize did not write onto the canvas.
    """
    if canvas.shape != (spec.height, spec.width, 3) or canvas.dtype != np.uint8:
        raise ValueError(f"canvas: expected uint8 {(spec.height, spec.width, 3)}, got {canvas.dtype} {canvas.shape}")
    height, width = image.shape[:2]
    region = canvas
    if spec.fit is Fit.CROP:
        left, top, right, bottom = _cropped_region(width, height, spec)
        image = image[top:bottom, left:right]
    else:
        left, top, right, bottom = _fitted_region(width, height, spec)
        _fill_border(canvas, (left, top, right, bottom), spec.pad_bgr)
        region = canvas[top:bottom, left:right]
    written = cv2.resize(image, (region.shape[1], region.shape[0]), dst=region, interpolation=cv2.INTER_LINEAR)
    if written is not region:  # cv2 silently makes a new array when it finds that dst does not fit
        raise RuntimeError(f"the resize did not write onto the canvas: {image.dtype} {image.shape} to {region.shape}")
    return fit_geometry(width, height, spec)


def _fitted_region(width: int, height: int, spec: InputSpec) -> tuple[int, int, int, int]:
    """Whole canvas pixels that a letterboxed or stretched source fills: left, top, right, bottom."""
    if spec.fit is Fit.STRETCH:
        return 0, 0, spec.width, spec.height
    scale = min(spec.width / width, spec.height / height)
    if spec.fit is Fit.LETTERBOX_TOP_LEFT:  # rounds down; the small sum keeps an exact fit from losing a pixel
        fitted_width, fitted_height = int(width * scale + 1e-6), int(height * scale + 1e-6)
    else:
        fitted_width, fitted_height = round(width * scale), round(height * scale)
    fitted_width, fitted_height = max(1, fitted_width), max(1, fitted_height)
    left = top = 0
    if spec.fit is Fit.LETTERBOX_CENTRE:
        left, top = (spec.width - fitted_width) // 2, (spec.height - fitted_height) // 2
    return left, top, left + fitted_width, top + fitted_height


def _cropped_region(width: int, height: int, spec: InputSpec) -> tuple[int, int, int, int]:
    """Whole source pixels in the canvas' aspect ratio, from the middle: left, top, right, bottom."""
    scale = max(spec.width / width, spec.height / height)
    cropped_width = min(width, max(1, round(spec.width / scale)))
    cropped_height = min(height, max(1, round(spec.height / scale)))
    left, top = (width - cropped_width) // 2, (height - cropped_height) // 2
    return left, top, left + cropped_width, top + cropped_height


def _fill_border(canvas: Image, inner: tuple[int, int, int, int], colour_bgr: tuple[int, int, int]) -> None:
    left, top, right, bottom = inner
    for strip in (canvas[:top], canvas[bottom:], canvas[top:bottom, :left], canvas[top:bottom, right:]):
        if strip.size == 0:
            continue
        if len(set(colour_bgr)) == 1:
            strip.fill(colour_bgr[0])  # fifty times faster than a broadcast of three values
        else:
            strip[:] = colour_bgr


# Back: from the canvas to the source ----------------------------------------------------------------------------------


def points_to_source(xy: NDArray[np.floating], geometry: CanvasGeometry) -> Float32:
    """Canvas pixels to source pixels, not clipped: float (..., 2) -> float32 (..., 2)."""
    offset = np.array((geometry.offset_x, geometry.offset_y), np.float32)
    scale = np.array((geometry.scale_x, geometry.scale_y), np.float32)
    return (np.asarray(xy, np.float32) - offset) / scale


def boxes_to_source(xyxy: NDArray[np.floating], geometry: CanvasGeometry) -> Float32:
    """Boxes from canvas pixels to source pixels, clipped to the picture: float (N, 4) -> float32 (N, 4)."""
    boxes = points_to_source(xyxy.reshape(-1, 2, 2), geometry).reshape(-1, 4)
    limits = np.array((geometry.source_width, geometry.source_height) * 2, np.float32)
    return np.clip(boxes, np.float32(0), limits, out=boxes)


def within_source(xyxy: NDArray[np.floating], geometry: CanvasGeometry) -> Flags:
    """Which boxes, float (N, 4) in canvas pixels, are finite and have an area inside the picture: bool (N,)."""
    left, top = geometry.offset_x, geometry.offset_y
    right = left + geometry.source_width * geometry.scale_x
    bottom = top + geometry.source_height * geometry.scale_y
    x1, y1, x2, y2 = xyxy.T
    area = (np.minimum(x2, right) > np.maximum(x1, left)) & (np.minimum(y2, bottom) > np.maximum(y1, top))
    inside: Flags = area & np.isfinite(xyxy).all(axis=1)
    return inside


# Boxes ----------------------------------------------------------------------------------------------------------------


def cxcywh_to_xyxy(boxes: NDArray[np.floating]) -> Float32:
    """Centre and size to corners: float (N, 4) -> float32 (N, 4); NaN where both are infinite (FP16 overflows)."""
    boxes = np.asarray(boxes, np.float32)
    half = boxes[:, 2:4] * np.float32(0.5)
    with np.errstate(invalid="ignore"):
        return np.concatenate((boxes[:, :2] - half, boxes[:, :2] + half), axis=1)


def iou_matrix(a: Float32, b: Float32) -> Float32:
    """Intersection over union of each box of ``a`` (N, 4) with each of ``b`` (M, 4), xyxy: float32 (N, M), 0 to 1."""
    # Column by column: arrays of pairs would triple the time.
    ax1, ay1, ax2, ay2 = a.T[:, :, None]
    bx1, by1, bx2, by2 = b.T
    width = np.minimum(ax2, bx2) - np.maximum(ax1, bx1)
    height = np.minimum(ay2, by2) - np.maximum(ay1, by1)
    intersection = np.maximum(width, np.float32(0)) * np.maximum(height, np.float32(0))
    union = _areas(a)[:, None] + _areas(b) - intersection
    overlap: Float32 = intersection / np.maximum(union, _TINY)
    return overlap


def _areas(xyxy: Float32) -> Float32:
    x1, y1, x2, y2 = xyxy.T
    area: Float32 = np.maximum(x2 - x1, np.float32(0)) * np.maximum(y2 - y1, np.float32(0))
    return area


def rotated_corners(cxcywha: NDArray[np.floating]) -> Float32:
    """Corners of rotated boxes, in order round the box: float (N, 5) -> float32 (N, 4, 2).

    The angle is in radians from the x axis towards the y axis (clockwise on the screen), as in Ultralytics
    (``ultralytics/utils/ops.py``, ``xywhr2xyxyxyxy``).
    """
    centre, size, angle = cxcywha[:, :2], cxcywha[:, 2:4], cxcywha[:, 4]
    cos, sin = np.cos(angle), np.sin(angle)
    along = np.stack((cos, sin), axis=1) * size[:, :1] / 2
    across = np.stack((-sin, cos), axis=1) * size[:, 1:] / 2
    corners = (centre + along + across, centre + along - across, centre - along - across, centre - along + across)
    return np.stack(corners, axis=1).astype(np.float32)


def enclosing_boxes(corners: Float32) -> Float32:
    """Smallest upright boxes round corners: float32 (N, 4, 2) -> float32 (N, 4) xyxy."""
    return np.concatenate((corners.min(axis=1), corners.max(axis=1)), axis=1)


def probiou_matrix(a: NDArray[np.floating], b: NDArray[np.floating]) -> Float32:
    """Overlap of rotated boxes ``a`` (N, 5) and ``b`` (M, 5), (cx, cy, w, h, radians): float32 (N, M), 0 to 1.

    Boxes are taken as Gaussians and compared by one minus their Hellinger distance: ProbIoU of Llerena et al. 2021
    (arXiv 2106.06072, equations 4 to 11), by which Ultralytics suppresses oriented boxes
    (``ultralytics/utils/metrics.py``, ``batch_probiou``).
    """
    xx, yy, xy = (p[:, None] + q[None, :] for p, q in zip(_covariances(a), _covariances(b), strict=True))
    dx, dy = (a[:, None, i].astype(np.float64) - b[None, :, i] for i in (0, 1))
    determinant = np.maximum(xx * yy - xy**2, _TINY)
    distance = (yy * dx**2 + xx * dy**2 - 2 * xy * dx * dy) / (4 * determinant)
    own = np.sqrt(_determinants(a)[:, None] * _determinants(b)[None, :])
    distance += np.log(determinant / np.maximum(4 * own, _TINY)) / 2
    return np.asarray(1 - np.sqrt(-np.expm1(-np.maximum(distance, 0))), np.float32)


def _covariances(boxes: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Second moments xx, yy and xy of uniformly filled boxes (N, 5)."""
    along, across = (boxes[:, i].astype(np.float64) ** 2 / 12 for i in (2, 3))
    cos, sin = np.cos(boxes[:, 4].astype(np.float64)), np.sin(boxes[:, 4].astype(np.float64))
    return along * cos**2 + across * sin**2, along * sin**2 + across * cos**2, (along - across) * cos * sin


def _determinants(boxes: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray((boxes[:, 2].astype(np.float64) * boxes[:, 3].astype(np.float64) / 12) ** 2)


# Non-maximum suppression ----------------------------------------------------------------------------------------------


def nms(xyxy: Float32, score: Float32, class_id: NDArray[np.integer], iou: float, limit: int) -> Indices:
    """Greedy NMS within each class.

    Args:
        xyxy: float32 (N, 4), finite.
        score: float32 (N,); of equal scores the earlier one comes first.
        class_id: int (N,).
        iou: A box that overlaps a better one of its class by more than this is dropped, 0 to 1.
        limit: At most so many boxes are kept.

    Returns:
        intp (M,), indices of what is kept, best first.
    """

    def same_object(a: Indices, b: Indices) -> Flags:
        flags: Flags = (iou_matrix(xyxy[a], xyxy[b]) > iou) & (class_id[a][:, None] == class_id[b])
        return flags

    return _suppress(score, same_object, limit)


def nms_rotated(cxcywha: Float32, score: Float32, class_id: NDArray[np.integer], iou: float, limit: int) -> Indices:
    """As ``nms``, for rotated boxes float32 (N, 5) (cx, cy, w, h, radians) and ProbIoU."""

    def same_object(a: Indices, b: Indices) -> Flags:
        flags: Flags = (probiou_matrix(cxcywha[a], cxcywha[b]) > iou) & (class_id[a][:, None] == class_id[b])
        return flags

    return _suppress(score, same_object, limit)


def _suppress(score: Float32, same_object: Callable[[Indices, Indices], Flags], limit: int) -> Indices:
    """Block by block, best first: drop what something kept covers, then settle the block within itself."""
    order = np.argsort(-score, kind="stable")[:MOST_CANDIDATES]
    kept = order[:0]
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        if len(kept):
            block = block[~same_object(kept, block).any(axis=0)]
        kept = np.concatenate((kept, block[_settle(same_object(block, block))]))
        if len(kept) >= limit:
            break
    return kept[:limit]


def _settle(same_object: Flags) -> Flags:
    """Which boxes of a block, bool (N, N) best first, no better one covers: bool (N,)."""
    same_object = np.triu(same_object, 1)
    alive = np.ones(len(same_object), np.bool_)
    for i in np.flatnonzero(same_object.any(axis=1)):
        if alive[i]:
            alive &= ~same_object[i]
    return alive
