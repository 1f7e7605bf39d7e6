"""Compiled models on disk: faster, true about it, and never in the way."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import backend_graphs as graphs
import numpy as np
import onnx
import pytest
from cards import make_card

from engine.backends.backend import Backend, CompiledModel, CompileRequest
from engine.backends.table import load_backend
from engine.cards import InputSpec, ModelCard, Precision, Profile, TensorSpec
from engine.folders import cache_folder

SHAPE = (1, 3, 32, 48)


@pytest.fixture(params=["openvino", "onnxruntime"])
def backend(request: pytest.FixtureRequest) -> Backend:
    return load_backend(request.param)


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return make_card(
        graphs.save_convolutions(tmp_path / "convolutions.onnx", SHAPE),
        input=InputSpec("images", 32, 48),
        inputs=(TensorSpec("images", SHAPE, "float32"),),
        outputs=(TensorSpec("features", (1, 8, 16, 24), "float32"),),
    )


def load(backend: Backend, request: CompileRequest) -> CompiledModel:
    return backend.compile(request, lambda _phase: None, lambda: False)


def answer(model: CompiledModel) -> np.ndarray:
    lane = model.open_lane()
    lane.canvas[...] = np.arange(lane.canvas.size, dtype=np.uint8).reshape(lane.canvas.shape)
    return lane.infer()["features"].copy()


def entries() -> list[Path]:
    return sorted(path for path in cache_folder().rglob("*") if path.is_file())


def test_the_second_time_it_comes_from_the_cache_and_is_the_same(backend: Backend, card: ModelCard) -> None:
    first, second = load(backend, CompileRequest(card)), load(backend, CompileRequest(card))
    assert (first.report.from_cache, second.report.from_cache) == (False, True)
    assert replace(second.report, from_cache=False, compile_s=0.0, placement={}) == replace(
        first.report, compile_s=0.0, placement={}
    )
    np.testing.assert_array_equal(answer(first), answer(second))


def test_who_wants_no_cache_gets_none(backend: Backend, card: ModelCard) -> None:
    for _ in range(2):
        assert load(backend, CompileRequest(card, cache=False)).report.from_cache is False
    assert entries() == []


def test_what_runs_otherwise_is_compiled_otherwise(card: ModelCard) -> None:
    backend = load_backend("openvino")
    requests = [
        CompileRequest(card),
        CompileRequest(card, profile=Profile.LATENCY),
        CompileRequest(card, precision=Precision.BF16, allow_fallback=True),
        CompileRequest(replace(card, input=replace(card.input, mean=(1.0, 2.0, 3.0)))),
        CompileRequest(replace(card, sha256="another")),
    ]
    assert [load(backend, request).report.from_cache for request in requests] == [False] * len(requests)
    assert len(entries()) == len(requests)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "garbage"])
def test_a_damaged_entry_is_thrown_away_and_made_again(backend: Backend, card: ModelCard, damage: str) -> None:
    expected = answer(load(backend, CompileRequest(card)))
    (entry,) = entries()
    content = entry.read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]
    entry.write_bytes({"cut": content[:middle], "flip": flipped, "empty": b"", "garbage": b"x" * 1000}[damage])
    again = load(backend, CompileRequest(card))
    assert again.report.from_cache is False
    np.testing.assert_array_equal(answer(again), expected)
    assert load(backend, CompileRequest(card)).report.from_cache is True


def test_an_entry_that_the_runtime_does_not_take_is_made_again(backend: Backend, card: ModelCard) -> None:
    from engine.backends.compiled_cache import CompiledCache

    load(backend, CompileRequest(card))
    (entry,) = entries()
    CompiledCache().write(entry.stem, b"from another build", {"shares": {}})
    assert load(backend, CompileRequest(card)).report.from_cache is False
    assert load(backend, CompileRequest(card)).report.from_cache is True


@pytest.mark.skipif(os.name == "nt", reason="a file in the way of a folder is another error there")
@pytest.mark.parametrize(("name", "device"), [("openvino", "CPU"), ("openvino", "AUTO"), ("onnxruntime", "CPU")])
def test_a_cache_that_cannot_be_written_is_a_warning(name: str, device: str, card: ModelCard) -> None:
    cache_folder().parent.mkdir(parents=True, exist_ok=True)
    cache_folder().write_text("in the way")
    model = load(load_backend(name), CompileRequest(card, device=device))
    assert answer(model).shape == (1, 8, 16, 24)
    assert any("next start" in warning for warning in model.report.warnings)


def test_weights_in_a_further_file_are_not_cached(backend: Backend, card: ModelCard, tmp_path: Path) -> None:
    path = tmp_path / "outside.onnx"
    model = onnx.load(card.path)
    onnx.save_model(model, path, save_as_external_data=True, location="outside.data", size_threshold=0)
    outside = make_card(path, input=card.input, inputs=card.inputs, outputs=card.outputs)
    outside = replace(outside, model_bytes=outside.model_bytes + (tmp_path / "outside.data").stat().st_size)
    for _ in range(2):
        assert load(backend, CompileRequest(outside)).report.from_cache is False
    assert entries() == []


def test_auto_keeps_what_it_compiled(card: ModelCard) -> None:
    backend = load_backend("openvino")
    request = CompileRequest(card, device="AUTO")
    assert [load(backend, request).report.from_cache for _ in range(2)] == [False, True]
    assert load(backend, replace(request, cache=False)).report.from_cache is False
