"""YOLOv10, YOLO26 and exports with ``nms=True``: rows that need no NMS any more.

Answers to ``ultralytics/nn/modules/head.py``, ``postprocess`` of ``Detect``, ``Segment``, ``Pose`` and ``OBB`` (and
``v10Detect``), and to ``ultralytics/engine/exporter.py``, ``NMSModel``. A row is left, top, right, bottom in canvas
pixels (of oriented boxes: centre x, centre y, width, height), score, class, then what the task adds. Unused rows have
a score of 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.cards import ModelCard, Thresholds
from engine.decoders.candidates import best_first, read_output
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
from engine.geometry import Indices
from engine.results import Float32


class _Head(YoloHead):
    """The rows; ``extra`` numbers follow the class (None: as many as there are)."""

    def __init__(self, card: ModelCard, extra: int | None) -> None:
        self._output = card.roles["output"]
        self._shape = (None, None, None if extra is None else 6 + extra)

    def candidates(self, outputs: Outputs, confidence: float) -> Iterator[YoloCandidates]:
        for picture in read_output(outputs, self._output, self._shape):
            rows = picture[picture[:, 4] >= confidence]
            yield YoloCandidates(rows[:, :4], rows[:, 4], np.rint(rows[:, 5]).astype(np.int32), rows[:, 6:])

    def keep(self, found: YoloCandidates, xyxy: Float32, geometry: CanvasGeometry, thresholds: Thresholds) -> Indices:
        return best_first(xyxy, found.score, geometry, thresholds)


class YoloEnd2EndDecoder(BoxTask):
    """Boxes: output (B, N, 6)."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(_Head(card, extra=0))


class YoloEnd2EndSegDecoder(MaskTask):
    """Boxes and masks: M coefficients follow the class."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(card, _Head(card, extra=None))


class YoloEnd2EndPoseDecoder(PoseTask):
    """Boxes and keypoints: these follow the class."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(card, _Head(card, extra=keypoint_numbers(card)))


class YoloEnd2EndObbDecoder(OrientedTask):
    """Oriented boxes: an angle in radians follows the class."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__(_Head(card, extra=1))
