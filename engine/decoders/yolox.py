"""YOLOX, with its boxes raw or decoded in the graph.

Answers to Megvii-BaseDetection/YOLOX ``tools/export_onnx.py`` (``yolox/models/yolo_head.py``, ``YOLOXHead.forward``;
raw unless exported with ``--decode_in_inference``). A row is a box, objectness and C class scores (sigmoid taken). A
raw box is the centre's offset from its cell, counted in cells, and the logarithms of width and height in cells, as
decoded by ``yolox/utils/demo_utils.py``, ``demo_postprocess``; else it is centre x, centre y, width, height in canvas
pixels. Each class of a row is a candidate, as in ``multiclass_nms_class_aware`` there.
"""

from __future__ import annotations

import numpy as np

from engine.cards import ModelCard
from engine.decoders.candidates import every_class
from engine.decoders.grid import grid_cells
from engine.decoders.yolo_tasks import BoxTask
from engine.decoders.yolov5 import ObjectnessHead
from engine.geometry import Indices
from engine.results import Float32, Int32


class _Head(ObjectnessHead):
    """Rows whose boxes are canvas pixels."""

    def _choose(self, scores: Float32, confidence: float) -> tuple[Indices, Float32, Int32]:
        return every_class(scores, confidence)


class _RawHead(_Head):
    """Rows whose boxes are offsets from the cells of a grid."""

    def __init__(self, card: ModelCard) -> None:
        self._cells, self._strides = grid_cells(card.input.height, card.input.width, card.options["strides"])
        super().__init__(card, rows=len(self._cells))

    def _cxcywh(self, box: Float32, row: Indices) -> Float32:
        with np.errstate(over="ignore"):  # an untrained net's sizes; boxes that are not finite are dropped later
            parts = (box[:, :2] + self._cells[row], np.exp(box[:, 2:]))
        return np.concatenate(parts, axis=1) * self._strides[row]


class YoloXDecoder(BoxTask):
    """Boxes: output (B, N, 5 + C)."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(_RawHead(card) if card.options["raw"] else _Head(card))
