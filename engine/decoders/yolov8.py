"""YOLOv8, v9, 11, 12 and 26 without its end-to-end head: one dense output of boxes, class scores and extras.

Answers to the ONNX and OpenVINO exports of Ultralytics: ``ultralytics/nn/modules/head.py``, ``_inference`` of
``Detect``, ``Segment``, ``Pose`` and ``OBB``. A candidate is a column: centre x, centre y, width and height in canvas
pixels, C class scores (sigmoid taken), then what the task adds. Its best class counts, and NMS runs within each class,
as in ``ultralytics/utils/nms.py``, ``non_max_suppression``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.cards import ModelCard, Thresholds
from engine.decoders.candidates import best_class, read_output
from engine.decoders.yolo_tasks import (
    BoxTask,
    MaskTask,
    OrientedTask,
    Outputs,
    PoseTask,
    YoloCandidates,
    YoloHead,
    keypoint_numbers,
)
from engine.frames import CanvasGeometry
from engine.geometry import Indices, cxcywh_to_xyxy, nms_rotated, within_source
from engine.results import Float32


class _Head(YoloHead):
    """The dense output; ``extra`` numbers follow the class scores (None: as many as there are)."""

    def __init__(self, card: ModelCard, extra: int | None) -> None:
        self._output = card.roles["output"]
        self._transposed = bool(card.options["transposed"])
        self._first_extra = 4 + int(card.options["classes"])
        rows = None if extra is None else self._first_extra + extra
        self._shape = (None, None, rows) if self._transposed else (None, rows, None)

    def candidates(self, outputs: Outputs, confidence: float) -> Iterator[YoloCandidates]:
        for picture in read_output(outputs, self._output, self._shape):
            columns = picture.T if self._transposed else picture
            rows, score, class_id = best_class(columns[4 : self._first_extra], confidence)
            box = self._box(columns[:4, rows].T)
            yield YoloCandidates(box, score, class_id, columns[self._first_extra :, rows].T)

    def _box(self, cxcywh: Float32) -> Float32:
        return cxcywh_to_xyxy(cxcywh)


class _OrientedHead(_Head):
    """The dense output with an angle; boxes are compared as Ultralytics does, by ProbIoU."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(card, extra=1)

    def _box(self, cxcywh: Float32) -> Float32:
        return cxcywh

    def keep(self, found: YoloCandidates, xyxy: Float32, geometry: CanvasGeometry, thresholds: Thresholds) -> Indices:
        rows = np.flatnonzero(within_source(xyxy, geometry))
        boxes = np.concatenate((found.box, found.extra), axis=1)[rows]
        kept = nms_rotated(boxes, found.score[rows], found.class_id[rows], thresholds.iou, thresholds.max_detections)
        return rows[kept]


class YoloV8Decoder(BoxTask):
    """Boxes: output (B, 4 + C, N), or transposed."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(_Head(card, extra=0))


class YoloV8SegDecoder(MaskTask):
    """Boxes and masks: M coefficients follow the class scores."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(card, _Head(card, extra=None))


class YoloV8PoseDecoder(PoseTask):
    """Boxes and keypoints: these follow the class scores."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(card, _Head(card, extra=keypoint_numbers(card)))


class YoloV8ObbDecoder(OrientedTask):
    """Oriented boxes: an angle in radians follows the class scores."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(_OrientedHead(card))
