"""How ``bench --tune`` found a model to run best here is how the window runs it, where no person has chosen."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from bridge_bench import MODEL, OTHER, Bench
from cards import make_card
from fakes import FakeBackend, FakeCompiled

from engine.backends.backend import Cancelled, CompileRequest, Progress
from engine.backends.processor import machine
from engine.cards import ModelCard, Precision, Profile
from engine.library.preferences import Preference, forget_preference, store_preference
from gui.presenters.workspace import Chosen, ModelChoice

BEST = Preference(machine(), "onnxruntime", "CPU", Precision.BF16, Profile.LATENCY, lanes=3, threads=4)


def sha256(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()


def card(path: Path) -> ModelCard:
    return replace(make_card(path), sha256=sha256(path))


@pytest.fixture
def asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, CompileRequest]]:
    """What is compiled, and by which backend."""
    seen: list[tuple[str, CompileRequest]] = []

    class Watched(FakeBackend):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def compile(self, request: CompileRequest, progress: Progress, cancelled: Cancelled) -> FakeCompiled:
            seen.append((self.name, request))
            return super().compile(request, progress, cancelled)

    bench.backend = Watched
    monkeypatch.setattr("gui.bridge.models.identify", card)
    return seen


def loaded(bench: Bench, path: Path) -> ModelChoice:
    """Use a model, and wait until it runs."""
    model_id = bench.store.use_model(path)
    return warm(bench, model_id)


def warm(bench: Bench, model_id: str) -> ModelChoice:
    bench.until(lambda: bench.bridge.model_state(model_id).loading is None, "the model is loaded")
    model = bench.store.now.model(model_id)
    assert model is not None
    assert bench.bridge.model_state(model_id).report is not None
    return model


@pytest.mark.parametrize("there", [True, False])
def test_an_int8_variant_that_was_the_best_is_what_runs_while_it_is_there(
    bench: Bench, asked: list[tuple[str, CompileRequest]], monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    variant = card(Path("/variants/int8.xml"))
    monkeypatch.setattr("engine.optimise.int8_variant.find_int8", lambda _card, _backend: variant if there else None)
    store_preference(sha256(MODEL), replace(BEST, precision=Precision.INT8))
    shown = loaded(bench, MODEL)

    ((_, request),) = asked
    if there:
        assert (shown.path, shown.precision, request.card) == (MODEL, Precision.INT8, variant)
    else:
        assert (shown.chosen, request.card.path) == (Chosen.BY_DEFAULT, MODEL)


def test_a_model_runs_as_it_was_measured_to_run_best(bench: Bench, asked: list[tuple[str, CompileRequest]]) -> None:
    store_preference(sha256(MODEL), BEST)
    shown = loaded(bench, MODEL)

    assert (shown.backend, shown.device, shown.precision) == ("onnxruntime", "CPU", Precision.BF16)
    assert shown.chosen is Chosen.MEASURED
    ((backend, request),) = asked
    assert backend == "onnxruntime"
    assert (request.device, request.precision, request.profile) == ("CPU", Precision.BF16, Profile.LATENCY)
    assert (request.lanes, request.threads) == (3, 4)


def test_a_later_choice_by_hand_wins(bench: Bench, asked: list[tuple[str, CompileRequest]]) -> None:
    store_preference(sha256(MODEL), BEST)
    model = loaded(bench, MODEL)
    bench.store.edit(models=(model.by_hand(backend="openvino", device=""),))
    shown = warm(bench, model.model_id)

    assert (shown.backend, shown.chosen) == ("openvino", Chosen.BY_HAND)
    backend, request = asked[-1]
    assert (backend, request.device, request.lanes, request.profile) == ("openvino", "", None, Profile.THROUGHPUT)


def test_what_a_person_asked_for_is_not_replaced(bench: Bench, asked: list[tuple[str, CompileRequest]]) -> None:
    store_preference(sha256(MODEL), BEST)
    model_id = bench.store.use_model(MODEL, precision=Precision.FP32)
    shown = warm(bench, model_id)
    assert (shown.backend, shown.precision) == ("openvino", Precision.FP32)


@pytest.mark.parametrize("stored", [None, replace(BEST, machine="Another machine")])
def test_without_a_measurement_of_this_machine_it_runs_by_itself(
    bench: Bench, asked: list[tuple[str, CompileRequest]], stored: Preference | None
) -> None:
    store_preference(sha256(OTHER), BEST)
    if stored is not None:
        store_preference(sha256(MODEL), stored)
    assert loaded(bench, MODEL) == ModelChoice(bench.store.now.models[0].model_id, MODEL)


def test_what_was_measured_since_is_taken_up_when_it_is_loaded_again(
    bench: Bench, asked: list[tuple[str, CompileRequest]]
) -> None:
    model = loaded(bench, MODEL)
    store_preference(sha256(MODEL), BEST)
    bench.bridge.reload(model.model_id)
    assert warm(bench, model.model_id).backend == "onnxruntime"
    forget_preference(sha256(MODEL))
    bench.bridge.reload(model.model_id)
    assert warm(bench, model.model_id) == model
