"""Variants are proven one by one, beside their original; what proves nothing is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cards import make_card
from example_reports import way, worst
from waiting_tasks import Control

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.cards import ModelCard, Precision
from engine.errors import BackendError, SourceError
from engine.optimise import proving as module
from engine.optimise.alike import Likeness
from engine.optimise.calibration import Calibration
from engine.optimise.candidate import ORIGINAL, Candidate, Measured, Refused, Timing
from engine.optimise.plan import Plan
from engine.optimise.proving import Proving
from engine.optimise.variant import Origin, Variant

CARD = make_card(Path("/m/yard.onnx"), sha256="ab" * 32, model_bytes=4_000_000)
SPEEDS = {
    (ORIGINAL, "openvino", Precision.FP32): (1.0, 1.0),
    (ORIGINAL, "openvino", Precision.BF16): (1.5, 0.99),
    ("onnx-int8", "openvino", Precision.FP32): (2.0, 0.5),
    ("onnx-int8", "onnxruntime", Precision.FP32): (1.4, 0.98),
}
"""What each runs at, and how far it agrees."""


class Bench:
    """Stands in for children, and for what they find."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.expected = 40
        self.runs = True
        self.asked: list[str] = []
        self.removed: list[Path] = []
        monkeypatch.setattr(module, "measure", self._measure)
        monkeypatch.setattr(module, "Witness", self._witness)
        monkeypatch.setattr(module, "timing_pictures", lambda *_: Path("pictures.npz"))
        monkeypatch.setattr(module, "load_backend", lambda _name: self)
        monkeypatch.setattr(module, "identify", lambda path: replace(CARD, path=path))
        monkeypatch.setattr(module, "remove", self.removed.append)
        self.worst = [worst("onnx-int8", "onnxruntime · CPU · FP32"), worst("onnx-int8", "openvino · CPU · FP32")]

    def devices(self) -> tuple[DeviceInfo, ...]:
        return (
            DeviceInfo(
                "CPU",
                "CPU",
                usable=True,
                precisions=(PrecisionInfo(Precision.FP32, True), PrecisionInfo(Precision.BF16, True)),
            ),
        )

    def _witness(self, *_arguments: Any) -> Bench:
        return self

    def _measure(self, candidates: Sequence[Candidate], *_rest: Any) -> Measured:
        if not self.runs:
            return Measured((), (Refused(ORIGINAL, "openvino", "It crashed."),))
        return Measured(tuple(self._timing(candidate) for candidate in candidates))

    def _timing(self, candidate: Candidate) -> Timing:
        speed, _ = SPEEDS[candidate.name, candidate.backend, candidate.precision]
        return replace(way(candidate.name, speed, backend=candidate.backend).timing, candidate=candidate)

    def likeness(self, _card: ModelCard, candidate: Candidate) -> Likeness:
        self.asked.append(candidate.title)
        _, agreement = SPEEDS[candidate.name, candidate.backend, candidate.precision]
        return Likeness(agreement, agreement, (agreement,), self.expected)

    def proving(self) -> Proving:
        plan = Plan(CARD, (), Path("/variants"), "yard.mp4")
        calibration = Calibration("yard.mp4", Path("canvases.npy"), 40, (Path("a.png"),))
        return Proving(plan, calibration, None, Path("/work"), Control())


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


INT8 = Variant("onnx-int8", Path("/variants/yard-onnx-int8.onnx"), 1_000_000, Origin("", "", "onnx-int8"), (), 3.0)


def test_the_original_is_shown_in_each_precision_that_it_can_run_in(bench: Bench) -> None:
    findings = bench.proving().original()
    assert [(f.precision, f.speed) for f in findings] == [(Precision.FP32, 1.0), (Precision.BF16, 1.5)]


def test_of_a_variant_the_fastest_way_that_keeps_within_the_limit_is_taken(bench: Bench) -> None:
    proving = bench.proving()
    proving.original()
    (finding,) = proving.variant(INT8)
    assert (finding.backend, finding.speed, finding.likeness.agreement) == ("onnxruntime", 1.4, 0.98)
    assert [frame.place for frame in finding.worst] == ["onnxruntime · CPU · FP32"]
    assert bench.asked.count("original on openvino · CPU · FP32") == 1  # its answers are known after the first time


def test_figures_are_as_of_the_moment_in_which_the_original_was_measured(bench: Bench) -> None:
    proving = bench.proving()
    original = proving.original()[0]
    (finding,) = proving.variant(INT8)
    assert finding.frames_per_s == pytest.approx(1.4 * original.frames_per_s)
    assert finding.latency_p50_ms == pytest.approx(original.latency_p50_ms / 1.4)


def test_the_report_holds_everything_that_was_measured(bench: Bench) -> None:
    proving = bench.proving()
    proving.original()
    proving.variant(INT8)
    proving.refused.append(Refused("onnx-fused", "", "It has a loop."))
    report = proving.report()
    assert [entry.name for entry in report.variants] == ["onnx-int8"]
    assert [refused.name for refused in report.refused] == ["onnx-fused"]
    assert report.recommendation is not None


def test_frames_on_which_there_is_nothing_to_find_prove_nothing(bench: Bench) -> None:
    bench.expected = 0
    with pytest.raises(SourceError, match="finds nothing"):
        bench.proving().original()


def test_an_original_that_does_not_run_is_told_with_the_reason(bench: Bench) -> None:
    bench.runs = False
    with pytest.raises(BackendError) as told:
        bench.proving().original()
    assert told.value.detail == "It crashed."


def test_a_variant_that_does_not_run_is_not_left_behind(bench: Bench) -> None:
    proving = bench.proving()
    proving.original()
    bench.runs = False
    with pytest.raises(BackendError):
        proving.variant(INT8)
    assert bench.removed == [INT8.path]
