"""SSD and its kin in three layouts. All end with NMS inside the graph, so there is none of ours.

Labels that count from 1 (0 is the background) are led back to the card's class names by ``first_class``; what lies
below it is no object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import ModelCard, Thresholds
from engine.decoders.candidates import each_picture, read_output
from engine.decoders.finished import canvas_whwh, finished_detections
from engine.frames import CanvasGeometry
from engine.results import Result


class SsdTensorFlowDecoder:
    """Boxes (B, N, 4) as top, left, bottom, right in shares of the canvas, scores, classes (B, N) and count (B,).

    Layout of the TensorFlow object detection API (``research/object_detection/exporter.py``,
    ``add_output_tensor_nodes``, which adds 1 to the class ids), kept by tf2onnx; rows from ``count`` on are padding.
    """

    def __init__(self, card: ModelCard) -> None:
        self._roles = card.roles
        self._first_class = int(card.options["first_class"])

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        boxes = read_output(outputs, self._roles["boxes"], (None, None, 4))
        scores, labels = (read_output(outputs, self._roles[role], boxes.shape[:2]) for role in ("scores", "classes"))
        counts = read_output(outputs, self._roles["count"], boxes.shape[:1]).astype(np.intp)
        xyxy, labels = boxes[..., [1, 0, 3, 2]], labels - self._first_class
        pictures = each_picture(geometries, zip(xyxy, scores, labels, counts, strict=True))
        return [
            finished_detections(box[:n] * canvas_whwh(geometry), score[:n], label[:n], geometry, thresholds)
            for geometry, (box, score, label, n) in pictures
        ]


class SsdOpenVinoDecoder:
    """One list (1, 1, N, 7) for the whole batch: picture, label, score, left, top, right, bottom in canvas shares.

    Layout of OpenVINO's and Caffe's ``DetectionOutput`` (OpenVINO operation specification, ``DetectionOutput-8``): a
    negative picture number ends the list, what follows it is undefined.
    """

    def __init__(self, card: ModelCard) -> None:
        self._output = card.roles["output"]
        self._first_class = int(card.options["first_class"])

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        table = read_output(outputs, self._output, (1, 1, None, 7))[0, 0]
        table = table[np.logical_and.accumulate(table[:, 0] >= 0)]
        pictures = (table[table[:, 0] == i] for i in range(len(geometries)))
        return [
            finished_detections(
                rows[:, 3:] * canvas_whwh(geometry), rows[:, 2], rows[:, 1] - self._first_class, geometry, thresholds
            )
            for rows, geometry in zip(pictures, geometries, strict=True)
        ]


class SsdTorchvisionDecoder:
    """Boxes (N, 4) as left, top, right, bottom, labels (N,) and scores (N,), with or without a batch axis in front.

    Layout of torchvision's detectors (``torchvision/models/detection/transform.py``,
    ``GeneralizedRCNNTransform.postprocess``: boxes in canvas pixels, one picture, no batch axis; label 0 is the
    background) and of the SSD of MLPerf and the ONNX model zoo (shares of the canvas, batch axis).
    """

    def __init__(self, card: ModelCard) -> None:
        self._roles = card.roles
        self._first_class = int(card.options["first_class"])
        self._normalised = bool(card.options["normalised"])

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        boxes = read_output(outputs, self._roles["boxes"], (None, 4), (None, None, 4))
        scores, labels = (read_output(outputs, self._roles[role], boxes.shape[:-1]) for role in ("scores", "labels"))
        if boxes.ndim == 2:
            boxes, scores, labels = boxes[None], scores[None], labels[None]
        pictures = each_picture(geometries, zip(boxes, scores, labels - self._first_class, strict=True))
        return [
            finished_detections(
                box * canvas_whwh(geometry) if self._normalised else box, score, label, geometry, thresholds
            )
            for geometry, (box, score, label) in pictures
        ]
