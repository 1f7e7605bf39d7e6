"""Masks of single objects from coefficients and prototypes (YOLACT, arXiv 1904.02689), only where their boxes are."""

from __future__ import annotations

import numpy as np

from engine.frames import CanvasGeometry
from engine.opencv import cv2
from engine.results import Float32, Mask, mask_region


def instance_masks(
    coefficients: Float32, prototypes: Float32, boxes_xyxy: Float32, geometry: CanvasGeometry
) -> tuple[Mask, ...]:
    """Where ``sigmoid(coefficients @ prototypes)`` exceeds 0.5, that is where the product is positive.

    The product is interpolated linearly to the source's pixels, as Ultralytics does for whole pictures
    (``ultralytics/utils/ops.py``, ``process_mask_native``), but inside the box only.

    Args:
        coefficients: float32 (N, M).
        prototypes: float32 (M, h, w), covering the whole canvas.
        boxes_xyxy: float32 (N, 4), source pixels.
        geometry: Where the picture lies on the canvas.

    Returns:
        N boolean arrays, each of the shape of its box' ``mask_region``.
    """
    height, width = prototypes.shape[1:]
    flat = prototypes.reshape(len(prototypes), -1)
    planes = ((row @ flat).reshape(height, width) for row in coefficients)
    return tuple(_mask(plane, box, geometry) for plane, box in zip(planes, boxes_xyxy, strict=True))


def _mask(plane: Float32, box_xyxy: Float32, geometry: CanvasGeometry) -> Mask:
    left, top, right, bottom = mask_region(box_xyxy)
    if right <= left or bottom <= top:
        return np.zeros((bottom - top, right - left), np.bool_)
    step_x = plane.shape[1] / geometry.canvas_width
    step_y = plane.shape[0] / geometry.canvas_height
    # Centre of a source pixel -> canvas -> plane -> index of the plane's pixel that has its centre there.
    start_x = ((left + 0.5) * geometry.scale_x + geometry.offset_x) * step_x - 0.5
    start_y = ((top + 0.5) * geometry.scale_y + geometry.offset_y) * step_y - 0.5
    to_plane = np.array(((geometry.scale_x * step_x, 0, start_x), (0, geometry.scale_y * step_y, start_y)))
    product = cv2.warpAffine(
        plane,
        to_plane,
        (right - left, bottom - top),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(product > 0, np.bool_)
