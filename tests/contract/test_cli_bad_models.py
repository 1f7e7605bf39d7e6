"""Models that cannot be run: exit status 1, one line that says what, which file and what to do, nothing left."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from program import PROGRAM

Make = Callable[[Path], Path]


def _text(folder: Path) -> Path:
    path = folder / "letter.onnx"
    path.write_text("Dear reader, this is not a model.\n" * 20)
    return path


def _empty(folder: Path) -> Path:
    path = folder / "empty.onnx"
    path.write_bytes(b"")
    return path


def _tiny(folder: Path, name: str = "tiny.onnx", *, opset: int = 17) -> Path:
    weights = numpy_helper.from_array(np.zeros((84, 3, 1, 1), np.float32), "weights")
    nodes = [
        helper.make_node("Conv", ["images", "weights"], ["features"], kernel_shape=[1, 1]),
        helper.make_node("GlobalAveragePool", ["features"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["logits"]),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 32, 32])
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 84])
    graph = helper.make_graph(nodes, "tiny", [images], [output], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path


def _truncated(folder: Path) -> Path:
    path = _tiny(folder, "short.onnx")
    path.write_bytes(path.read_bytes()[:-200])
    return path


def _future_opset(folder: Path) -> Path:
    return _tiny(folder, "future.onnx", opset=99)


def _xml_alone(folder: Path) -> Path:
    path = folder / "alone.xml"
    path.write_text('<?xml version="1.0"?><net name="alone" version="11"><layers/><edges/></net>')
    return path


def _pytorch(folder: Path) -> Path:
    path = folder / "weights.pt"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    return path


def _external(folder: Path, location: str) -> Path:
    model = onnx.load(_tiny(folder, "external.onnx"))
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=location)
    path = folder / "external.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def _external_missing(folder: Path) -> Path:
    return _external(folder, "weights.bin")


def _external_outside(folder: Path) -> Path:
    return _external(folder, "../../../etc/hostname")


def _language_model(folder: Path) -> Path:
    table = numpy_helper.from_array(np.zeros((100, 8), np.float32), "table")
    node = helper.make_node("Gather", ["table", "input_ids"], ["logits"])
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "sequence"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "sequence", 8])
    graph = helper.make_graph([node], "language", [ids], [logits], [table])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = folder / "chat.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    from engine.opencv import cv2

    path = tmp_path / "picture.png"
    path.write_bytes(cv2.imencode(".png", np.zeros((40, 60, 3), np.uint8))[1].tobytes())
    return path


def _run(model: Path, picture: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, "run", "--model", str(model), "--source", str(picture), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_text, ("letter.onnx",)),
        (_empty, ("empty.onnx",)),
        (_truncated, ("short.onnx",)),
        (_xml_alone, ("alone", ".bin")),
        (_pytorch, ("weights.pt", "xport")),
        (_external_missing, ("external.onnx", "weights.bin")),
        (_external_outside, ("external.onnx", "folder")),
        (_future_opset, ("future.onnx", "opset")),
        (_language_model, ("chat.onnx", "language")),
        (lambda folder: folder / "absent.onnx", ("absent.onnx",)),
        (lambda folder: folder, ("folder",)),
    ],
)
def test_what_is_wrong_with_a_model_is_one_line(
    tmp_path: Path, picture: Path, make: Make, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "model folder"
    folder.mkdir()
    out = tmp_path / "out"
    out.mkdir()

    done = _run(make(folder), picture, "--results", str(out / "r.jsonl"), "--video", str(out / "v.mp4"), "--json")

    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]
    assert list(out.iterdir()) == []


def test_names_that_do_not_fit_the_outputs_are_a_warning_and_numbers_are_used(tmp_path: Path, picture: Path) -> None:
    model = _tiny(tmp_path)
    (tmp_path / "tiny.names").write_text("cat\ndog\n")

    done = _run(model, picture, "--json")

    assert done.returncode == 0, done.stderr
    assert "2" in done.stderr
    assert "84" in done.stderr
    assert "numbers" in done.stderr
