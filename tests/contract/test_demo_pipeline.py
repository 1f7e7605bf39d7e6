"""The demo as it comes with the program: the drawn scene, the trained model, and the real pipeline between them.

Nothing from elsewhere is needed, so these run in any checkout.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fakes import LIMIT_S, wait_until
from program import PROGRAM

from engine.agreement import Agreement
from engine.backends.backend import CompileRequest
from engine.backends.table import BACKENDS
from engine.capture.source import SourceOptions
from engine.capture.table import open_source
from engine.cards import Precision, Thresholds
from engine.frames import FrameResult
from engine.library.bundled import DEMO_MODEL, bundled, model_file
from engine.library.identify import identify
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.loading import LoadOptions
from engine.pipeline.session import Session
from engine.pipeline.stream import Mode, StreamOptions
from engine.scene import CLASS_NAMES

FRAMES = 90


def load(session: Session, backend: str, precision: Precision = Precision.FP32) -> LoadedModel:
    request = CompileRequest(identify(model_file(DEMO_MODEL)), precision=precision, lanes=2)
    job = session.load(backend, request, LoadOptions(trial=False))
    assert job.wait(LIMIT_S)
    return job.result()


def accuracy_of(backend: str, options: StreamOptions, thresholds: Thresholds | None = None) -> Agreement:
    """The whole run, as the traces of the window tell it."""
    session = Session()
    results: list[FrameResult] = []
    stream = session.add_stream("demo", open_source("demo", SourceOptions()), options)
    attachment = session.attach(stream, load(session, backend), deliver=results.append, thresholds=thresholds)
    stream.start()
    assert wait_until(lambda: session.finished, 60)
    assert session.close(LIMIT_S) == []
    total = attachment.accuracy.total
    assert total is not None
    return total


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_sees_what_is_really_there(backend: str) -> None:
    total = accuracy_of(backend, StreamOptions(mode=Mode.EVERY_FRAME, max_frames=FRAMES))
    assert total.expected > 10 * FRAMES
    assert total.precision is not None and total.precision > 0.93
    assert total.recall is not None and total.recall > 0.95


def test_a_higher_threshold_finds_less_and_is_right_more_often() -> None:
    options = StreamOptions(mode=Mode.EVERY_FRAME, max_frames=FRAMES)
    usual, strict = (accuracy_of("openvino", options, t) for t in (Thresholds(), Thresholds(confidence=0.9)))
    assert strict.found < usual.found
    assert (strict.precision or 0) >= (usual.precision or 0)
    assert (strict.recall or 0) < (usual.recall or 0) - 0.1


def test_skipped_frames_cost_accuracy() -> None:
    every = accuracy_of("openvino", StreamOptions(mode=Mode.EVERY_FRAME, max_frames=FRAMES))
    third = accuracy_of("openvino", StreamOptions(mode=Mode.EVERY_FRAME, max_frames=FRAMES, max_fps=3))
    assert (third.recall or 0) < (every.recall or 0) - 0.03


def test_backends_are_swapped_in_a_running_demo_and_every_frame_has_its_result_in_order() -> None:
    session = Session()
    results: list[FrameResult] = []
    models = [load(session, backend) for backend in BACKENDS]
    options = StreamOptions(mode=Mode.EVERY_FRAME, max_frames=FRAMES)
    stream = session.add_stream("demo", open_source("demo", SourceOptions()), options)
    attachment = session.attach(stream, models[0], deliver=results.append)
    stream.start()
    for number, model in enumerate(models[1:], 1):
        assert wait_until(lambda wanted=number * 20: len(results) >= wanted, 60)
        session.use(model, attachment)
    assert wait_until(lambda: session.finished, 60)
    assert session.close(LIMIT_S) == []
    assert [r.frame.sequence for r in results] == list(range(FRAMES))
    assert list(dict.fromkeys(r.configuration.report.backend for r in results)) == list(BACKENDS)


def test_the_model_is_small_says_what_it_is_and_has_its_card() -> None:
    file = model_file(DEMO_MODEL)
    card = identify(file)
    assert file.stat().st_size <= 3_000_000
    assert (card.family, card.class_names, card.class_names_from) == ("yolov8", CLASS_NAMES, "metadata")
    assert (card.input.width, card.input.height) == (512, 288)
    told = bundled("demo.md").read_text(encoding="utf-8")
    assert "Apache-2.0" in told and f"{file.stat().st_size:,} bytes" in told


def command(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [*PROGRAM, *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_command_line_knows_source_and_model_by_their_name(tmp_path: Path) -> None:
    lines, film = tmp_path / "demo.jsonl", tmp_path / "demo.mp4"
    files = ("--results", str(lines), "--video", str(film))
    told = command("run", "--source", "demo", "--model", "demo", "--max-frames", "30", *files)
    assert told["frames"] == 30
    assert told["accuracy"]["precision"] > 0.9 and told["accuracy"]["recall"] > 0.9
    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 30 and {d["class_name"] for d in rows[0]["detections"]} <= set(CLASS_NAMES)
    assert film.stat().st_size > 10_000
    assert command("inspect", "demo")["task"] == "detect"


def test_the_self_test_of_this_installation_passes() -> None:
    told = command("doctor")
    assert [check for check in told["checks"] if check["outcome"] == "failed"] == []
    ran = [check["run"] for check in told["checks"] if check["run"] and check["outcome"] == "passed"]
    assert {run["backend"] for run in ran} == set(BACKENDS)
    assert all(run["agreement_f1"] > 0.95 and run["frames"] == 60 for run in ran)
