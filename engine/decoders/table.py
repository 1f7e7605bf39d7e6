"""The decoders, by family. Roles and options are the contract between ``library.identify`` and the decoders.

C classes, N candidates, K keypoints; B the batch; boxes in canvas pixels unless said otherwise.

=================  ========  ======================================  ==========================================
family             task      roles                                   options
=================  ========  ======================================  ==========================================
yolov5             detect    output (B, N, 5+C): cx cy w h obj cls   classes
yolov8             detect    output (B, 4+C, N) or transposed        classes, transposed (B, N, 4+C)
yolo_end2end       detect    output (B, N, 6): x1 y1 x2 y2 s c       (YOLOv10, YOLO26)
yolox              detect    output (B, N, 5+C)                      classes, raw (grid offsets and log sizes), strides
nanodet            detect    scores_S, boxes_S for each stride S,    classes, strides, reg_max, sigmoid (scores are
                             or output (B, N, C+4*(reg_max+1))       logits), cell_centre (NanoDet-Plus: False)
ssd_tensorflow     detect    boxes (y1 x1 y2 x2, 0..1), scores,      first_class (1: ids count from 1)
                             classes, count
ssd_openvino       detect    output (1, 1, N, 7)                     first_class
ssd_torchvision    detect    boxes, labels, scores                   first_class, normalised
rtdetr             detect    labels, boxes (x1 y1 x2 y2), scores     (RT-DETR, D-FINE, DEIM)
detr               detect    boxes (B, N, 4) cx cy w h 0..1,         background_last (DETR: softmax, last class is
                             logits (B, N, C)                        "no object"; else sigmoid: RF-DETR), first_class
nms_in_graph       detect    count, boxes, scores, classes           box_format ("xyxy" | "yxyx"), normalised
yunet              face      cls_S, obj_S, bbox_S, kps_S             strides
yolov8_seg         segment   output (B, 4+C+M, N), prototypes        classes, transposed
yolo_end2end_seg   segment   output (B, N, 6+M), prototypes          (YOLO26-seg)
yolov8_pose        pose      output (B, 4+C+K*D, N)                  classes, keypoints, keypoint_dims, transposed
yolo_end2end_pose  pose      output (B, N, 6+K*D)                    keypoints, keypoint_dims
yolov8_obb         obb       output (B, 4+C+1, N)                    classes, transposed
yolo_end2end_obb   obb       output (B, N, 7)
classifier         classify  output (B, C) or (B, C, 1, 1)           softmax (True: outputs are logits)
semantic           semantic  output (B, C, H, W) or (B, H, W) or     labels (True: class ids already)
                             (B, 1, H, W)
=================  ========  ======================================  ==========================================
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from engine.cards import ModelCard, Task
from engine.decoders.decoder import Decoder
from engine.errors import ModelError

DECODERS = {
    "yolov5": "engine.decoders.yolov5:YoloV5Decoder",
    "yolov8": "engine.decoders.yolov8:YoloV8Decoder",
    "yolo_end2end": "engine.decoders.yolo_end2end:YoloEnd2EndDecoder",
    "yolox": "engine.decoders.yolox:YoloXDecoder",
    "nanodet": "engine.decoders.nanodet:NanoDetDecoder",
    "ssd_tensorflow": "engine.decoders.ssd:SsdTensorFlowDecoder",
    "ssd_openvino": "engine.decoders.ssd:SsdOpenVinoDecoder",
    "ssd_torchvision": "engine.decoders.ssd:SsdTorchvisionDecoder",
    "rtdetr": "engine.decoders.rtdetr:RtDetrDecoder",
    "detr": "engine.decoders.detr:DetrDecoder",
    "nms_in_graph": "engine.decoders.nms_in_graph:NmsInGraphDecoder",
    "yunet": "engine.decoders.yunet:YuNetDecoder",
    "yolov8_seg": "engine.decoders.yolov8:YoloV8SegDecoder",
    "yolo_end2end_seg": "engine.decoders.yolo_end2end:YoloEnd2EndSegDecoder",
    "yolov8_pose": "engine.decoders.yolov8:YoloV8PoseDecoder",
    "yolo_end2end_pose": "engine.decoders.yolo_end2end:YoloEnd2EndPoseDecoder",
    "yolov8_obb": "engine.decoders.yolov8:YoloV8ObbDecoder",
    "yolo_end2end_obb": "engine.decoders.yolo_end2end:YoloEnd2EndObbDecoder",
    "classifier": "engine.decoders.classifier:ClassifierDecoder",
    "semantic": "engine.decoders.semantic:SemanticDecoder",
}
"""Family -> "module:Class"; each class is made from a ``ModelCard``."""


WITH_NMS = frozenset({"yolov5", "yolov8", "yolox", "nanodet", "yunet", "yolov8_seg", "yolov8_pose", "yolov8_obb"})
"""Families whose decoder compares boxes: those whose heads give an object more than once."""


def thresholds_used(card: ModelCard) -> frozenset[str]:
    """The fields of ``Thresholds`` that make a difference to what the decoder of this card finds."""
    if card.task in (Task.CLASSIFY, Task.SEMANTIC):
        return frozenset()
    return frozenset({"confidence", "max_detections"} | ({"iou"} if card.family in WITH_NMS else set()))


def make_decoder(card: ModelCard) -> Decoder:
    """The decoder of a card's family.

    Raises:
        ModelError: No decoder answers to this family.
    """
    entry = DECODERS.get(card.family)
    if entry is None:
        raise ModelError(
            "No decoder reads this family of models",
            subject=f"{card.path.name} ({card.family})",
            expected="one of " + ", ".join(DECODERS),
            remedy="Correct the model card",
        )
    module, _, attribute = entry.partition(":")
    factory: Callable[[ModelCard], Decoder] = getattr(import_module(module), attribute)
    return factory(card)
