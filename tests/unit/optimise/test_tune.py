"""The search for the best way to run a model, on machines that are made up."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from cards import make_card
from waiting_tasks import Control

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.backends.processor import core_count
from engine.cards import ModelCard, Precision, Profile
from engine.optimise import tune as tuning
from engine.optimise.alike import Likeness
from engine.optimise.candidate import Candidate, Refused, Sample
from engine.optimise.proving import Demand, Ground
from engine.optimise.race import Runner
from engine.optimise.timing import Effort
from engine.optimise.tune import Tuned, tune

Speed = Callable[[Candidate], float | None]
"""Frames a second of a candidate, None where it is refused."""


class FakeRace:
    """Runners of known speed on a machine with so much noise."""

    def __init__(self, speed: Speed, noise: float) -> None:
        self.runners: list[Runner] = []
        self.refused: list[Refused] = []
        self.entered: list[Candidate] = []
        self.measured = 0
        self._speed, self._noise, self._random, self._rounds = speed, noise, random.Random(3), 0

    def __enter__(self) -> FakeRace:
        return self

    def __exit__(self, *_: object) -> None:
        self.runners.clear()

    def enter(self, candidate: Candidate) -> None:
        self.entered.append(candidate)
        if self._speed(candidate) is None:
            self.refused.append(Refused(candidate.name, candidate.place, "No."))
            return
        precision = candidate.precision.value
        execution: dict[str, Any] = {
            "badge": f"{candidate.backend} {precision}",
            "backend_title": candidate.backend,
            "precision": precision,
            "precision_shares": {precision: 1.0},
            "lanes": candidate.lanes or core_count(),
            "threads": candidate.threads or core_count(),
        }
        loaded = {"execution": execution, "peak_memory_bytes": 1, "load_s": 0.1}
        self.runners.append(Runner(candidate, None, loaded))  # type: ignore[arg-type]

    def run_round(self, _seconds: float) -> None:
        self._rounds += 1
        for runner in self.runners:
            self.measured += 1
            rate = (self._speed(runner.candidate) or 0.0) * (1 + self._random.uniform(-self._noise, self._noise))
            runner.samples[self._rounds] = Sample(1e3 / rate, 1e3 / rate, 1e3 / rate, rate, rate, 1.0)
            runner.disturbances[self._rounds] = 0.0

    def drop(self, runners: Sequence[Runner]) -> None:
        for runner in runners:
            self.runners.remove(runner)


def ground(folder: Path) -> Ground:
    both = tuple(PrecisionInfo(p, usable=True) for p in (Precision.FP32, Precision.BF16))
    cpu = (DeviceInfo("CPU", "A processor", usable=True, precisions=both),)
    return Ground([(name, cpu) for name in ("openvino", "onnxruntime", "opencv")], folder)


@pytest.fixture
def tuned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[Tuned, FakeRace]]:
    """Tunes a model on a machine of known speeds."""

    def run(
        speed: Speed, noise: float = 0.02, wish: Profile = Profile.THROUGHPUT, calibration: Any = None
    ) -> tuple[Tuned, FakeRace]:
        race = FakeRace(speed, noise)
        monkeypatch.setattr(tuning, "Race", lambda *_: race)
        monkeypatch.setattr(tuning, "timing_pictures", lambda *_: tmp_path)
        demand = Demand(wish=wish, effort=Effort(seconds=0.0, most_rounds=12, budget_s=10.0))
        there = replace(ground(tmp_path), calibration=calibration)
        return tune(make_card(tmp_path / "m.onnx"), there, Control(), demand), race

    return run


def by_backend(**rates: float) -> Speed:
    return lambda candidate: rates.get(candidate.backend)


def test_the_fastest_runtime_wins(tuned: Callable[..., tuple[Tuned, FakeRace]]) -> None:
    found, race = tuned(by_backend(openvino=100.0, onnxruntime=130.0, opencv=40.0))

    assert found.winner is not None
    assert (found.winner.backend, found.winner.lanes, found.winner.threads) == ("onnxruntime", None, None)
    assert "1.3" in found.report.recommendation.sentence  # type: ignore[union-attr]
    assert race.runners == []


@pytest.mark.parametrize(("agreement", "winner"), [(0.97, Precision.INT8), (0.5, Precision.FP32)])
def test_the_int8_variant_that_is_here_takes_part_where_frames_prove_it(
    tuned: Callable[..., tuple[Tuned, FakeRace]], monkeypatch: pytest.MonkeyPatch, agreement: float, winner: Precision
) -> None:
    variant = make_card(Path("m-openvino-int8.xml"), file_format="openvino_ir")
    monkeypatch.setattr(tuning, "find_int8", lambda _card, backend: variant if backend == "openvino" else None)

    class Seeing(Mock):
        def likeness(self, card: ModelCard, _candidate: Candidate) -> Likeness:
            share = agreement if card is variant else 1.0
            return Likeness(share, share, (share,), 40)

    monkeypatch.setattr(tuning, "Witness", lambda *_: Seeing(worst=[]))
    found, _ = tuned(
        lambda candidate: {Precision.FP32: 100.0, Precision.INT8: 200.0}.get(candidate.precision),
        calibration=Mock(source="yard.mp4", held_out=()),
    )

    assert found.winner is not None
    assert found.winner.precision is winner
    assert [entry.name for entry in found.report.variants] == ["openvino-int8"]


def test_what_is_far_behind_is_measured_least(tuned: Callable[..., tuple[Tuned, FakeRace]]) -> None:
    found, _ = tuned(by_backend(openvino=100.0, onnxruntime=130.0, opencv=40.0))

    rounds = {way.timing.candidate.place: way.timing.rounds for way in found.report.original.ways}
    assert rounds["opencv · CPU · FP32"] == 2
    assert rounds["onnxruntime · CPU · FP32"] >= 10
    assert rounds["openvino · CPU · FP32"] >= 10


def test_lanes_that_gain_are_chosen(tuned: Callable[..., tuple[Tuned, FakeRace]]) -> None:
    twice = 2 * core_count()

    def speed(candidate: Candidate) -> float | None:
        return {"openvino": 100.0, "onnxruntime": 90.0}.get(candidate.backend, 30.0) * (
            1.3 if candidate.lanes == twice else 1.0
        )

    found, _ = tuned(speed)

    assert found.winner is not None
    assert (found.winner.backend, found.winner.lanes) == ("openvino", twice)
    assert f"{twice} lanes" in found.report.recommendation.sentence  # type: ignore[union-attr]


def test_chance_chooses_no_lanes(tuned: Callable[..., tuple[Tuned, FakeRace]]) -> None:
    found, race = tuned(by_backend(openvino=100.0, onnxruntime=95.0, opencv=30.0), noise=0.3)

    assert found.winner is not None
    assert (found.winner.lanes, found.winner.threads) == (None, None)
    assert any(candidate.lanes for candidate in race.entered)


def test_lower_precision_needs_frames_to_be_looked_at(tuned: Callable[..., tuple[Tuned, FakeRace]]) -> None:
    found, _ = tuned(lambda candidate: 200.0 if candidate.precision is Precision.BF16 else 100.0)

    assert found.winner is not None
    assert found.winner.precision is Precision.FP32
    assert "nobody has looked" in found.report.recommendation.sentence  # type: ignore[union-attr]


def test_quick_answers_take_no_lanes(tuned: Callable[..., tuple[Tuned, FakeRace]]) -> None:
    found, race = tuned(by_backend(openvino=100.0, onnxruntime=140.0, opencv=30.0), wish=Profile.LATENCY)

    assert found.winner is not None
    assert found.winner.backend == "onnxruntime"
    assert not any(candidate.lanes for candidate in race.entered)


def test_where_nothing_runs_nobody_wins(tuned: Callable[..., tuple[Tuned, FakeRace]]) -> None:
    found, _ = tuned(lambda _candidate: None)

    assert found.winner is None
    assert len(found.report.refused) == 6
