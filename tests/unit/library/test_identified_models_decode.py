"""Library and decoders hold to one contract: what is identified can be run and decoded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import exporter_graphs as graphs
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from engine.cards import ModelCard, Task, TensorLayout, Thresholds
from engine.decoders.table import DECODERS, make_decoder
from engine.frames import CanvasGeometry
from engine.library.identify import identify
from engine.library.rules.table import RULES
from engine.results import Classification, Detections, SegmentationMap

KINDS = {Task.CLASSIFY: Classification, Task.SEMANTIC: SegmentationMap}
NMS = {"count": "num_dets", "boxes": "det_boxes", "scores": "det_scores", "classes": "det_classes"}
TENSORFLOW = {
    "boxes": "detection_boxes",
    "classes": "detection_classes",
    "scores": "detection_scores",
    "count": "num_detections",
}


def detection_output() -> onnx.ModelProto:
    net = graphs.Net((300, 300), "data")
    return net.model({"out": net.reshape(net.rows(net.features((32,)), 7), 1, 1, -1, 7)})


MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    "yolov5": graphs.yolov5,
    "yolov8": graphs.yolo,
    "yolov8_seg": lambda: graphs.yolo("segment"),
    "yolov8_pose": lambda: graphs.yolo("pose", 1),
    "yolov8_obb": lambda: graphs.yolo("obb", 15),
    "yolo_end2end": lambda: graphs.yolo(end2end=True),
    "yolo_end2end_seg": lambda: graphs.yolo("segment", end2end=True),
    "yolo_end2end_pose": lambda: graphs.yolo("pose", 1, end2end=True),
    "yolo_end2end_obb": lambda: graphs.yolo("obb", 15, end2end=True),
    "yolox": graphs.yolox,
    "nanodet": graphs.nanodet_heads,
    "ssd_tensorflow": lambda: graphs.finished(
        TENSORFLOW,
        batched=True,
        float_classes=True,
        nhwc=True,
        count_type=TensorProto.FLOAT,
        picture=(1, 320, 320, 3),
        picture_type=TensorProto.UINT8,
    ),
    "ssd_openvino": detection_output,
    "ssd_torchvision": lambda: graphs.finished({"boxes": "boxes", "classes": "labels", "scores": "scores"}),
    "rtdetr": graphs.rtdetr,
    "nms_in_graph": lambda: graphs.finished(NMS, batched=True, input="images"),
    "detr": graphs.detr,
    "yunet": graphs.yunet,
    "classifier": graphs.classifier,
    "semantic": graphs.semantic,
}


def run(card: ModelCard) -> dict[str, np.ndarray]:
    """Outputs for a grey canvas, with the extra inputs that the card gives."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(card.path), options, providers=["CPUExecutionProvider"])
    spec = card.input
    planar = (spec.batch, 3, spec.height, spec.width)
    shape = planar if spec.layout is TensorLayout.NCHW else spec.canvas_shape
    feed = {spec.name: np.ones(shape, spec.dtype)}
    for extra in spec.extra_inputs:
        feed[extra.name] = np.array(extra.values, extra.dtype).reshape(extra.shape)
    names = [output.name for output in card.outputs]
    return dict(zip(names, session.run(names, feed), strict=True))


def test_every_family_has_a_rule_and_a_decoder() -> None:
    assert set(MODELS) == set(RULES) == set(DECODERS)


@pytest.mark.parametrize("family", MODELS)
def test_what_is_identified_is_decoded(tmp_path: Path, family: str) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(MODELS[family](), path)
    card = identify(path)
    geometry = CanvasGeometry(
        1.0, 1.0, 0.0, 0.0, card.input.width, card.input.height, card.input.width, card.input.height
    )
    with np.errstate(all="ignore"):
        (result,) = make_decoder(card).decode(run(card), [geometry], Thresholds(confidence=0.01))

    assert card.family == family
    assert isinstance(result, KINDS.get(card.task, Detections))
    if isinstance(result, Detections):
        assert (result.keypoints is not None) == (card.task in (Task.POSE, Task.FACE))
        assert (result.corners is not None) == (card.task is Task.OBB)
        assert (result.masks is not None) == (card.task is Task.SEGMENT)
