"""NanoDet, YuNet, classifiers, semantic segmentation, and how pictures are prepared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import exporter_graphs as graphs
import numpy as np
import onnx
import pytest
from onnx import TensorProto

from engine.cards import ColourOrder, Fit, ModelCard, Task, TensorLayout
from engine.errors import ModelError
from engine.library.identify import identify

NANODET = ((103.53, 116.28, 123.675), (57.375, 57.12, 58.395))
IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))


def card_of(model: onnx.ModelProto, folder: Path) -> ModelCard:
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return identify(path)


@pytest.mark.parametrize("logits", [False, True])
def test_nanodet_with_separate_heads(tmp_path: Path, logits: bool) -> None:
    card = card_of(graphs.nanodet_heads(logits=logits), tmp_path)

    assert (card.task, card.family, card.family_title) == (Task.DETECT, "nanodet", "NanoDet")
    assert dict(card.roles) == {
        "scores_8": "792", "scores_16": "793", "scores_32": "794",
        "boxes_8": "895", "boxes_16": "896", "boxes_32": "897",
    }  # fmt: skip
    assert card.options["sigmoid"] is logits
    assert (card.options["reg_max"], card.options["cell_centre"]) == (7, True)
    assert (card.input.mean, card.input.scale) == NANODET
    assert (card.input.fit, card.input.pad_bgr) == (Fit.LETTERBOX_CENTRE, (0, 0, 0))


@pytest.mark.parametrize(("classes", "bins"), [(80, 8), (3, 8), (80, 11)])
def test_nanodet_plus_with_one_table(tmp_path: Path, classes: int, bins: int) -> None:
    card = card_of(graphs.nanodet_table(classes, bins=bins), tmp_path)

    assert (card.family, card.family_title) == ("nanodet", "NanoDet-Plus")
    assert dict(card.options) == {
        "classes": classes,
        "strides": (8, 16, 32, 64),
        "reg_max": bins - 1,
        "sigmoid": False,
        "cell_centre": False,
    }
    assert (card.input.fit, card.input.mean) == (Fit.STRETCH, NANODET[0])


def test_nanodet_with_one_table_and_three_strides_keeps_the_ratio(tmp_path: Path) -> None:
    card = card_of(graphs.nanodet_table(size=(320, 320), plus=False), tmp_path)

    assert (card.family_title, card.options["strides"]) == ("NanoDet", (8, 16, 32))
    assert card.options["cell_centre"] is True
    assert card.input.fit is Fit.LETTERBOX_CENTRE


@pytest.mark.parametrize("named", [True, False])
def test_yunet_by_its_tables_also_without_their_names(tmp_path: Path, named: bool) -> None:
    card = card_of(graphs.yunet(named=named), tmp_path)

    assert (card.task, card.family, card.class_names) == (Task.FACE, "yunet", ("face",))
    assert len(card.keypoint_names) == 5
    assert card.options["strides"] == (8, 16, 32)
    assert set(card.roles) == {f"{part}_{stride}" for part in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)}
    if not named:
        assert (card.roles["cls_8"], card.roles["obj_8"], card.roles["kps_32"]) == ("8", "1008", "3032")
    assert (card.input.colour_order, card.input.scale) == (ColourOrder.BGR, (1.0, 1.0, 1.0))


@pytest.mark.parametrize("softmax", [False, True])
def test_classifier_of_imagenet(tmp_path: Path, softmax: bool) -> None:
    card = card_of(graphs.classifier(softmax=softmax), tmp_path)

    assert (card.task, card.family) == (Task.CLASSIFY, "classifier")
    assert card.options["softmax"] is not softmax
    assert (card.class_names[0], card.class_names_from) == ("tench", "known set ImageNet (1000)")
    assert (card.input.mean, card.input.scale) == IMAGENET
    assert card.input.fit is Fit.CROP


def test_classifier_with_a_background_class(tmp_path: Path) -> None:
    card = card_of(graphs.classifier(1001), tmp_path)

    assert card.class_names[:2] == ("background", "tench")


def test_classifier_with_square_output_and_free_batch(tmp_path: Path) -> None:
    card = card_of(graphs.classifier(12, square=True, picture=("batch", 3, 224, 224)), tmp_path)

    assert (card.family, len(card.class_names)) == ("classifier", 12)
    assert (card.input.free_axes, card.input.batch) == (("batch",), 1)


def test_classifier_of_ultralytics_takes_0_to_1(tmp_path: Path) -> None:
    notes = graphs.ultralytics("classify", 5, (224, 224))
    card = card_of(graphs.classifier(5, softmax=True, metadata=notes), tmp_path)

    assert (card.input.mean, card.input.scale) == ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
    assert card.class_names == tuple(f"thing {i}" for i in range(5))
    assert card.confidence > 0.9


@pytest.mark.parametrize("how", [{"nhwc": True}, {"patches": True}])
def test_what_cannot_be_known_is_asked(tmp_path: Path, how: dict[str, Any]) -> None:
    card = card_of(graphs.classifier(**how), tmp_path)

    assert any("mean" in question for question in card.questions)


def test_channels_last_are_seen(tmp_path: Path) -> None:
    assert card_of(graphs.classifier(nhwc=True), tmp_path).input.layout is TensorLayout.NHWC


@pytest.mark.parametrize(
    ("first", "scale"),
    [
        ([("Div", 255.0)], 1.0),
        ([("Sub", 127.5), ("Mul", 1 / 127.5)], 1.0),
        ([("Mul", 1 / 255.0), ("Sub", [0.485, 0.456, 0.406]), ("Div", [0.229, 0.224, 0.225])], 1.0),
        ([("Sub", [0.485, 0.456, 0.406]), ("Div", [0.229, 0.224, 0.225])], 255.0),
    ],
)
def test_scaling_inside_the_graph_is_not_done_twice(tmp_path: Path, first: list[tuple[str, Any]], scale: float) -> None:
    card = card_of(graphs.classifier(first=first), tmp_path)

    assert (card.input.mean, card.input.scale) == ((0.0, 0.0, 0.0), (scale, scale, scale))
    assert any("graph begins" in sentence for sentence in card.evidence)


@pytest.mark.parametrize("coarse", [False, True])
def test_semantic_logits(tmp_path: Path, coarse: bool) -> None:
    card = card_of(graphs.semantic(coarse=coarse), tmp_path)

    assert (card.task, card.family, card.options["labels"]) == (Task.SEMANTIC, "semantic", False)
    assert card.class_names[:2] == ("background", "aeroplane")


@pytest.mark.parametrize("labels", ["flat", "plane"])
def test_semantic_labels_count_their_classes(tmp_path: Path, labels: str) -> None:
    card = card_of(graphs.semantic(19, (256, 512), labels=labels), tmp_path)

    assert (card.family, card.options["labels"]) == ("semantic", True)
    assert (len(card.class_names), card.class_names[0]) == (19, "road")


def test_three_planes_may_be_colours_so_it_is_asked(tmp_path: Path) -> None:
    card = card_of(graphs.semantic(3), tmp_path)

    assert card.task is Task.SEMANTIC
    assert card.confidence < 0.6
    assert any("planes" in question for question in card.questions)


def test_a_network_that_paints_pictures_is_refused(tmp_path: Path) -> None:
    net = graphs.Net((256, 256), "input")
    painted = net.node("Tanh", net.conv(net.name, 3, 3, 3))

    with pytest.raises(ModelError, match="picture-making"):
        card_of(net.model({"styled": painted}), tmp_path)


def test_pixel_mask_of_transformers_is_filled_with_ones(tmp_path: Path) -> None:
    model = graphs.detr(92)
    model.graph.input.append(onnx.helper.make_tensor_value_info("pixel_mask", TensorProto.INT64, [1, 64, 64]))
    (mask,) = card_of(model, tmp_path).input.extra_inputs

    assert (mask.rule, mask.shape) == ("ones", (1, 64, 64))
    assert np.array(mask.values).reshape(mask.shape).min() == 1.0


def test_processor_configuration_beside_the_file(tmp_path: Path) -> None:
    configuration = {"do_normalize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": {"height": 384}}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(configuration))
    (tmp_path / "config.json").write_text(json.dumps({"id2label": {"0": "cat", "1": "dog"}}))
    model = graphs.classifier(2, input="pixel_values", picture=("batch", 3, "height", "width"))
    card = card_of(model, tmp_path)

    assert (card.input.mean, card.input.scale) == ((127.5,) * 3, (127.5,) * 3)
    assert (card.input.height, card.input.width) == (384, 384)
    assert (card.class_names, card.class_names_from) == (("cat", "dog"), "side file config.json")


def test_model_api_says_how_pictures_are_prepared(tmp_path: Path) -> None:
    said = {
        "model_info mean_values": "10 20 30",
        "model_info scale_values": "2.0",
        "model_info reverse_input_channels": "False",
        "model_info resize_type": "fit_to_window",
        "model_info labels": "big_cat dog",
    }
    card = card_of(graphs.classifier(2, metadata=said), tmp_path)

    assert (card.input.mean, card.input.scale) == ((10.0, 20.0, 30.0), (2.0, 2.0, 2.0))
    assert (card.input.colour_order, card.input.fit) == (ColourOrder.BGR, Fit.LETTERBOX_TOP_LEFT)
    assert card.class_names == ("big cat", "dog")
