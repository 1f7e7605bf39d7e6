"""Detectors that finish their work in the graph, and DETR's kin."""

from __future__ import annotations

from pathlib import Path

import exporter_graphs as graphs
import onnx
import pytest
from onnx import TensorProto

from engine.cards import ColourOrder, Fit, ModelCard, Task, TensorLayout
from engine.library.identify import identify

IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
UNIT = ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
TENSORFLOW = {
    "boxes": "detection_boxes",
    "classes": "detection_classes",
    "scores": "detection_scores",
    "count": "num_detections",
}


def card_of(model: onnx.ModelProto, folder: Path) -> ModelCard:
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return identify(path)


@pytest.mark.parametrize("suffix", ["", ":0"])
def test_tensorflow_object_detection(tmp_path: Path, suffix: str) -> None:
    names = {key: name + suffix for key, name in TENSORFLOW.items()}
    model = graphs.finished(
        names,
        batched=True,
        float_classes=True,
        nhwc=True,
        count_type=TensorProto.FLOAT,
        picture=(1, "height", "width", 3),
        picture_type=TensorProto.UINT8,
        input="input_tensor",
    )
    card = card_of(model, tmp_path)

    assert (card.task, card.family) == (Task.DETECT, "ssd_tensorflow")
    assert card.roles == names
    assert card.options["first_class"] == 1
    assert (card.input.layout, card.input.dtype, card.input.scale) == (TensorLayout.NHWC, "uint8", (1.0, 1.0, 1.0))
    assert card.input.free_axes == ("height", "width")
    assert card.input.fit is Fit.STRETCH


def test_efficient_nms_with_tensorflows_names_is_no_tensorflow(tmp_path: Path) -> None:
    names = {"count": "num_detections", **{k: v for k, v in TENSORFLOW.items() if k != "count"}}
    card = card_of(graphs.finished(names, batched=True, classes=80, input="images"), tmp_path)

    assert card.family == "nms_in_graph"
    assert card.roles["count"] == "num_detections"
    assert dict(card.options) == {"box_format": "xyxy", "normalised": False}
    assert card.input.layout is TensorLayout.NCHW


@pytest.mark.parametrize(
    "names",
    [
        {"count": "num_dets", "boxes": "det_boxes", "scores": "det_scores", "classes": "det_classes"},
        {
            "count": "graph2_num_predictions",
            "boxes": "graph2_pred_boxes",
            "scores": "graph2_pred_scores",
            "classes": "graph2_pred_classes",
        },
        {"count": "o0", "boxes": "o1", "scores": "o2", "classes": "o3"},
    ],
)
def test_nms_in_the_graph(tmp_path: Path, names: dict[str, str]) -> None:
    card = card_of(graphs.finished(names, batched=True, input="images"), tmp_path)

    assert card.family == "nms_in_graph"
    assert card.roles == names
    assert card.input.fit is Fit.LETTERBOX_CENTRE


@pytest.mark.parametrize(
    "names",
    [
        {"boxes": "boxes", "classes": "labels", "scores": "scores"},
        {"boxes": "6379", "classes": "6381", "scores": "6383"},
    ],
)
def test_torchvision(tmp_path: Path, names: dict[str, str]) -> None:
    card = card_of(graphs.finished(names), tmp_path)

    assert card.family == "ssd_torchvision"
    assert (card.roles["boxes"], card.roles["labels"]) == (names["boxes"], names["classes"])
    assert dict(card.options) == {"first_class": 1, "normalised": False}
    assert card.class_names[0] == "person"
    assert len(card.class_names) == 90


def test_ssd_of_mlperf_gives_shares(tmp_path: Path) -> None:
    names = {"boxes": "bboxes", "classes": "labels", "scores": "scores"}
    card = card_of(graphs.finished(names, batched=True, classes=81), tmp_path)

    assert card.family == "ssd_torchvision"
    assert card.options["normalised"] is True
    assert (card.input.mean, card.input.scale) == IMAGENET


def test_detection_output_of_openvino(tmp_path: Path) -> None:
    net = graphs.Net((300, 300), "data")
    table = net.reshape(net.rows(net.features((32,)), 7), 1, 1, -1, 7)
    card = card_of(net.model({"detection_out": table}), tmp_path)

    assert (card.family, card.roles["output"]) == ("ssd_openvino", "detection_out")
    assert (card.input.fit, card.input.colour_order, card.input.scale[0]) == (Fit.STRETCH, ColourOrder.BGR, 1.0)


