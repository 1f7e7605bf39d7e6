"""The demo model on the demo's frames, through the parts that a lane of the live view is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.agreement import Agreement, agreement
from engine.backends.backend import CompiledModel, CompileRequest, InferenceLane
from engine.backends.table import load_backend
from engine.cards import ExecutionReport, ModelCard, Profile
from engine.cards_json import execution_json
from engine.decoders.decoder import Decoder
from engine.decoders.table import make_decoder
from engine.doctor.answers import FRAME_NUMBERS, THRESHOLDS, Answers, Print, difference_rms, print_of, read_answers
from engine.doctor.check import Check, Outcome, failed
from engine.doctor.messages import CURE, Answer, Combination, Question, checks_answer, combination_of, run_of
from engine.doctor.tolerance import SAME_RMS, Comparison, accuracy_objection, compare, objections, tolerance_of
from engine.errors import InferoscopeError, ModelError
from engine.library.corrections import Correction
from engine.library.identify import identify
from engine.pipeline.stages import run_stages
from engine.results import Detections
from engine.scene import CLASS_NAMES, Scene


@dataclass(frozen=True, slots=True, eq=False)
class DemoRun:
    """What came of it; lists have an entry for each of ``FRAME_NUMBERS``.

    Attributes:
        report: What really ran.
        found: In pixels of the frame.
        truth: What is on it.
        prints: To tell the frame from that of the stored answer.
        stage_ns: int64 (N, 3): what preprocess, infer and decode took.
    """

    report: ExecutionReport
    found: tuple[Detections, ...]
    truth: tuple[Detections, ...]
    prints: tuple[Print, ...]
    stage_ns: np.ndarray[tuple[int, int], np.dtype[np.int64]]


def answer(question: Question) -> Answer:
    """The task "combination"; ``model`` and ``answers`` are paths."""
    wanted = combination_of(question)
    answers = read_answers(Path(question["answers"]))
    try:
        check = judge(run_demo(demo_card(Path(question["model"])), wanted), answers, wanted)
    except InferoscopeError as error:
        check = replace(failed("inference", wanted.title, error), run=run_of(wanted))
    return checks_answer([check])


def demo_card(path: Path) -> ModelCard:
    """Identify the demo model, whatever a person has corrected about it.

    Raises:
        ModelError: It is no detector of the scene's classes.
    """
    card = identify(path, correction=Correction())
    if card.class_names != CLASS_NAMES:
        raise ModelError(
            "This is not the demo model",
            subject=str(path),
            expected="a detector of " + ", ".join(CLASS_NAMES),
            remedy="Install Inferoscope again",
        )
    return card


def run_demo(card: ModelCard, wanted: Combination) -> DemoRun:
    """Compile the model, exactly as asked, and run all frames through one lane.

    Raises:
        BackendError: The runtime cannot compile or run it, or not as asked.
        ModelError: The outputs are not what the card promises.
    """
    request = CompileRequest(card, device=wanted.device, precision=wanted.precision, profile=Profile.LATENCY, lanes=1)
    decoder = make_decoder(card)
    with closing(load_backend(wanted.backend).compile(request, lambda _phase: None, lambda: False)) as compiled:
        return _run(compiled, card, decoder)


def _run(compiled: CompiledModel, card: ModelCard, decoder: Decoder) -> DemoRun:
    scene = Scene()
    found: list[Detections] = []
    truth: list[Detections] = []
    prints: list[Print] = []
    stage_ns: list[Sequence[int]] = []
    with closing(compiled.open_lane()) as lane:
        _warm_up(lane)
        for number in FRAME_NUMBERS:
            frame = scene.frame(number)
            run = run_stages(lane, card.input, decoder, [frame.image], [THRESHOLDS])
            result = run.results[0]
            assert isinstance(result, Detections)
            found.append(result)
            truth.append(frame.truth)
            prints.append(print_of(frame.image))
            stage_ns.append(run.stage_ns)
        report = compiled.refresh()
        compiled.close()  # before its last request is let go: see LoadedModel
    return DemoRun(report, tuple(found), tuple(truth), tuple(prints), np.array(stage_ns, np.int64))


def _warm_up(lane: InferenceLane) -> None:
    """As every lane does: the first inference is the slow one."""
    lane.canvas.fill(0)
    lane.infer()


# Judging --------------------------------------------------------------------------------------------------------------


def judge(run: DemoRun, answers: Answers, wanted: Combination) -> Check:
    """Hold a run against the stored answer and the truth."""
    frames_rms = difference_rms(run.prints, answers.prints)
    tolerance = tolerance_of(wanted.precision, frames_rms)
    compared = compare(run.found, answers.found, tolerance.margin)
    truth, expected = accuracy(run.found, run.truth), accuracy(answers.found, run.truth)
    wrong = [*objections(compared, tolerance), *accuracy_objection(truth, expected)]
    figures = _figures(run, compared, truth, frames_rms)
    return Check(
        "inference",
        wanted.title,
        Outcome.FAILED if wrong else Outcome.PASSED,
        found=_told(run, figures),
        reason="What it finds is not the stored answer: " + ", ".join(wrong) if wrong else "",
        cure=CURE if wrong else "",
        run={**run_of(wanted), **figures},
    )


def accuracy(found: Iterable[Detections], truth: Iterable[Detections]) -> Agreement:
    """Agreement with what is really on the frames, at IoU 0.5."""
    return sum(map(agreement, found, truth), Agreement())


def _figures(run: DemoRun, compared: Comparison, truth: Agreement, frames_rms: float) -> dict[str, Any]:
    frame_ms = float(np.median(run.stage_ns.sum(axis=1))) / 1e6
    return {
        "execution": execution_json(run.report),
        "frames": len(run.found),
        "frames_difference_rms": round(frames_rms, 4),
        "frame_p50_ms": round(frame_ms, 3),
        "infer_p50_ms": round(float(np.median(run.stage_ns[:, 1])) / 1e6, 3),
        "frames_per_s": round(1e3 / frame_ms, 1),
        "agreement_f1": round(compared.f1, 4),
        "missing": compared.missing,
        "extra": compared.extra,
        "box_error_p99_px": round(compared.box_error_px, 3),
        "score_error_p99": round(compared.score_error, 4),
        "truth_precision": round(truth.precision or 0.0, 4),
        "truth_recall": round(truth.recall or 0.0, 4),
    }


def _told(run: DemoRun, figures: dict[str, Any]) -> str:
    note = ", frames are drawn otherwise here" if figures["frames_difference_rms"] > SAME_RMS else ""
    return (
        f"ran on {'+'.join(run.report.devices)} in {run.report.precision_title}: "
        f"{figures['frame_p50_ms']:.1f} ms a frame ({figures['frames_per_s']:.0f}/s), "
        f"agreement {figures['agreement_f1']:.3f}, precision {figures['truth_precision']:.3f}, "
        f"recall {figures['truth_recall']:.3f}{note}"
    )
