"""Answers that are finished when they leave the graph: set predictions and NMS inside. There is no NMS of ours."""

from __future__ import annotations

import numpy as np

from engine.cards import Thresholds
from engine.decoders.candidates import best_first, detections
from engine.frames import CanvasGeometry
from engine.results import Detections, Float32


def finished_detections(
    xyxy: Float32, score: Float32, label: Float32, geometry: CanvasGeometry, thresholds: Thresholds
) -> Detections:
    """What of a finished answer reaches the threshold, in source pixels.

    Args:
        xyxy: float32 (N, 4), canvas pixels.
        score: float32 (N,).
        label: float32 (N,), whole numbers; a negative one is no object (background, padding).
        geometry: Where the picture lies.
        thresholds: Smallest score and number kept.
    """
    objects = label >= 0
    xyxy, score, class_id = xyxy[objects], score[objects], label[objects].astype(np.int32)
    rows = best_first(xyxy, score, geometry, thresholds)
    return detections(rows, xyxy, score, class_id, geometry)


def canvas_whwh(geometry: CanvasGeometry) -> Float32:
    """Width, height, width, height of the canvas, float32 (4,): what shares of the canvas are multiplied with."""
    return np.array((geometry.canvas_width, geometry.canvas_height) * 2, np.float32)
