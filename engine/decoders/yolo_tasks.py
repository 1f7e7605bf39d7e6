"""What YOLO decoders share: a head reads candidates from its layout, a task makes results of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import ModelCard, Thresholds
from engine.decoders.candidates import detections, each_picture, read_output, without_overlap
from engine.decoders.instance_masks import instance_masks
from engine.frames import CanvasGeometry
from engine.geometry import Indices, enclosing_boxes, rotated_corners
from engine.results import Detections, Float32, Int32, Result

Outputs = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class YoloCandidates:
    """What reaches the threshold on one picture.

    Attributes:
        box: float32 (N, 4), canvas pixels: xyxy, of oriented boxes centre x, centre y, width, height.
        score: float32 (N,), 0 to 1.
        class_id: int32 (N,).
        extra: float32 (N, E), what the task adds: mask coefficients, keypoints, an angle in radians.
    """

    box: Float32
    score: Float32
    class_id: Int32
    extra: Float32


class YoloHead(ABC):
    """One output layout."""

    @abstractmethod
    def candidates(self, outputs: Outputs, confidence: float) -> Iterator[YoloCandidates]:
        """Of each picture of the batch, in order."""

    def keep(self, found: YoloCandidates, xyxy: Float32, geometry: CanvasGeometry, thresholds: Thresholds) -> Indices:
        """Candidates to keep, best first: NMS within each class."""
        return without_overlap(xyxy, found.score, found.class_id, geometry, thresholds)


class BoxTask:
    """Boxes from any head."""

    def __init__(self, head: YoloHead) -> None:
        self._head = head

    def decode(self, outputs: Outputs, geometries: Sequence[CanvasGeometry], thresholds: Thresholds) -> list[Result]:
        """See ``Decoder.decode``."""
        pictures = each_picture(geometries, self._head.candidates(outputs, thresholds.confidence))
        return [self._result(found, geometry, thresholds) for geometry, found in pictures]

    def _result(self, found: YoloCandidates, geometry: CanvasGeometry, thresholds: Thresholds) -> Detections:
        rows = self._head.keep(found, found.box, geometry, thresholds)
        return detections(rows, found.box, found.score, found.class_id, geometry)


class MaskTask(BoxTask):
    """Boxes and masks; prototypes float (B, M, h, w) are an output of their own."""

    def __init__(self, card: ModelCard, head: YoloHead) -> None:
        super().__init__(head)
        self._prototypes = card.roles["prototypes"]

    def decode(self, outputs: Outputs, geometries: Sequence[CanvasGeometry], thresholds: Thresholds) -> list[Result]:
        """See ``Decoder.decode``."""
        prototypes = read_output(outputs, self._prototypes, (None, None, None, None))
        candidates = self._head.candidates(outputs, thresholds.confidence)
        pictures = each_picture(geometries, zip(candidates, prototypes, strict=False))
        return [self._segment(found, planes, geometry, thresholds) for geometry, (found, planes) in pictures]

    def _segment(
        self, found: YoloCandidates, prototypes: Float32, geometry: CanvasGeometry, thresholds: Thresholds
    ) -> Detections:
        rows = self._head.keep(found, found.box, geometry, thresholds)
        boxes = detections(rows, found.box, found.score, found.class_id, geometry)
        return replace(boxes, masks=instance_masks(found.extra[rows], prototypes, boxes.xyxy, geometry))


class PoseTask(BoxTask):
    """Boxes and keypoints: K times x and y in canvas pixels and, in three dimensions, a score; without one it is 1."""

    def __init__(self, card: ModelCard, head: YoloHead) -> None:
        super().__init__(head)
        self._dimensions = int(card.options["keypoint_dims"])

    def _result(self, found: YoloCandidates, geometry: CanvasGeometry, thresholds: Thresholds) -> Detections:
        rows = self._head.keep(found, found.box, geometry, thresholds)
        numbers = found.extra
        keypoints = numbers.reshape(len(numbers), numbers.shape[1] // self._dimensions, self._dimensions)
        if self._dimensions == 2:
            keypoints = np.pad(keypoints, ((0, 0), (0, 0), (0, 1)), constant_values=1)
        return detections(rows, found.box, found.score, found.class_id, geometry, keypoints=keypoints)


class OrientedTask(BoxTask):
    """Oriented boxes and the upright boxes that enclose them."""

    def _result(self, found: YoloCandidates, geometry: CanvasGeometry, thresholds: Thresholds) -> Detections:
        corners = rotated_corners(np.concatenate((found.box, found.extra), axis=1))
        xyxy = enclosing_boxes(corners)
        rows = self._head.keep(found, xyxy, geometry, thresholds)
        return detections(rows, xyxy, found.score, found.class_id, geometry, corners=corners)


def keypoint_numbers(card: ModelCard) -> int:
    """How many numbers the keypoints of one candidate are."""
    return int(card.options["keypoints"]) * int(card.options["keypoint_dims"])
