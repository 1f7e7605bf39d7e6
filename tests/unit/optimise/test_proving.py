"""Variants are proven one by one, beside their original; what proves nothing is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from cards import make_card
from demo_stand_in import save_stand_in
from example_reports import way, worst
from waiting_tasks import Control

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.cards import ModelCard, Precision
from engine.errors import BackendError
from engine.library.identify import identify
from engine.optimise import proving as module
from engine.optimise.alike import Likeness
from engine.optimise.calibration import Calibration, collect
from engine.optimise.candidate import ORIGINAL, Candidate, Measured, Refused, Timing
from engine.optimise.labelled import Labels
from engine.optimise.proving import Demand, Ground, Proving, devices_of
from engine.optimise.stopwatch import load_pictures
from engine.optimise.timing import Effort
from engine.optimise.variant import Origin, Variant

CARD = make_card(Path("/m/yard.onnx"), sha256="ab" * 32, model_bytes=4_000_000)
SPEEDS = {
    (ORIGINAL, "openvino", Precision.FP32): (1.0, 1.0),
    (ORIGINAL, "openvino", Precision.BF16): (1.5, 0.99),
    (ORIGINAL, "onnxruntime", Precision.FP32): (0.9, 1.0),
    (ORIGINAL, "onnxruntime", Precision.BF16): (0.9, 1.0),
    ("onnx-int8", "openvino", Precision.FP32): (2.0, 0.5),
    ("onnx-int8", "openvino", Precision.BF16): (2.0, 0.5),
    ("onnx-int8", "onnxruntime", Precision.BF16): (1.4, 0.98),
    ("onnx-int8", "onnxruntime", Precision.FP32): (1.4, 0.98),
}
"""What each runs at, and how far it agrees."""


class Bench:
    """Stands in for children, and for what they find."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs = True
        self.slower = 1.0
        self.references: list[Candidate] = []
        self.removed: list[Path] = []
        monkeypatch.setattr(module, "measure", self._measure)
        monkeypatch.setattr(module, "Witness", self._witness)
        monkeypatch.setattr(module, "timing_pictures", lambda *_: Path("pictures.npz"))
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
            return Measured((), (Refused(ORIGINAL, candidates[0].place, "It crashed."),))
        self.references.append(candidates[0])
        return Measured(tuple(self._timing(candidate) for candidate in candidates))

    def _timing(self, candidate: Candidate) -> Timing:
        speed, _ = SPEEDS[candidate.name, candidate.backend, candidate.precision]
        timing = way(candidate.name, speed, backend=candidate.backend).timing
        figures = replace(
            timing.figures,
            frames_per_s=timing.figures.frames_per_s / self.slower,
            latency_p50_ms=timing.figures.latency_p50_ms * self.slower,
        )
        return replace(timing, candidate=candidate, figures=figures)

    def likeness(self, _card: ModelCard, candidate: Candidate) -> Likeness:
        _, agreement = SPEEDS[candidate.name, candidate.backend, candidate.precision]
        return Likeness(agreement, agreement, (agreement,), 40)

    def proving(self, reference: Candidate | None = None, labels: Labels | None = None) -> Proving:
        calibration = Calibration("yard.mp4", Path("canvases.npy"), 40, (Path("a.png"),))
        ground = Ground(
            [("openvino", self.devices()), ("onnxruntime", self.devices()[:1])], Path("/work"), calibration, labels
        )
        return Proving(CARD, ground, Control(), reference=reference)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


INT8 = Variant("onnx-int8", Path("/variants/yard-onnx-int8.onnx"), 1_000_000, Origin("", "", "onnx-int8"), (), 3.0)


def test_the_original_is_measured_in_every_way_in_which_it_can_run(bench: Bench) -> None:
    original = bench.proving().original()
    assert [(way.timing.candidate.place, way.timing.speed.median) for way in original.ways] == [
        ("openvino · CPU · FP32", 1.0),
        ("openvino · CPU · BF16", 1.5),
        ("onnxruntime · CPU · FP32", 0.9),
        ("onnxruntime · CPU · BF16", 0.9),
    ]


def test_how_it_runs_now_is_what_others_are_held_against(bench: Bench) -> None:
    reference = Candidate(ORIGINAL, CARD.path, "openvino", "CPU", Precision.BF16)
    proving = bench.proving(reference)
    original = proving.original()
    proving.variant(INT8)
    assert original.ways[0].timing.candidate == reference
    assert len(original.ways) == 4
    assert bench.references == [reference, reference]


def test_where_there_are_labels_every_way_is_held_against_them(bench: Bench) -> None:
    labels = Mock(Labels)
    labels.accuracy.side_effect = lambda card, run, control: SPEEDS[run.name, run.backend, run.precision][1] / 2
    proving = bench.proving(labels=labels)
    original, int8 = proving.original(), proving.variant(INT8)
    assert [way.map for way in original.ways] == [0.5, 0.495, 0.5, 0.5]
    assert [(way.timing.candidate.backend, way.map) for way in int8.ways[1:3]] == [
        ("onnxruntime", 0.49),
        ("openvino", 0.25),
    ]
    assert (original.map, int8.map) == (0.5, 0.49)


