"""COCO's figures for what a detector finds on rendered frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataset import HEIGHT, WIDTH, Image, Objects
from engine.geometry import cxcywh_to_xyxy, nms
from engine.optimise.evaluate import THRESHOLDS, Accuracy, Truth, coco_accuracy
from engine.results import Detections
from engine.scene import CLASS_NAMES

Detect = Callable[[Image], Detections]
"""A picture uint8 (288, 512, 3), BGR, to what is found on it, in its pixels."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Accuracy of all classes together, and AP50 by class name."""

    all: Accuracy
    ap50_by_class: dict[str, float]


def measure(detect: Detect, frames: Iterable[tuple[Image, Objects]]) -> Figures:
    """Run a detector over frames and compare what it finds with their truth."""
    annotations: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    ids: dict[str, int] = {}
    for number, (picture, truth) in enumerate(frames, 1):
        ids[str(number)] = number
        annotations += _rows(number, truth.boxes, truth.classes)
        detections = detect(picture)
        rows = _rows(number, detections.xyxy, detections.class_id)
        found += [{**row, "score": score} for row, score in zip(rows, detections.score.tolist(), strict=True)]
    return figures(_document(ids, annotations), found)


def figures(truth: Truth, found: list[dict[str, Any]]) -> Figures:
    """COCO's figures, and AP50 of each class measured alone."""
    classes = dict.fromkeys(range(len(CLASS_NAMES)))
    by_class = {
        CLASS_NAMES[c]: coco_accuracy(truth, [row for row in found if row["category_id"] == c], {c: c}).ap50
        for c in classes
    }
    return Figures(coco_accuracy(truth, found, {c: c for c in classes}), by_class)


def _document(ids: dict[str, int], annotations: list[dict[str, Any]]) -> Truth:
    images = [{"id": id_, "file_name": name, "width": WIDTH, "height": HEIGHT} for name, id_ in ids.items()]
    categories = [{"id": c, "name": name} for c, name in enumerate(CLASS_NAMES)]
    return Truth({"images": images, "annotations": annotations, "categories": categories}, ids)


def _rows(image_id: int, boxes: NDArray[np.float32], classes: NDArray[Any]) -> list[dict[str, Any]]:
    """Boxes (N, 4) as COCO writes them: x, y, width, height."""
    sized = np.column_stack((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]))
    return [
        {"image_id": image_id, "category_id": class_id, "bbox": box}
        for class_id, box in zip(classes.tolist(), sized.tolist(), strict=True)
    ]


def detections_of(output: NDArray[np.float32]) -> Detections:
    """Objects in one picture's output (4 + C, A) as the deployed detector gives it; a cell's best class counts."""
    classes = output[4:].argmax(0).astype(np.int32)
    cells = np.flatnonzero(output[4:].max(0) >= THRESHOLDS.confidence)
    classes, scores = classes[cells], output[4 + classes[cells], cells]
    boxes = cxcywh_to_xyxy(output[:4, cells].T).clip(0, (WIDTH, HEIGHT, WIDTH, HEIGHT)).astype(np.float32)
    kept = nms(boxes, scores, classes, THRESHOLDS.iou, THRESHOLDS.max_detections)
    return Detections(boxes[kept], scores[kept], classes[kept])