def test_rtdetr_asks_for_the_size_of_the_canvas(tmp_path: Path) -> None:
    card = card_of(graphs.rtdetr(), tmp_path)

    assert (card.family, dict(card.roles)) == ("rtdetr", {"labels": "labels", "boxes": "boxes", "scores": "scores"})
    assert len(card.class_names) == 80
    (sizes,) = card.input.extra_inputs
    assert (sizes.name, sizes.rule, sizes.shape, sizes.dtype) == ("orig_target_sizes", "canvas_wh", (1, 2), "int64")
    assert sizes.values == (640.0, 640.0)
    assert (card.input.mean, card.input.scale) == UNIT
    assert card.input.fit is Fit.STRETCH


def test_rtdetr_on_patches_is_normalised_as_imagenet(tmp_path: Path) -> None:
    card = card_of(graphs.rtdetr(classes=5, patches=16), tmp_path)

    assert (card.family, len(card.class_names)) == ("rtdetr", 5)
    assert (card.input.mean, card.input.scale) == IMAGENET


def test_detr_ends_with_no_object(tmp_path: Path) -> None:
    card = card_of(graphs.detr(92), tmp_path)

    assert (card.family, card.family_title) == ("detr", "DETR")
    assert dict(card.options) == {"background_last": True, "first_class": 0}
    assert (len(card.class_names), card.class_names[1], card.class_names[90]) == (91, "person", "toothbrush")
    assert (card.input.mean, card.input.scale) == IMAGENET
    assert not card.questions


def test_detr_of_own_classes_asks_about_the_last_one(tmp_path: Path) -> None:
    card = card_of(graphs.detr(4), tmp_path)

    assert (card.options["background_last"], len(card.class_names)) == (True, 3)
    assert any("background_last=false" in question for question in card.questions)


def test_rtdetr_of_transformers_has_sigmoid_scores_and_plain_pictures(tmp_path: Path) -> None:
    card = card_of(graphs.detr(80, kind="rtdetr"), tmp_path)

    assert (card.family, card.options["background_last"], len(card.class_names)) == ("detr", False, 80)
    assert (card.input.mean, card.input.scale) == UNIT


def test_rfdetr_is_normalised_as_imagenet(tmp_path: Path) -> None:
    card = card_of(graphs.detr(91, kind="rfdetr", names=("labels", "dets")), tmp_path)

    assert (card.family, card.family_title) == ("detr", "RF-DETR")
    assert dict(card.roles) == {"boxes": "dets", "logits": "labels"}
    assert card.options["background_last"] is False
    assert card.class_names[1] == "person"
    assert (card.input.mean, card.input.scale) == IMAGENET


def test_classes_are_counted_by_what_nms_is_given(tmp_path: Path) -> None:
    names = {"count": "num_dets", "boxes": "det_boxes", "scores": "det_scores", "classes": "det_classes"}
    card = card_of(graphs.finished(names, batched=True, input="images", classes=80), tmp_path)

    assert (card.class_names[0], card.class_names_from) == ("person", "known set COCO (80)")


def test_classes_that_do_not_show_are_asked_for(tmp_path: Path) -> None:
    net = graphs.Net((300, 300), "data")
    table = net.reshape(net.rows(net.features((32,)), 7), 1, 1, -1, 7)
    card = card_of(net.model({"detection_out": table}), tmp_path)

    assert card.class_names == ()
    assert any("names=FILE" in question for question in card.questions)


def test_parameters_of_nms_are_filled_with_constants(tmp_path: Path) -> None:
    names = {"count": "num_dets", "boxes": "det_boxes", "scores": "det_scores", "classes": "det_classes"}
    extra = {"iou_threshold": (TensorProto.FLOAT, (1,)), "score_threshold": (TensorProto.FLOAT, ())}
    card = card_of(graphs.finished(names, batched=True, input="images", extra=extra), tmp_path)

    iou, score = card.input.extra_inputs
    assert (iou.name, iou.shape, iou.rule) == ("iou_threshold", (1,), "constant")
    assert (score.name, score.shape) == ("score_threshold", ())
    assert 0.0 < score.values[0] <= 0.05


def test_paddles_sizes_are_height_before_width(tmp_path: Path) -> None:
    names = {"count": "num_dets", "boxes": "det_boxes", "scores": "det_scores", "classes": "det_classes"}
    extra = {"im_shape": (TensorProto.FLOAT, (1, 2)), "scale_factor": (TensorProto.FLOAT, ("batch", 2))}
    model = graphs.finished(names, batched=True, input="image", extra=extra, picture=(1, 3, 320, 480))
    shape, factor = card_of(model, tmp_path).input.extra_inputs

    assert (shape.rule, shape.values) == ("canvas_hw", (320.0, 480.0))
    assert (factor.rule, factor.values, factor.shape) == ("unit_scale", (1.0, 1.0), (1, 2))
