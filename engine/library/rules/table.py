"""All rules by family. To teach the program a new family, write its rule and name it here."""

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

RULES: dict[str, Rule] = {
    "yolov5": yolov5.recognise,
    "yolov8": yolov8.detect,
    "yolov8_seg": yolov8.segment,
    "yolov8_pose": yolov8.pose,
    "yolov8_obb": yolov8.obb,
    "yolo_end2end": yolo_end2end.detect,
    "yolo_end2end_seg": yolo_end2end.segment,
    "yolo_end2end_pose": yolo_end2end.pose,
    "yolo_end2end_obb": yolo_end2end.obb,
    "yolox": yolox.recognise,
    "nanodet": nanodet.recognise,
    "ssd_tensorflow": finished.ssd_tensorflow,
    "ssd_openvino": finished.ssd_openvino,
    "ssd_torchvision": finished.ssd_torchvision,
    "rtdetr": finished.rtdetr,
    "nms_in_graph": finished.nms_in_graph,
    "detr": detr.recognise,
    "yunet": yunet.recognise,
    "classifier": classifier.recognise,
    "semantic": semantic.recognise,
}
"""Family (key of ``engine.decoders.table``) -> its rule."""
