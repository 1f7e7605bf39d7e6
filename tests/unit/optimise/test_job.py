"""One orchestration: frames, builds, proofs, told as they come; what is refused stops nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from cards import make_card
from example_reports import entry, report, way
from findings import INT8_FINDING
from waiting_tasks import Control

from engine.errors import BackendError, CancelledError, ModelError, SourceError
from engine.optimise import job as module
from engine.optimise.alike import Likeness
from engine.optimise.calibration import Calibration
from engine.optimise.candidate import ORIGINAL
from engine.optimise.guard import Attempt, Goal, Guarded
from engine.optimise.guarded_build import GuardedBuild
from engine.optimise.job import OptimiseJob
from engine.optimise.plan import FRAMES_STEP, Plan, Step, StepState
from engine.optimise.report import Entry
from engine.optimise.variant import Origin, Quantisation, Variant, VariantKind, parse_kind


class Workshop:
    """Stands in for calibration, builder and bench."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refuse: set[str] = set()
        self.too_slow: set[str] = set()
        self.runs = True
        self.expected = 40
        self.goals: list[Goal] = []
        self.notes: dict[str, tuple[str, ...]] = {}
        self.ended: list[Step] = []
        self.control = Control()
        self.cancel_at = ""
        self.work_folders: list[Path] = []
        monkeypatch.setattr(module, "collect", self._collect)
        monkeypatch.setattr(module, "build", self._build)
        monkeypatch.setattr(module, "quantise_guarded", self._quantise)
        monkeypatch.setattr(module, "refuse", lambda *_: None)
        monkeypatch.setattr(module, "Proving", self._proving)

    def _collect(self, _card: Any, source: str, folder: Path, control: Any, **_options: Any) -> Calibration:
        if source == "nothing":
            raise SourceError("It gives no picture", subject=source)
        self.work_folders.append(folder)
        control.progress("Collecting frames", 0.5)
        return Calibration(source, folder / "canvases.npy", 40, (), ("Only 40 frames differ",))

    def _quantise(self, card: Any, kind: VariantKind, calibration: Any, goal: Goal, **options: Any) -> GuardedBuild:
        self.goals.append(goal)
        if kind.name in self.too_slow:
            return GuardedBuild(None, Guarded(None, None, (), 4, 60.0), (), goal)
        variant = self._build(card, kind, calibration, **options)
        best = Attempt(Quantisation(), INT8_FINDING.likeness, 2.0)
        return GuardedBuild(variant, Guarded(best, None, (best,), 4, 60.0), (), goal)

    def _build(self, _card: Any, kind: VariantKind, _calibration: Any, **options: Any) -> Variant:
        if kind.name == self.cancel_at:
            self.control.give_up()
        options["control"].progress("Building", 0.1)
        if kind.name in self.refuse:
            raise ModelError("It has a loop", subject="yard.onnx")
        return Variant(kind.name, options["output"], 1, Origin("", "", kind.name))

    def _proving(self, *_arguments: Any) -> Mock:
        entries = [entry(ORIGINAL, way(ORIGINAL, 1.0))]
        if not self.runs:
            entries = [entry(ORIGINAL)]
        if not self.expected:
            nothing = Likeness(1.0, 1.0, (1.0,), 0)
            entries = [replace(entries[0], ways=(replace(entries[0].ways[0], likeness=nothing),))]

        def variant(built: Variant) -> Entry:
            self.notes[built.name] = built.notes
            entries.append(entry(built.name, way(built.name, 2.0)))
            return entries[-1]

        proving = Mock(refused=[], accuracy=None, witness=Mock(worst=[]))
        proving.original.return_value = entries[0]
        proving.variant.side_effect = variant
        proving.report.side_effect = lambda: report(*entries)
        return proving

    def job(self, *kinds: str, source: str = "yard.mp4", **changes: Any) -> OptimiseJob:
        card = make_card(Path("/m/yard.onnx"), sha256="ab" * 32)
        plan = Plan(card, tuple(map(parse_kind, kinds)), Path("/variants"), source, **changes)
        return OptimiseJob(plan, self.ended.append)


