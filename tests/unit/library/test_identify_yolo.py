"""YOLO in all its layouts, told from graph, shapes and metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import exporter_graphs as graphs
import onnx
import pytest

from engine.cards import ColourOrder, Fit, ModelCard, Task
from engine.library.class_names import KEYPOINTS_COCO
from engine.library.identify import identify

SURE = 0.75


def card_of(model: onnx.ModelProto, folder: Path, name: str = "model.onnx") -> ModelCard:
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return identify(path)


@pytest.mark.parametrize(
    ("how", "task", "family", "options"),
    [
        ({}, Task.DETECT, "yolov8", {"classes": 80, "transposed": False}),
        ({"classes": 3}, Task.DETECT, "yolov8", {"classes": 3, "transposed": False}),
        ({"transposed": True}, Task.DETECT, "yolov8", {"classes": 80, "transposed": True}),
        ({"classes": 5, "size": (384, 640)}, Task.DETECT, "yolov8", {"classes": 5, "transposed": False}),
        ({"task": "segment"}, Task.SEGMENT, "yolov8_seg", {"classes": 80, "transposed": False}),
        (
            {"task": "segment", "classes": 2, "masks": 16},
            Task.SEGMENT,
            "yolov8_seg",
            {"classes": 2, "transposed": False},
        ),
        (
            {"task": "obb", "classes": 15, "size": (1024, 1024)},
            Task.OBB,
            "yolov8_obb",
            {"classes": 15, "transposed": False},
        ),
        (
            {"task": "pose", "classes": 1},
            Task.POSE,
            "yolov8_pose",
            {"classes": 1, "transposed": False, "keypoints": 17, "keypoint_dims": 3},
        ),
        (
            {"task": "pose", "classes": 2, "keypoints": (5, 2)},
            Task.POSE,
            "yolov8_pose",
            {"classes": 2, "transposed": False, "keypoints": 5, "keypoint_dims": 2},
        ),
        ({"end2end": True, "bins": 1}, Task.DETECT, "yolo_end2end", {}),
        ({"task": "segment", "end2end": True}, Task.SEGMENT, "yolo_end2end_seg", {}),
        ({"task": "obb", "classes": 15, "end2end": True}, Task.OBB, "yolo_end2end_obb", {}),
        (
            {"task": "pose", "classes": 1, "end2end": True},
            Task.POSE,
            "yolo_end2end_pose",
            {"keypoints": 17, "keypoint_dims": 3},
        ),
    ],
)
def test_ultralytics_heads_without_metadata(
    tmp_path: Path, how: dict[str, Any], task: Task, family: str, options: dict[str, Any]
) -> None:
    card = card_of(graphs.yolo(**how), tmp_path)

    assert (card.task, card.family, dict(card.options)) == (task, family, options)
    assert card.roles["output"] == "output0"
    assert ("prototypes" in card.roles) == (task is Task.SEGMENT)
    assert card.confidence >= SURE
    assert card.evidence
    assert not card.questions
    assert (card.input.fit, card.input.colour_order) == (Fit.LETTERBOX_CENTRE, ColourOrder.RGB)
    assert (card.input.scale, card.input.pad_bgr) == ((255.0, 255.0, 255.0), (114, 114, 114))


def test_metadata_gives_names_title_and_certainty(tmp_path: Path) -> None:
    plain = card_of(graphs.yolo(classes=3), tmp_path, "plain.onnx")
    noted = card_of(graphs.yolo(classes=3, metadata=graphs.ultralytics("detect", 3)), tmp_path, "noted.onnx")

    assert noted.class_names == ("thing 0", "thing 1", "thing 2")
    assert noted.class_names_from == "metadata"
    assert noted.family_title == "YOLO11n"
    assert noted.confidence > plain.confidence
    assert plain.class_names == ("0", "1", "2")
    assert plain.class_names_from == "numbers"


def test_free_axes_are_settled_from_the_metadata(tmp_path: Path) -> None:
    notes = graphs.ultralytics("detect", 80, size=(480, 640))
    card = card_of(graphs.yolo(size=(480, 640), dynamic=True, metadata=notes), tmp_path)

    assert (card.family, card.options["classes"]) == ("yolov8", 80)
    assert (card.input.height, card.input.width, card.input.batch) == (480, 640, 1)
    assert card.input.free_axes == ("batch", "height", "width")
    assert card.input.size_multiple == 32
    assert any("640x480" in warning for warning in card.warnings)


def test_free_axes_without_metadata_take_what_is_usual(tmp_path: Path) -> None:
    card = card_of(graphs.yolo(dynamic=True), tmp_path)

    assert (card.family, card.input.height, card.input.width) == ("yolov8", 640, 640)
    assert card.confidence >= SURE


def test_end_to_end_with_free_axes_and_open_columns(tmp_path: Path) -> None:
    notes = graphs.ultralytics("detect", 4, end2end=True)
    card = card_of(graphs.yolo(classes=4, end2end=True, bins=1, dynamic=True, metadata=notes), tmp_path)

    assert (card.family, len(card.class_names)) == ("yolo_end2end", 4)


def test_end_to_end_counts_its_classes_by_the_graph(tmp_path: Path) -> None:
    card = card_of(graphs.yolo(end2end=True), tmp_path)

    assert card.class_names[0] == "person"
    assert card.class_names_from == "known set COCO (80)"


def test_keypoints_of_people_have_names_and_a_skeleton(tmp_path: Path) -> None:
    people = card_of(graphs.yolo("pose", 1), tmp_path, "people.onnx")
    hands = card_of(graphs.yolo("pose", 1, keypoints=(21, 3)), tmp_path, "hands.onnx")

    assert people.keypoint_names == KEYPOINTS_COCO
    assert all(0 <= a < 17 and 0 <= b < 17 for a, b in people.skeleton)
    assert people.class_names == ("person",)
    assert hands.options["keypoints"] == 21
    assert (hands.keypoint_names, hands.skeleton) == ((), ())


def test_keypoints_have_the_names_of_the_metadata(tmp_path: Path) -> None:
    notes = graphs.ultralytics("pose", 1, kpt_shape=[3, 2], kpt_names={0: ["head", "neck", "tail"]})
    card = card_of(graphs.yolo("pose", 1, keypoints=(3, 2), metadata=notes), tmp_path)

    assert card.keypoint_names == ("head", "neck", "tail")


@pytest.mark.parametrize(
    ("key", "value"), [("class_names", "['a', 'b']"), ("labels", "a\nb\n"), ("id2label", '{"0": "a", "1": "b"}')]
)
def test_other_exporters_note_names_under_other_keys(tmp_path: Path, key: str, value: str) -> None:
    card = card_of(graphs.yolox(classes=2, size=(320, 320)), tmp_path, "plain.onnx")
    model = graphs.yolox(classes=2, size=(320, 320))
    model.metadata_props.add(key=key, value=value)
    noted = card_of(model, tmp_path)

    assert (noted.class_names, noted.class_names_from) == (("a", "b"), "metadata")
    assert noted.family == card.family == "yolox"


def test_three_anchors_a_cell_are_yolov5(tmp_path: Path) -> None:
    card = card_of(graphs.yolov5(), tmp_path)

    assert (card.family, dict(card.options)) == ("yolov5", {"classes": 80})
    assert any("25200" in sentence for sentence in card.evidence)
    assert card.confidence >= SURE


def test_yolov5_with_one_class_is_no_end_to_end_table(tmp_path: Path) -> None:
    card = card_of(graphs.yolov5(1, (320, 320), {"stride": 32, "names": {0: "ship"}}), tmp_path)

    assert (card.family, card.class_names) == ("yolov5", ("ship",))


def test_constant_objectness_is_yolov6(tmp_path: Path) -> None:
    card = card_of(graphs.yolov6(), tmp_path)

    assert (card.family, card.family_title) == ("yolov5", "YOLOv6")
    assert card.input.colour_order is ColourOrder.RGB


@pytest.mark.parametrize("decoded", [False, True])
def test_yolox_raw_and_decoded(tmp_path: Path, decoded: bool) -> None:
    card = card_of(graphs.yolox(classes=7, size=(416, 416), decoded=decoded), tmp_path)

    assert card.family == "yolox"
    assert dict(card.options) == {"classes": 7, "raw": not decoded, "strides": (8, 16, 32)}
    assert (card.input.fit, card.input.colour_order) == (Fit.LETTERBOX_TOP_LEFT, ColourOrder.BGR)
    assert card.input.scale == (1.0, 1.0, 1.0)
    assert card.confidence >= SURE


@pytest.mark.parametrize("name", ["yolov8n.onnx", "yolov5s-seg.onnx", "resnet50.onnx", "rtdetr.onnx"])
def test_the_name_of_the_file_proves_nothing(tmp_path: Path, name: str) -> None:
    true = card_of(graphs.yolox(), tmp_path, "yolox.onnx")
    card = card_of(graphs.yolox(), tmp_path, name)

    assert (card.family, card.confidence, card.evidence) == (true.family, true.confidence, true.evidence)
    assert not any(Path(name).stem in sentence for sentence in card.evidence)


def test_names_of_another_count_are_a_warning_and_numbers_are_used(tmp_path: Path) -> None:
    card = card_of(graphs.yolo(classes=4, metadata=graphs.ultralytics("detect", 6)), tmp_path)

    assert card.class_names == ("0", "1", "2", "3")
    assert card.class_names_from == "numbers"
    assert any("6 classes" in warning and "4" in warning for warning in card.warnings)


def test_metadata_that_makes_no_sense_is_passed_over(tmp_path: Path) -> None:
    nonsense = {
        "names": "__import__('os').system('false')",
        "imgsz": "[99999999999, -1]",
        "stride": "'x'",
        "task": "dance",
        "kpt_shape": "[[[[",
    }
    card = card_of(graphs.yolo(metadata=nonsense), tmp_path)

    assert (card.family, card.input.height) == ("yolov8", 640)
    assert card.class_names_from == "known set COCO (80)"


def test_nms_exported_with_the_model_gives_finished_rows(tmp_path: Path) -> None:
    net = graphs.Net()
    tokens = net.transpose(net.rows(net.features(), 6), 0, 2, 1)
    rows = net.node("Slice", tokens, *(net.constant([n], "int64") for n in (0, 300, 1)))
    notes = graphs.ultralytics("detect", 80, args={"nms": True, "dynamic": False})
    card = card_of(net.model({"output0": rows}, metadata=notes), tmp_path)

    assert (card.family, len(card.class_names)) == ("yolo_end2end", 80)
