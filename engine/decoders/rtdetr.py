"""RT-DETR, D-FINE and DEIM with their own post-processing in the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from engine.cards import ModelCard, Thresholds
from engine.decoders.candidates import each_picture, read_output
from engine.decoders.finished import finished_detections
from engine.frames import CanvasGeometry
from engine.results import Result


class RtDetrDecoder:
    """Labels (B, N), boxes (B, N, 4) as left, top, right, bottom in canvas pixels, scores (B, N).

    Layout of lyuwenyu/RT-DETR (``tools/export_onnx.py``; ``rtdetr_postprocessor.py``, ``RTDETRPostProcessor.forward``
    in deploy mode), Peterande/D-FINE and DEIM (``dfine_postprocessor.py``, the same). Boxes are in pixels of whatever
    the input ``orig_target_sizes`` says, which is always the canvas. A set prediction has no overlap to suppress: the
    best query and class pairs are in the graph's answer already, and there is no NMS of ours.
    """

    def __init__(self, card: ModelCard) -> None:
        self._roles = card.roles

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        boxes = read_output(outputs, self._roles["boxes"], (None, None, 4))
        scores, labels = (read_output(outputs, self._roles[role], boxes.shape[:2]) for role in ("scores", "labels"))
        pictures = each_picture(geometries, zip(boxes, scores, labels, strict=True))
        return [finished_detections(*answer, geometry, thresholds) for geometry, answer in pictures]
