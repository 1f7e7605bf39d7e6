"""Detectors whose exporter appended NMS to the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import ModelCard, Thresholds
from engine.decoders.candidates import each_picture, read_output
from engine.decoders.finished import canvas_whwh, finished_detections
from engine.frames import CanvasGeometry
from engine.results import Float32, Result


class NmsInGraphDecoder:
    """Count (B, 1) or (B,), boxes (B, N, 4), scores and classes (B, N); rows from the count on are padding.

    Layout of TensorRT's EfficientNMS (``plugin/efficientNMSPlugin/README.md``, *Outputs*), which super-gradients
    writes in plain ONNX (``src/super_gradients/conversion/onnx/nms.py``, ``ConvertFlatTensorToTRTFormat``). The corners
    keep the order that the network was trained with, so TensorFlow's come as top, left, bottom, right.
    """

    def __init__(self, card: ModelCard) -> None:
        self._roles = card.roles
        self._columns = [1, 0, 3, 2] if card.options["box_format"] == "yxyx" else [0, 1, 2, 3]
        self._normalised = bool(card.options["normalised"])

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        boxes = read_output(outputs, self._roles["boxes"], (None, None, 4))
        scores, labels = (read_output(outputs, self._roles[role], boxes.shape[:2]) for role in ("scores", "classes"))
        counts = self._read_counts(outputs, len(boxes))
        pictures = each_picture(geometries, zip(boxes, scores, labels, counts, strict=True))
        return [
            finished_detections(self._to_canvas(box[:n], geometry), score[:n], label[:n], geometry, thresholds)
            for geometry, (box, score, label, n) in pictures
        ]

    def _read_counts(self, outputs: Mapping[str, NDArray[Any]], batch: int) -> NDArray[np.intp]:
        return read_output(outputs, self._roles["count"], (batch, 1), (batch,)).reshape(-1).astype(np.intp)

    def _to_canvas(self, boxes: Float32, geometry: CanvasGeometry) -> Float32:
        xyxy = boxes[:, self._columns]
        return xyxy * canvas_whwh(geometry) if self._normalised else xyxy
