"""``inferoscope inspect``: the card for people, as JSON, and corrections."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.cli.main import main

KEYS = {
    "path", "sha256", "model_bytes", "file_format", "opset", "task", "family", "family_title", "confidence", "evidence",
    "questions", "warnings", "corrected", "stored_precision", "inputs", "outputs", "input", "roles", "options",
    "classes", "class_names_from", "keypoint_names", "skeleton", "metadata",
}  # fmt: skip


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A classifier of four classes whose size is free."""
    weights = numpy_helper.from_array(np.ones((4, 3, 3, 3), np.float32), "w")
    nodes = [
        helper.make_node("Conv", ["picture", "w"], ["c"]),
        helper.make_node("GlobalAveragePool", ["c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Softmax", ["f"], ["scores"]),
    ]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, "height", "width"])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 4])
    graph = helper.make_graph(nodes, "net", [picture], [scores], [weights])
    path = tmp_path / "my net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["inspect", *arguments, "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    found: dict[str, object] = json.loads(printed.out)
    return found


def test_the_document_has_all_its_keys(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = document(capsys, str(model))

    assert set(card) == KEYS
    assert (card["task"], card["family"], card["path"]) == ("classify", "classifier", str(model))
    assert card["model_bytes"] == model.stat().st_size
    assert card["inputs"] == [{"name": "picture", "shape": [1, 3, "height", "width"], "dtype": "float32"}]
    assert 0.0 < float(str(card["confidence"])) <= 1.0
    assert len(str(card["sha256"])) == 64


def test_every_key_is_described(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = (Path(__file__).parents[3] / "docs" / "json.md").read_text()
    section = described.split("## inspect")[1].split("\n## ")[0]
    card = document(capsys, str(model))
    spec = card["input"]
    assert isinstance(spec, dict)

    for key in (*card, *spec):
        assert f"`{key}`" in section or f".{key}`" in section, key


def test_people_read_sentences(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(model)]) == 0
    out = capsys.readouterr().out

    for word in ("Classifier", "my net.onnx", "224x224 (height, width free)", "scores", "Why", "softmax", "Note"):
        assert word in out
    assert max(len(line) for line in out.splitlines()) <= 100


def test_a_correction_is_shown_kept_and_forgotten(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corrected = document(capsys, str(model), "--set", "size=96x64", "--set", "softmax=true")
    again = document(capsys, str(model))
    forgotten = document(capsys, str(model), "--forget")

    assert corrected == again
    assert (again["corrected"], forgotten["corrected"]) == (True, False)
    spec = again["input"]
    assert isinstance(spec, dict)
    assert (spec["width_px"], spec["height_px"]) == (96, 64)


@pytest.mark.parametrize("arguments", [["--set", "size=95"], ["--set", "family=nonsense"], ["--set", "x"]])
def test_a_correction_that_does_not_fit(model: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(model), *arguments]) == 1
    printed = capsys.readouterr()

    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1


def test_a_file_that_is_no_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "text.onnx"
    path.write_text("hello")

    assert main(["inspect", str(path), "--json"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert str(path) in printed.err
    assert len(printed.err.splitlines()) == 1


def test_names_cannot_steer_the_terminal(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = onnx.load(model)
    net.graph.output[0].name = net.graph.node[-1].output[0] = "sc\x1b[2Jores"
    onnx.save(net, model)

    assert main(["inspect", str(model)]) == 0
    assert "\x1b" not in capsys.readouterr().out
