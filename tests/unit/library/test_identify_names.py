"""Class names: from the metadata, from a file beside the model, from a known set, or numbers."""

from __future__ import annotations

import json
from pathlib import Path

import exporter_graphs as graphs
import pytest

from engine.errors import ModelError
from engine.library.class_names import KNOWN_SETS
from engine.library.identify import identify
from engine.library.side_files import LARGEST, read_class_names

THREE = ("red apple", "pear", "plum")


def model_in(folder: Path, classes: int = 3, **how: object) -> Path:
    path = folder / "fruit.onnx"
    path.write_bytes(graphs.yolox(classes=classes, size=(320, 320), **how).SerializeToString())
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fruit.names", "red apple\npear\n\nplum\n"),
        ("fruit.txt", "0 red apple\n1 pear\n2 plum\n"),
        ("fruit.txt", "0: red apple\n1: pear\n2: plum\n"),
        ("fruit.yaml", "path: x\nnames:\n  0: red apple\n  1: 'pear'\n  2: plum\nnc: 3\n"),
        ("fruit.yml", "names:\n- red apple\n- pear\n- plum\n"),
        ("fruit.yaml", "names: ['red apple', 'pear', 'plum']  # three\n"),
        ("fruit.yaml", "names: {0: red apple, 1: pear, 2: plum}\n"),
        ("fruit.json", json.dumps(THREE)),
        ("fruit.json", json.dumps({"0": "red apple", "1": "pear", "2": "plum"})),
        ("fruit.json", json.dumps({"id2label": {"2": "plum", "1": "pear", "0": "red apple"}})),
        ("labels.txt", "red apple\r\npear\r\nplum"),
        ("classes.txt", "\ufeffred apple\npear\nplum\n"),
        ("data.yaml", "train: a\nval: b\nnc: 3\nnames: [red apple, pear, plum]\n"),
    ],
)
def test_a_file_beside_the_model(tmp_path: Path, name: str, text: str) -> None:
    path = model_in(tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    card = identify(path)

    assert card.class_names == THREE
    assert card.class_names_from == f"side file {name}"


def test_a_file_of_the_models_name_goes_before_one_for_the_folder(tmp_path: Path) -> None:
    path = model_in(tmp_path)
    (tmp_path / "labels.txt").write_text("a\nb\nc\n")
    (tmp_path / "fruit.names").write_text("\n".join(THREE))

    assert identify(path).class_names == THREE


def test_the_models_own_names_go_before_all(tmp_path: Path) -> None:
    path = tmp_path / "fruit.onnx"
    path.write_bytes(graphs.yolo(classes=3, metadata=graphs.ultralytics("detect", 3)).SerializeToString())
    (tmp_path / "fruit.names").write_text("\n".join(THREE))

    assert identify(path).class_names_from == "metadata"


def test_a_file_for_the_folder_that_does_not_fit_belongs_to_another_model(tmp_path: Path) -> None:
    path = model_in(tmp_path, 80)
    (tmp_path / "labels.txt").write_text("a\nb\nc\n")
    card = identify(path)

    assert card.class_names_from == "known set COCO (80)"
    assert card.warnings == ()


def test_a_file_of_the_models_name_that_does_not_fit_is_a_warning(tmp_path: Path) -> None:
    path = model_in(tmp_path, 80)
    (tmp_path / "fruit.names").write_text("a\nb\nc\n")
    card = identify(path)

    assert card.class_names_from == "numbers"
    assert (len(card.class_names), card.class_names[79]) == (80, "79")
    assert any("fruit.names names 3 classes" in warning and "80" in warning for warning in card.warnings)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"{" * 100_000, b"[" * 100_000, b"a\n" * (LARGEST // 2 + 1)],
    ids=["empty", "bytes", "braces", "brackets", "huge"],
)
@pytest.mark.parametrize("name", ["fruit.json", "fruit.yaml", "fruit.txt"])
def test_a_side_file_that_makes_no_sense_does_no_harm(tmp_path: Path, name: str, content: bytes) -> None:
    path = model_in(tmp_path)
    (tmp_path / name).write_bytes(content)

    assert len(identify(path).class_names) == 3


def test_names_are_short_and_printable(tmp_path: Path) -> None:
    path = model_in(tmp_path)
    (tmp_path / "fruit.json").write_text(json.dumps(["\x1b[31mred\n", "x" * 5000, "   a   b "]))
    names = identify(path).class_names

    assert all(name.isprintable() and len(name) <= 100 for name in names)
    assert names[2] == "a b"


def test_names_that_a_person_points_at_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")

    for name in ("nothing.txt", "empty.txt"):
        with pytest.raises(ModelError, match="one name a line"):
            read_class_names(tmp_path / name)


def test_known_sets_have_the_number_of_names_they_say() -> None:
    for known in KNOWN_SETS.values():
        assert len(known.names()) == known.count
        assert all(name == name.strip() and name for name in known.names())


def test_known_sets_are_the_published_ones() -> None:
    coco, numbered = KNOWN_SETS["coco"].names(), KNOWN_SETS["coco_91"].names()
    imagenet = KNOWN_SETS["imagenet"].names()

    assert (coco[0], coco[2], coco[79], len(set(coco))) == ("person", "car", "toothbrush", 80)
    assert [name for name in numbered[1:] if name != "N/A"] == list(coco)
    assert (numbered[1], numbered[13], numbered[90]) == ("person", "stop sign", "toothbrush")
    assert KNOWN_SETS["coco_90"].names() == numbered[1:]
    assert (imagenet[0], imagenet[281], imagenet[999]) == ("tench", "tabby", "toilet tissue")
