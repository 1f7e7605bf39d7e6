"""Lanes: canvas rules, several at once, and what is left when they are gone."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import backend_graphs as graphs
import numpy as np
import psutil
import pytest
from cards import make_card

from engine.backends.backend import Backend, CompiledModel, CompileRequest, InferenceLane
from engine.backends.table import BACKENDS, load_backend
from engine.cards import InputSpec, ModelCard, TensorSpec
from engine.errors import BackendError

SHAPE = (1, 3, 32, 48)


@pytest.fixture(params=list(BACKENDS))
def backend(request: pytest.FixtureRequest) -> Backend:
    return load_backend(request.param)


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return make_card(
        graphs.save_convolutions(tmp_path / "convolutions.onnx", SHAPE),
        input=InputSpec("images", 32, 48, scale=(255.0, 255.0, 255.0)),
        inputs=(TensorSpec("images", SHAPE, "float32"),),
        outputs=(TensorSpec("features", (1, 8, 16, 24), "float32"),),
    )


@pytest.fixture
def model(backend: Backend, card: ModelCard) -> CompiledModel:
    return backend.compile(CompileRequest(card, lanes=2), lambda _phase: None, lambda: False)


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (1, 32, 48, 3), dtype=np.uint8)


def answer(lane: InferenceLane, seed: int) -> np.ndarray:
    lane.canvas[...] = picture(seed)
    return lane.infer()["features"].copy()


def test_each_frame_is_answered_from_the_canvas_as_it_is_now(model: CompiledModel) -> None:
    lane = model.open_lane()
    first, second, again = answer(lane, 1), answer(lane, 2), answer(lane, 1)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, again)


def test_the_canvas_stays_the_same_array(model: CompiledModel) -> None:
    lane = model.open_lane()
    canvas = lane.canvas
    answer(lane, 1)
    assert lane.canvas is canvas


def test_lanes_do_not_disturb_each_other(model: CompiledModel) -> None:
    one, other = model.open_lane(), model.open_lane()
    one.canvas[...] = picture(1)
    other.canvas[...] = picture(2)
    kept = one.infer()["features"].copy()
    other.infer()
    np.testing.assert_array_equal(one.infer()["features"], kept)


def test_two_lanes_at_once_give_bit_for_bit_what_one_gives_alone(model: CompiledModel) -> None:
    alone = model.open_lane()
    expected = {seed: answer(alone, seed) for seed in range(40)}
    wrong: list[int] = []

    def work(seeds: range) -> None:
        lane = model.open_lane()
        wrong.extend(seed for seed in seeds if not np.array_equal(answer(lane, seed), expected[seed]))
        lane.close()

    threads = [threading.Thread(target=work, args=(range(start, 40, 2),)) for start in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_lanes_outlive_their_model(model: CompiledModel) -> None:
    lane = model.open_lane()
    expected = answer(lane, 1)
    model.close()
    model.close()
    gc.collect()
    np.testing.assert_array_equal(answer(lane, 1), expected)
    lane.close()


def test_outputs_outlive_their_lane(model: CompiledModel) -> None:
    lane = model.open_lane()
    lane.canvas[...] = picture(1)
    features = lane.infer()["features"]
    expected = features.copy()
    model.close()
    lane.close()
    gc.collect()
    np.testing.assert_array_equal(features, expected)


def test_what_is_closed_says_so(model: CompiledModel) -> None:
    lane = model.open_lane()
    lane.close()
    lane.close()
    with pytest.raises(BackendError, match="closed"):
        lane.infer()
    model.close()
    with pytest.raises(BackendError, match="closed"):
        model.open_lane()


def test_many_lanes_leave_nothing_behind(model: CompiledModel) -> None:
    process = psutil.Process()

    def open_and_close(times: int) -> tuple[int, int]:
        for seed in range(times):
            lane = model.open_lane()
            answer(lane, seed)
            lane.close()
        gc.collect()
        return process.num_threads(), process.num_fds()

    before = open_and_close(3)
    after = open_and_close(200)
    assert after <= before


def test_models_made_and_closed_leave_no_threads(backend: Backend, card: ModelCard) -> None:
    process = psutil.Process()

    def load(times: int) -> tuple[int, int]:
        for _ in range(times):
            model = backend.compile(CompileRequest(card), lambda _phase: None, lambda: False)
            lane = model.open_lane()
            answer(lane, 1)
            model.close()
            lane.close()
            del model, lane
        gc.collect()
        return process.num_threads(), process.num_fds()

    before = load(3)
    after = load(20)
    assert after <= before
