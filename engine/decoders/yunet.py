"""YuNet: faces with five landmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import ModelCard, Thresholds
from engine.decoders.candidates import detections, each_picture, read_output, without_overlap
from engine.decoders.grid import grid_cells
from engine.frames import CanvasGeometry
from engine.results import Detections, Float32, Result

_LANDMARKS = 5
_LARGEST = np.float32(20.0)
"""Logarithm of a size in cells, beyond any canvas: keeps the exponential of an absurd one finite."""


class YuNetDecoder:
    """Four tensors a stride: class and object scores, boxes and landmarks relative to their cell.

    Layout as ShiqiYu/libfacedetection.train exports it (``tools/yunet2onnx.py``), the file of OpenCV Zoo's
    ``face_detection_yunet``. Formulas as in OpenCV, ``modules/objdetect/src/face_detect.cpp``,
    ``FaceDetectorYNImpl::postProcess``: the score is the root of the product of both scores, each held within 0 to 1;
    centre and landmarks count cells, width and height are the logarithm of cells. Landmarks: right eye, left eye, tip
    of the nose, right and left corner of the mouth; the model gives them no score of their own, so theirs is 1.
    """

    def __init__(self, card: ModelCard) -> None:
        strides = [int(stride) for stride in card.options["strides"]]
        self._roles = card.roles
        self._cells, self._stride = grid_cells(card.input.height, card.input.width, strides)
        self._levels = [(stride, int(np.count_nonzero(self._stride == stride))) for stride in strides]

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        classes, objects = (np.clip(self._read(outputs, kind, 1)[..., 0], 0, 1) for kind in ("cls", "obj"))
        boxes, landmarks = self._read(outputs, "bbox", 4), self._read(outputs, "kps", 2 * _LANDMARKS)
        scores = np.sqrt(classes * objects)
        pictures = each_picture(geometries, zip(scores, boxes, landmarks, strict=True))
        return [self._decode_picture(*cells, geometry, thresholds) for geometry, cells in pictures]

    def _read(self, outputs: Mapping[str, NDArray[Any]], kind: str, width: int) -> Float32:
        """All levels of one kind of output: (B, N, width)."""
        levels = [
            read_output(outputs, self._roles[f"{kind}_{stride}"], (None, count, width))
            for stride, count in self._levels
        ]
        return np.concatenate(levels, axis=1)

    def _decode_picture(
        self, scores: Float32, boxes: Float32, landmarks: Float32, geometry: CanvasGeometry, thresholds: Thresholds
    ) -> Detections:
        chosen = np.flatnonzero(scores >= thresholds.confidence)
        cells, stride, score = self._cells[chosen], self._stride[chosen], scores[chosen]
        centre = (cells + boxes[chosen, :2]) * stride
        half = np.exp(np.minimum(boxes[chosen, 2:], _LARGEST)) * stride / np.float32(2)
        xyxy = np.concatenate((centre - half, centre + half), axis=1, dtype=np.float32)
        places = (cells[:, None] + landmarks[chosen].reshape(-1, _LANDMARKS, 2)) * stride[:, None]
        keypoints = np.concatenate((places, np.ones_like(places[..., :1])), axis=2)
        class_id = np.zeros(len(chosen), np.int32)
        rows = without_overlap(xyxy, score, class_id, geometry, thresholds)
        return detections(rows, xyxy, score, class_id, geometry, keypoints=keypoints)
