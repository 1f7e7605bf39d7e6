"""One orchestration: frames, builds, proofs, told as they come; what is refused stops nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from cards import make_card
from findings import INT8_FINDING, ORIGINAL_FINDING
from waiting_tasks import Control

from engine.errors import CancelledError, ModelError, SourceError
from engine.optimise import job as module
from engine.optimise.calibration import Calibration
from engine.optimise.candidate import ORIGINAL
from engine.optimise.job import OptimiseJob
from engine.optimise.plan import FRAMES_STEP, Plan, StepState
from engine.optimise.variant import Origin, Variant, VariantKind, parse_kind


class Workshop:
    """Stands in for calibration, builder and bench."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refuse: set[str] = set()
        self.control = Control()
        self.cancel_at = ""
        self.work_folders: list[Path] = []
        monkeypatch.setattr(module, "collect", self._collect)
        monkeypatch.setattr(module, "build_within", self._build)
        monkeypatch.setattr(module, "Proving", self._proving)

    def _collect(self, _card: Any, source: str, folder: Path, control: Any, **_options: Any) -> Calibration:
        if source == "nothing":
            raise SourceError("It gives no picture", subject=source)
        self.work_folders.append(folder)
        control.progress("Collecting frames", 0.5)
        return Calibration(source, folder / "canvases.npy", 40, (), ("Only 40 frames differ",))

    def _build(self, _goal: Any, _card: Any, kind: VariantKind, _calibration: Any, **options: Any) -> Variant:
        if kind.name == self.cancel_at:
            self.control.give_up()
        options["control"].progress("Building", 0.1)
        if kind.name in self.refuse:
            raise ModelError("It has a loop", subject="yard.onnx")
        return Variant(kind.name, options["output"], 1, Origin("", "", kind.name))

    def _proving(self, *_arguments: Any) -> Mock:
        proving = Mock(refused=[], accuracy=None)
        proving.original.return_value = [ORIGINAL_FINDING]
        proving.variant.side_effect = lambda variant: [replace(INT8_FINDING, name=variant.name)]
        proving.report.return_value = None
        return proving

    def job(self, *kinds: str, source: str = "yard.mp4") -> OptimiseJob:
        card = make_card(Path("/m/yard.onnx"), sha256="ab" * 32)
        return OptimiseJob(Plan(card, tuple(map(parse_kind, kinds)), Path("/variants"), source))


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
    assert progress.warnings == ("Only 40 frames differ",)


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