@pytest.fixture
def workshop(monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return Workshop(monkeypatch)


def states(job: OptimiseJob) -> dict[str, StepState]:
    return {step.name: step.state for step in job.now.steps}


def test_every_step_waits_before_it_begins_and_is_done_in_the_end(workshop: Workshop) -> None:
    job = workshop.job("openvino-fp16", "openvino-int8")
    assert set(states(job).values()) == {StepState.WAITING}
    progress = job.run(workshop.control)
    assert set(states(job).values()) == {StepState.DONE}
    assert [finding.name for finding in progress.findings] == [ORIGINAL, "openvino-fp16", "openvino-int8"]
    assert [step.name for step in workshop.ended] == [FRAMES_STEP, ORIGINAL, "openvino-fp16", "openvino-int8"]
    assert progress.calibration is not None
    assert progress.calibration.warnings == ("Only 40 frames differ",)


def test_one_that_is_refused_keeps_no_other_from_being_built(workshop: Workshop) -> None:
    workshop.refuse = {"onnx-fused"}
    job = workshop.job("onnx-fused", "openvino-fp16")
    progress = job.run(workshop.control)
    assert states(job)["onnx-fused"] is StepState.REFUSED
    assert states(job)["openvino-fp16"] is StepState.DONE
    (refused,) = (step.error for step in progress.steps if step.error)
    assert "It has a loop" in str(refused)


def test_cancel_in_the_middle_keeps_what_is_finished_and_clears_the_work_folder(workshop: Workshop) -> None:
    workshop.cancel_at = "openvino-int8"
    job = workshop.job("openvino-fp16", "openvino-int8", "onnx-fused")
    with pytest.raises(CancelledError):
        job.run(workshop.control)
    assert [finding.name for finding in job.now.findings] == [ORIGINAL, "openvino-fp16"]
    assert states(job)["onnx-fused"] is StepState.WAITING
    assert not any(folder.exists() for folder in workshop.work_folders)


def test_without_frames_nothing_begins(workshop: Workshop) -> None:
    job = workshop.job("openvino-fp16", source="nothing")
    with pytest.raises(SourceError):
        job.run(workshop.control)
    assert states(job)[FRAMES_STEP] is StepState.RUNNING
    assert job.now.findings == ()


def test_the_step_of_the_moment_says_what_it_does(workshop: Workshop) -> None:
    job = workshop.job("openvino-fp16")
    told: list[tuple[str, float | None]] = []
    job.tell("Calibrating", 0.25)
    told += [(step.phase, step.share) for step in job.now.steps if step.state is StepState.RUNNING]
    assert told == [("Calibrating", 0.25)]


def test_a_quantised_variant_is_searched_for_within_the_limit_and_says_what_it_gained(workshop: Workshop) -> None:
    workshop.job("openvino-int8", limit=0.9, search_s=300.0).run(workshop.control)
    assert [(goal.agreement, goal.seconds) for goal in workshop.goals] == [(0.9, 300.0)]
    assert "INT8 runs 2.00 times as fast on one thread" in workshop.notes["openvino-int8"][-1]


def test_without_a_limit_everything_is_quantised_at_once(workshop: Workshop) -> None:
    workshop.job("openvino-int8", limit=0.0).run(workshop.control)
    assert (workshop.goals, workshop.notes["openvino-int8"]) == ([], ())


def test_what_gains_nothing_is_refused_with_what_to_do(workshop: Workshop) -> None:
    workshop.too_slow = {"onnx-int8"}
    progress = workshop.job("onnx-int8", "openvino-fp16").run(workshop.control)
    (error,) = (step.error for step in progress.steps if step.error)
    assert "INT8 is no faster than the original here" in str(error)
    assert "Allow more to be lost" in str(error)
    assert progress.report is not None
    assert [entry.name for entry in progress.report.variants] == ["openvino-fp16"]


def test_without_a_source_there_is_no_step_that_collects_frames(workshop: Workshop) -> None:
    progress = workshop.job("openvino-fp16", source="").run(workshop.control)
    assert [step.name for step in progress.steps] == [ORIGINAL, "openvino-fp16"]
    assert progress.calibration is None


def test_frames_on_which_there_is_nothing_to_find_prove_nothing(workshop: Workshop) -> None:
    workshop.expected = 0
    with pytest.raises(SourceError, match="finds nothing"):
        workshop.job("openvino-fp16").run(workshop.control)
    assert workshop.job("openvino-fp16", limit=0.0).run(workshop.control).report  # nothing has to be proven


def test_an_original_that_runs_nowhere_ends_everything(workshop: Workshop) -> None:
    workshop.runs = False
    with pytest.raises(BackendError, match="does not run"):
        workshop.job("openvino-fp16").run(workshop.control)
