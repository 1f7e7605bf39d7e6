"""DETR, RF-DETR and others of their kind that leave post-processing to us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from engine.cards import ModelCard, Thresholds
from engine.decoders.activations import logit, sigmoid, softmax
from engine.decoders.candidates import best_class, best_first, detections, each_picture, every_class, read_output
from engine.decoders.finished import canvas_whwh
from engine.frames import CanvasGeometry
from engine.geometry import Indices, cxcywh_to_xyxy
from engine.results import Detections, Float32, Int32, Result


class DetrDecoder:
    """Boxes (B, N, 4) as centre and size in shares of the canvas, and class logits (B, N, C).

    With ``background_last`` as facebookresearch/detr (``models/detr.py``, ``PostProcess.forward``) and transformers
    (``DetrImageProcessor.post_process_object_detection``): softmax over all classes, the last one is "no object", the
    best of the others counts. Without it as RF-DETR (``src/rfdetr/models/postprocess.py``,
    ``PostProcess._select_topk``), and RT-DETR and D-FINE in transformers
    (``RTDetrImageProcessor.post_process_object_detection``): sigmoid, every pair of query and class counts. Columns
    before ``first_class`` are not in the card's class names. A set prediction has no overlap to suppress, so there is
    no NMS.
    """

    def __init__(self, card: ModelCard) -> None:
        self._roles = card.roles
        self._background_last = bool(card.options["background_last"])
        self._first_class = int(card.options["first_class"])

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        boxes = read_output(outputs, self._roles["boxes"], (None, None, 4))
        logits = read_output(outputs, self._roles["logits"], (*boxes.shape[:2], None))
        pictures = each_picture(geometries, zip(boxes, logits, strict=True))
        return [self._decode_picture(*queries, geometry, thresholds) for geometry, queries in pictures]

    def _decode_picture(
        self, boxes: Float32, logits: Float32, geometry: CanvasGeometry, thresholds: Thresholds
    ) -> Detections:
        queries, score, class_id = self._choose(logits, thresholds.confidence)
        xyxy = cxcywh_to_xyxy(boxes[queries]) * canvas_whwh(geometry)
        return detections(best_first(xyxy, score, geometry, thresholds), xyxy, score, class_id, geometry)

    def _choose(self, logits: Float32, confidence: float) -> tuple[Indices, Float32, Int32]:
        """Queries (M,), scores (M,) and classes (M,) that reach the threshold."""
        if self._background_last:
            return best_class(softmax(logits)[:, self._first_class : -1].T, confidence)
        queries, score, class_id = every_class(logits[:, self._first_class :], logit(confidence))
        return queries, sigmoid(score), class_id
