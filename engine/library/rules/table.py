"""All rules. To teach the program a new family, write its rule and name it here."""

from __future__ import annotations

from collections.abc import Callable

from engine.library.candidate import Candidate
from engine.library.facts import Facts
from engine.library.rules import (
    classifier,
    detr,
    finished,
    nanodet,
    semantic,
    yolo_end2end,
    yolov5,
    yolov8,
    yolox,
    yunet,
)

Rule = Callable[[Facts], Candidate | None]
"""None only where the family could not read these outputs at all: weak guesses are told, with a low score."""

RULES: tuple[Rule, ...] = (
    yolov5.recognise,
    yolov8.detect,
    yolov8.segment,
    yolov8.pose,
    yolov8.obb,
    yolo_end2end.detect,
    yolo_end2end.segment,
    yolo_end2end.pose,
    yolo_end2end.obb,
    yolox.recognise,
    nanodet.recognise,
    finished.ssd_tensorflow,
    finished.ssd_openvino,
    finished.ssd_torchvision,
    finished.rtdetr,
    finished.nms_in_graph,
    detr.recognise,
    yunet.recognise,
    classifier.recognise,
    semantic.recognise,
)