def test_a_variant_is_measured_wherever_its_format_is_read_its_own_runtime_first(bench: Bench) -> None:
    proving = bench.proving()
    proving.original()
    entry = proving.variant(INT8)
    assert [way.timing.candidate.place for way in entry.ways] == [
        "onnxruntime · CPU · FP32",
        "onnxruntime · CPU · BF16",
        "openvino · CPU · FP32",
        "openvino · CPU · BF16",
    ]
    assert entry.likeness is not None
    assert entry.likeness.agreement == 0.98
    assert (entry.build_s, entry.model_bytes) == (3.0, 1_000_000)


def test_figures_are_as_of_the_moment_in_which_the_original_was_measured(bench: Bench) -> None:
    proving = bench.proving()
    original = proving.original().ways[0].timing.figures
    bench.slower = 3.0
    entry = proving.variant(INT8)
    assert entry.ways[0].timing.figures.frames_per_s == pytest.approx(1.4 * original.frames_per_s)
    assert entry.ways[0].timing.figures.latency_p50_ms == pytest.approx(original.latency_p50_ms / 1.4)


def test_the_report_holds_everything_that_was_measured(bench: Bench) -> None:
    proving = bench.proving()
    proving.original()
    proving.variant(INT8)
    proving.refused.append(Refused("onnx-fused", "", "It has a loop."))
    report = proving.report()
    assert [entry.name for entry in report.variants] == ["onnx-int8"]
    assert [refused.name for refused in report.refused] == ["onnx-fused"]
    assert report.recommendation is not None
    assert {frame.place for frame in report.worst} == {"onnxruntime · CPU · FP32", "openvino · CPU · FP32"}


def test_an_original_that_does_not_run_as_it_is_to_is_told_with_the_reason(bench: Bench) -> None:
    bench.runs = False
    with pytest.raises(BackendError) as told:
        bench.proving(Candidate(ORIGINAL, CARD.path, "openvino")).original()
    assert told.value.detail == "It crashed."


def test_an_original_that_runs_nowhere_has_no_ways_and_a_reason(bench: Bench) -> None:
    bench.runs = False
    proving = bench.proving()
    assert proving.original().ways == ()
    assert [each.reason for each in proving.refused] == ["It crashed."]


def test_a_variant_that_does_not_run_is_not_left_behind(bench: Bench) -> None:
    proving = bench.proving()
    proving.original()
    bench.runs = False
    with pytest.raises(BackendError):
        proving.variant(INT8)
    assert bench.removed == [INT8.path]


def test_a_runtime_that_is_not_there_is_named_with_the_reason() -> None:
    found, missing = devices_of(["opencv", "other"])
    assert [name for name, _ in found] == ["opencv"]
    assert [(each.place, "no such backend" in each.reason) for each in missing] == [("other", True)]


# With real runtimes ---------------------------------------------------------------------------------------------------

BRIEF = Demand(effort=Effort(seconds=0.02, least_rounds=2, most_rounds=2))


def test_a_variant_that_finds_something_else_is_shown_with_its_frames(tmp_path: Path) -> None:
    original = identify(save_stand_in(tmp_path / "m.onnx"))
    other = identify(save_stand_in(tmp_path / "other.onnx", grey=0.8))
    variant = Variant("onnx-int8", other.path, other.model_bytes, Origin("m.onnx", "abc", "onnx-int8"), build_s=2.0)
    work = tmp_path / "work"
    work.mkdir()
    calibration = collect(original, "demo", work, Control(), frames=8)
    backends, _ = devices_of(["openvino"])
    proving = Proving(original, Ground(backends, work, calibration), Control(), BRIEF)
    proving.original()
    entry = proving.variant(variant)
    report = proving.report()

    (first, *_) = report.original.ways
    assert first.likeness is not None
    assert (first.likeness.agreement, first.timing.speed.median, first.timing.rounds) == (1.0, 1.0, 2)
    assert (entry.name, entry.build_s, entry.origin["source_sha256"]) == ("onnx-int8", 2.0, "abc")
    assert entry.likeness is not None
    assert entry.likeness.agreement < 0.95
    assert report.frames == len(calibration.held_out)
    assert report.recommendation is not None
    assert report.recommendation.name == "original"
    (worst, *_) = [frame for frame in report.worst if frame.name == "onnx-int8"]
    assert worst.agreement == min(min(way.likeness.by_frame) for way in entry.ways if way.likeness)
    assert worst.original != worst.variant
    assert worst.original.startswith(b"\xff\xd8")


def test_what_is_timed_without_a_source_is_the_demo(tmp_path: Path) -> None:
    original = identify(save_stand_in(tmp_path / "m.onnx"))
    proving = Proving(original, Ground([("nothing", ())], tmp_path), Control(), BRIEF)
    proving.original()
    report = proving.report()

    assert (report.original.ways, report.recommendation, report.source) == ((), None, "")
    pictures = load_pictures(tmp_path / "timing-pictures.npz")
    assert len(pictures) == 4
    assert all(picture.dtype == np.uint8 for picture in pictures)
