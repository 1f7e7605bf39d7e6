"""YOLOv5, v6 and v7 with their boxes decoded in the graph: rows with an objectness.

Answers to ultralytics/yolov5 ``export.py`` (``models/yolo.py``, ``Detect.forward``), meituan/YOLOv6
``deploy/ONNX/export_onnx.py`` (``yolov6/models/effidehead.py``, ``Detect.forward``, whose objectness is 1) and
WongKinYiu/yolov7 ``export.py --grid`` (``models/yolo.py``, ``IDetect``). A row is centre x, centre y, width and height
in canvas pixels, objectness, C class scores (sigmoid taken); the score is objectness times class score, the best class
counts (``utils/general.py``, ``non_max_suppression``).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.cards import ModelCard
from engine.decoders.candidates import best_class, read_output
from engine.decoders.yolo_tasks import BoxTask, Outputs, YoloCandidates, YoloHead
from engine.geometry import Indices, cxcywh_to_xyxy
from engine.results import Float32, Int32


class ObjectnessHead(YoloHead):
    """Rows (B, N, 5 + C) of a box, an objectness and class scores."""

    def __init__(self, card: ModelCard, rows: int | None = None) -> None:
        self._output = card.roles["output"]
        self._shape = (None, rows, 5 + int(card.options["classes"]))

    def candidates(self, outputs: Outputs, confidence: float) -> Iterator[YoloCandidates]:
        """See ``YoloHead.candidates``."""
        for picture in read_output(outputs, self._output, self._shape):
            # No class score exceeds 1, so most rows are ruled out by their objectness alone.
            likely = np.flatnonzero(picture[:, 4] >= confidence)
            rows = picture[likely]
            chosen, score, class_id = self._choose(rows[:, 5:] * rows[:, 4:5], confidence)
            box = self._cxcywh(rows[chosen, :4], likely[chosen])
            yield YoloCandidates(cxcywh_to_xyxy(box), score, class_id, rows[chosen, :0])

    def _choose(self, scores: Float32, confidence: float) -> tuple[Indices, Float32, Int32]:
        """Row, score and class of what reaches the threshold, from scores (N, C): the best class of each row."""
        return best_class(scores.T, confidence)

    def _cxcywh(self, box: Float32, row: Indices) -> Float32:
        """Boxes in canvas pixels from the numbers of these rows."""
        return box


class YoloV5Decoder(BoxTask):
    """Boxes: output (B, N, 5 + C)."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(ObjectnessHead(card))
