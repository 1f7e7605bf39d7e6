"""Files that cannot be run, and people who change their mind: one sentence each, nothing left behind."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import backend_graphs as graphs
import numpy as np
import onnx
import openvino as ov
import pytest
from cards import make_card

from engine.backends.backend import Backend, CompileRequest
from engine.backends.cancellation import Cancellation
from engine.backends.table import BACKENDS, load_backend
from engine.cards import ExtraInput, InputSpec, ModelCard, TensorSpec
from engine.errors import BackendError, CancelledError, NotAvailableError

SHAPE = (1, 3, 32, 48)


@pytest.fixture(params=list(BACKENDS))
def backend(request: pytest.FixtureRequest) -> Backend:
    return load_backend(request.param)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return graphs.save_convolutions(tmp_path / "good.onnx", SHAPE)


def card_of(path: Path) -> ModelCard:
    return make_card(
        path,
        input=InputSpec("images", 32, 48),
        inputs=(TensorSpec("images", SHAPE, "float32"),),
        outputs=(TensorSpec("features", (1, 8, 16, 24), "float32"),),
    )


def failure_of(backend: Backend, card: ModelCard) -> BackendError:
    with pytest.raises(BackendError) as raised:
        backend.compile(CompileRequest(card), lambda _phase: None, lambda: False)
    return raised.value


def check_message(error: BackendError, name: str) -> None:
    line = str(error)
    assert "\n" not in line
    assert name in line
    assert error.remedy
    assert "Exception from" not in line
    assert "[ONNXRuntimeError]" not in line


def truncated(good: Path, bad: Path) -> None:
    bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])


def missing_weights(good: Path, bad: Path) -> None:
    model = onnx.load(good)
    onnx.save_model(model, bad, save_as_external_data=True, location="weights.data", size_threshold=0)
    (bad.parent / "weights.data").unlink()


def missing(good: Path, bad: Path) -> None:
    assert good.exists()
    assert not bad.exists()


def unknown_operator(_good: Path, bad: Path) -> None:
    graphs.save_unknown_operator(bad)


@pytest.mark.parametrize(
    ("spoil", "word"),
    [(truncated, "damaged"), (missing_weights, "weights"), (unknown_operator, "Fancy"), (missing, "file")],
)
def test_a_bad_file_is_one_sentence(
    backend: Backend, good: Path, tmp_path: Path, spoil: Callable[[Path, Path], None], word: str
) -> None:
    bad = tmp_path / "bad.onnx"
    spoil(good, bad)
    error = failure_of(backend, replace(card_of(good), path=bad, sha256="", model_bytes=0))
    check_message(error, "bad.onnx")
    assert word in error.what
    assert error.detail


def test_an_opset_of_the_future_names_both_opsets(tmp_path: Path) -> None:
    card = card_of(graphs.save_newer_opset(tmp_path / "new.onnx"))
    error = failure_of(load_backend("onnxruntime"), card)
    check_message(error, "new.onnx")
    assert "opset 99" in error.what
    assert "up to" in error.what


def test_a_size_the_model_does_not_take(good: Path) -> None:
    card = card_of(good)
    wrong = replace(card, input=replace(card.input, height=64))
    check_message(failure_of(load_backend("onnxruntime"), wrong), "good.onnx")


def test_an_input_the_card_does_not_fill(tmp_path: Path) -> None:
    path = graphs.save_extra_input(tmp_path / "extra.onnx", 8)
    card = make_card(path, input=InputSpec("images", 8, 8), outputs=())
    for name in ("openvino", "onnxruntime"):
        error = failure_of(load_backend(name), card)
        check_message(error, "extra.onnx")
        assert "orig_target_sizes" in error.what


def test_whole_numbers_cannot_be_scaled(backend: Backend, tmp_path: Path) -> None:
    path = graphs.save_pixels(tmp_path / "whole.onnx", (1, 3, 8, 8), "uint8")
    card = make_card(path, input=InputSpec("images", 8, 8, dtype="uint8", scale=(255.0, 255.0, 255.0)))
    check_message(failure_of(backend, card), "whole.onnx")


@pytest.fixture
def converted(good: Path) -> ModelCard:
    path = good.with_suffix(".xml")
    ov.save_model(ov.Core().read_model(good), path, compress_to_fp16=False)
    return card_of(path)


def test_openvino_runs_an_ir_like_the_file_it_was_made_of(converted: ModelCard, good: Path) -> None:
    backend = load_backend("openvino")
    answers = []
    for card in (converted, card_of(good)):
        lane = backend.compile(CompileRequest(card), lambda _phase: None, lambda: False).open_lane()
        lane.canvas[...] = np.arange(lane.canvas.size, dtype=np.uint8).reshape(lane.canvas.shape)
        answers.append(lane.infer()["features"].copy())
    np.testing.assert_array_equal(answers[0], answers[1])


@pytest.mark.parametrize("name", ["onnxruntime", "opencv"])
def test_others_refuse_an_ir_and_say_who_takes_it(converted: ModelCard, name: str) -> None:
    error = failure_of(load_backend(name), converted)
    check_message(error, "good.xml")
    assert "OpenVINO" in error.remedy


def test_an_ir_without_its_weights(converted: ModelCard) -> None:
    converted.path.with_suffix(".bin").unlink()
    card = replace(converted, sha256="", model_bytes=0)
    error = failure_of(load_backend("openvino"), card)
    check_message(error, "good.xml")
    assert ".bin" in error.what


def test_a_nameless_ir_is_run_by_the_names_of_its_nodes(tmp_path: Path) -> None:
    source = ov.opset13.parameter([1, 3, 8, 8], np.float32, name="picture")
    result = ov.opset13.relu(source, name="answer")
    path = tmp_path / "nameless.xml"
    ov.save_model(ov.Model([result], [source], "nameless"), path)
    path.write_text(re.sub(r' (?:output_)?names="[^"]*"', "", path.read_text()))  # as older versions wrote it
    card = make_card(
        path,
        input=InputSpec("picture", 8, 8),
        inputs=(TensorSpec("picture", (1, 3, 8, 8), "float32"),),
        outputs=(TensorSpec("answer", (1, 3, 8, 8), "float32"),),
    )
    card = replace(card, sha256="")
    lane = load_backend("openvino").compile(CompileRequest(card), lambda _phase: None, lambda: False).open_lane()
    lane.canvas[...] = 7
    assert set(lane.infer()) == {"answer"}
    assert float(lane.infer()["answer"].mean()) == 7.0


def test_names_with_spaces_and_foreign_letters(backend: Backend, good: Path, tmp_path: Path) -> None:
    path = tmp_path / "dossier é 模型" / "модель 1.onnx"
    path.parent.mkdir()
    shutil.copy(good, path)
    model = backend.compile(CompileRequest(card_of(path)), lambda _phase: None, lambda: False)
    assert model.open_lane().infer()["features"].shape == (1, 8, 16, 24)


def test_an_extra_input_of_another_type_than_the_model_s(tmp_path: Path) -> None:
    path = graphs.save_extra_input(tmp_path / "extra.onnx", 8)
    sizes = ExtraInput("orig_target_sizes", (1.0, 2.0), (1, 2), "float32", "constant")
    card = make_card(path, input=InputSpec("images", 8, 8, extra_inputs=(sizes,)), outputs=())
    check_message(failure_of(load_backend("onnxruntime"), card), "extra.onnx")
    model = load_backend("openvino").compile(CompileRequest(card), lambda _phase: None, lambda: False)
    with pytest.raises(BackendError) as raised:
        model.open_lane()
    check_message(raised.value, "extra.onnx")


@pytest.mark.parametrize("calls", [0, 1])
def test_who_cancels_gets_no_model(backend: Backend, good: Path, calls: int) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > calls

    with pytest.raises(CancelledError):
        backend.compile(CompileRequest(card_of(good)), lambda _phase: None, cancelled)


def test_onnx_runtime_stops_in_the_middle(good: Path) -> None:
    cancel = Cancellation()
    phases: list[str] = []

    def progress(phase: str) -> None:
        phases.append(phase)
        cancel.cancel()

    with pytest.raises(CancelledError):
        load_backend("onnxruntime").compile(CompileRequest(card_of(good)), progress, cancel)
    assert len(phases) == 1


def test_phases_are_told(backend: Backend, good: Path) -> None:
    phases: list[str] = []
    backend.compile(CompileRequest(card_of(good)), phases.append, lambda: False)
    assert phases
    assert all(phase[0].isupper() for phase in phases)


def test_unknown_backends_list_the_known_ones() -> None:
    with pytest.raises(NotAvailableError, match="openvino, onnxruntime, opencv"):
        load_backend("tensorflow")
