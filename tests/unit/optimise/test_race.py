"""Candidates measured in turn, with children that answer what a test wants."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from waiting_tasks import Control

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.cards import Precision
from engine.errors import CancelledError
from engine.optimise.candidate import Candidate, Sample
from engine.optimise.race import Race, Runner, timing_of
from engine.optimise.timing import combinations

_CHILD = """
import os
from engine.pipeline.conversation import converse
state = {"round": 0}
def answer(question):
    if "path" in question:
        state.update(name=question["name"])
        if question["name"] == "refused":
            return {"refused": "There is no such device."}
        return {"execution": {"badge": "B"}, "load_s": 0.5, "peak_memory_bytes": 7}
    state["round"] += 1
    if state["name"] == "crashes" and state["round"] == 2:
        os.abort()
    # The machine is twice as slow in every other round; the fast one stays 1.5 times as fast.
    noise = 2.0 if state["round"] % 2 else 1.0
    rate = (150.0 if state["name"] == "fast" else 100.0) / noise
    ms = 1e3 / rate
    return {"latency_p50_ms": ms, "latency_p95_ms": ms, "infer_p50_ms": ms, "frames_per_s": rate,
            "inferences_per_s": rate, "cpu_ms": ms, "process_s": 0.0}
converse(answer)
"""


def race(control: Control) -> Race:
    return Race(Path("pictures.npz"), control, lambda: [sys.executable, "-c", _CHILD])


def candidate(name: str) -> Candidate:
    return Candidate(name, Path(f"{name}.onnx"), "openvino")


def test_ratios_are_those_of_the_same_rounds() -> None:
    with race(Control()) as running:
        running.enter(candidate("plain"))
        running.run_round(0.01)
        running.enter(candidate("fast"))
        for _ in range(4):
            running.run_round(0.01)
        plain, fast = running.runners
        timing = timing_of(fast, plain)

    assert timing.rounds == 4
    assert sorted(plain.samples) == [1, 2, 3, 4, 5]
    assert json.dumps([timing.peak_memory_bytes, timing.badge]) == '[7, "B"]'
    # Their own rounds are out of step here, so every ratio is 1.5 times or a fraction of two.
    assert timing.speed.median == pytest.approx(timing.live_speed.median)
    assert timing.latency.median == pytest.approx(1 / timing.speed.median, rel=0.6)


def test_noise_of_the_machine_does_not_show_in_ratios() -> None:
    with race(Control()) as running:
        running.enter(candidate("plain"))
        running.enter(candidate("fast"))
        for _ in range(4):
            running.run_round(0.01)
        plain, fast = running.runners
        timing = timing_of(fast, plain)

    assert (timing.speed.low, timing.speed.median, timing.speed.high) == pytest.approx((1.5, 1.5, 1.5))
    assert timing.latency.median == pytest.approx(1 / 1.5)
    assert fast.uncertainty(plain, "frames_per_s") == pytest.approx(0.0, abs=1e-9)
    assert timing.figures.frames_per_s == pytest.approx(112.5)  # the median of 75 and 150


def test_who_is_refused_or_crashes_leaves_alone() -> None:
    with race(Control()) as running:
        for name in ("plain", "refused", "crashes"):
            running.enter(candidate(name))
        for _ in range(3):
            running.run_round(0.01)

        assert [runner.candidate.name for runner in running.runners] == ["plain"]
        assert len(running.runners[0].samples) == 3
    told = {refused.name: refused.reason for refused in running.refused}
    assert told["refused"] == "There is no such device."
    assert "SIGABRT" in told["crashes"]


def test_a_cancel_ends_all_children() -> None:
    control = Control()
    with pytest.raises(CancelledError), race(control) as running:
        running.enter(candidate("plain"))
        running.enter(candidate("fast"))
        control.give_up()
        running.run_round(0.01)

    assert running.runners == []


def test_what_there_is_to_try() -> None:
    usable = [PrecisionInfo(p, usable=True) for p in (Precision.FP32, Precision.BF16, Precision.INT8)]
    refused = PrecisionInfo(Precision.FP16, usable=False, reason="It computes in BF16", cure="Ask for bf16")
    cpu = DeviceInfo("CPU", "A processor", usable=True, precisions=(*usable, refused))
    auto = DeviceInfo("AUTO", "the best", usable=True, precisions=tuple(usable))
    gpu = DeviceInfo("GPU", "A card", usable=False, reason="No driver")

    candidates, not_tried = combinations("original", Path("m.onnx"), [("openvino", (cpu, auto, gpu))])

    assert [(c.device, c.precision) for c in candidates] == [("CPU", "fp32"), ("CPU", "bf16")]
    assert [(r.place, r.reason) for r in not_tried] == [("openvino · CPU · FP16", "It computes in BF16. Ask for bf16.")]


def test_rounds_in_which_others_were_busy_do_not_count() -> None:
    def runner(rates: dict[int, float], disturbances: dict[int, float]) -> Runner:
        samples = {r: Sample(1.0, 1.0, 1.0, rate, rate, 1.0) for r, rate in rates.items()}
        return Runner(candidate("any"), None, {}, samples, disturbances)  # type: ignore[arg-type]

    calm = dict.fromkeys(range(12), 0.0)
    plain = runner(dict.fromkeys(range(12), 100.0), calm)
    busy = set(range(6))
    fast = runner(
        {r: 60.0 if r in busy else 150.0 for r in range(12)}, {r: 0.6 if r in busy else 0.02 for r in range(12)}
    )

    assert fast.ratio(plain, "frames_per_s").median == 1.5
    assert sorted(fast.quiet_rounds(plain)) == [6, 7, 8, 9, 10, 11]
    assert plain.quiet_rounds(plain) == list(range(12))
