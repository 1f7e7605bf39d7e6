"""Jobs, loading, durations and the trial run in a child process."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from cards import make_card
from fakes import LIMIT_S, FakeBackend, FakeCompiled, fake_card, wait_until

from engine.backends.backend import CompileRequest
from engine.errors import BackendError, CancelledError
from engine.pipeline import trial
from engine.pipeline.child import ChildLimits, answer_line
from engine.pipeline.durations import last_duration_s, remember_duration
from engine.pipeline.jobs import Job, JobControl, JobState
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.loading import Loader, LoadOptions
from engine.pipeline.session import Session
from engine.pipeline.trial import ensure_tried


def _loader(backend: FakeBackend) -> Loader:
    return Loader(lambda _model, _error: None, lambda _name: backend)  # type: ignore[arg-type,return-value]


def test_a_job_tells_phase_time_and_answer() -> None:
    go = threading.Event()

    def task(control: JobControl) -> int:
        control.progress("Compiling")
        go.wait(LIMIT_S)
        return 42

    job = Job("job", task, expected_s=7.0)
    assert wait_until(lambda: job.status.phase == "Compiling")
    assert job.status.state is JobState.RUNNING
    assert job.status.expected_s == 7.0
    go.set()

    assert job.wait(LIMIT_S)
    assert job.result() == 42
    assert job.status.state is JobState.DONE


def test_a_cancel_frees_the_person_at_once_and_the_late_answer_is_let_go() -> None:
    go = threading.Event()
    discarded: list[int] = []

    def task(_control: JobControl) -> int:
        go.wait(LIMIT_S)
        return 42

    job = Job("job", task, discard=discarded.append)
    job.cancel()

    assert job.wait(0)
    assert job.status.state is JobState.CANCELLED
    with pytest.raises(CancelledError):
        job.result()
    go.set()
    assert wait_until(lambda: discarded == [42])


def test_a_job_that_raises_says_why() -> None:
    def task(_control: JobControl) -> int:
        raise KeyError("weights")

    job = Job("load-x.onnx", task)

    assert job.wait(LIMIT_S)
    with pytest.raises(BackendError, match=r"load-x\.onnx"):
        job.result()


def test_a_compile_that_cannot_be_cancelled_ends_unseen_and_one_at_most() -> None:
    go = threading.Event()
    running: list[int] = []
    made: list[FakeCompiled] = []

    def compile_slowly() -> FakeCompiled:
        running.append(1)
        assert len(running) == 1
        go.wait(LIMIT_S)
        running.pop()
        made.append(FakeCompiled(lanes=1))
        return made[-1]

    loader = _loader(FakeBackend(compile_slowly))
    request, options = CompileRequest(fake_card()), LoadOptions(trial=False)
    first = loader.load("fake", request, options)
    assert wait_until(lambda: running == [1])
    first.cancel()
    second = loader.load("fake", request, options)
    assert wait_until(lambda: second.status.phase.startswith("Waiting"))
    go.set()

    assert second.wait(LIMIT_S)
    model = second.result()
    assert wait_until(lambda: "compiled" in made[0].closed)
    model.close()
    assert model.join(LIMIT_S) == []


def test_a_model_that_fails_its_first_run_is_an_error_of_the_job_and_leaves_no_thread() -> None:
    def explode(_value: int) -> None:
        raise RuntimeError("unsupported operator")

    loader = _loader(FakeBackend(lambda: FakeCompiled(lanes=2, on_infer=explode)))

    job = loader.load("fake", CompileRequest(fake_card()), LoadOptions(trial=False))

    assert job.wait(LIMIT_S)
    with pytest.raises(BackendError):
        job.result()
    assert wait_until(lambda: not any(t.name.startswith("lane-") for t in threading.enumerate()))


def test_last_times_duration_is_told_next_time() -> None:
    loader = _loader(FakeBackend(lambda: FakeCompiled(lanes=1)))
    models: list[LoadedModel] = []
    expected = []
    for _ in range(2):
        job = loader.load("fake", CompileRequest(fake_card()), LoadOptions(trial=False))
        expected.append(job.status.expected_s)
        assert job.wait(LIMIT_S)
        models.append(job.result())

    assert expected[0] is None
    assert expected[1] is not None
    for model in models:
        model.close()
        assert model.join(LIMIT_S) == []


def test_durations_survive_a_damaged_file(own_home: Path) -> None:
    remember_duration("load a", 3.5)
    assert last_duration_s("load a") == 3.5
    (own_home / "cache" / "durations.json").write_text("[1, 2")

    assert last_duration_s("load a") is None
    remember_duration("load a", 4.5)
    assert last_duration_s("load a") == 4.5


def _child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(trial, "_command", lambda _backend, _request: [sys.executable, "-c", program])


def _still_wanted() -> bool:
    return False


def _answer(**fields: object) -> str:
    return f"print({answer_line(fields)!r})"


def test_a_trial_that_passes_happens_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"weights")
    request = CompileRequest(make_card(model))
    _child(monkeypatch, "print('noise of a runtime');" + _answer(passed=True))
    ensure_tried("fake", "1", request, _still_wanted)

    _child(monkeypatch, "raise SystemExit(3)")
    ensure_tried("fake", "1", request, _still_wanted)
    with pytest.raises(BackendError):
        ensure_tried("fake", "2", request, _still_wanted)


def test_a_file_without_a_hash_is_tried_each_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = tmp_path / "attempt.onnx"
    model.write_bytes(b"weights")
    request = CompileRequest(replace(make_card(model), sha256=""))
    _child(monkeypatch, _answer(passed=True))
    ensure_tried("fake", "1", request, _still_wanted)

    _child(monkeypatch, "raise SystemExit(3)")
    with pytest.raises(BackendError):
        ensure_tried("fake", "1", request, _still_wanted)


def test_a_crash_of_the_child_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")

    with pytest.raises(BackendError, match=r"fake\.onnx: The model crashed the runtime \(SIGSEGV\) in its trial run"):
        ensure_tried("fake", "1", CompileRequest(fake_card()), _still_wanted)


def test_what_the_runtime_refuses_is_told_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = {"what": "The operator Foo is unknown", "subject": "m", "expected": "", "remedy": "", "detail": "d"}
    _child(monkeypatch, _answer(passed=False, **refusal))

    with pytest.raises(BackendError, match="operator Foo"):
        ensure_tried("fake", "1", CompileRequest(fake_card()), _still_wanted)


def test_a_child_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "import threading; threading.Event().wait(60)")

    with pytest.raises(BackendError, match=r"within 0\.2 s"):
        ensure_tried("fake", "1", CompileRequest(fake_card()), _still_wanted, ChildLimits(seconds=0.2))


def test_a_child_that_takes_too_much_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "import threading; x = bytearray(200 << 20); threading.Event().wait(60)")

    with pytest.raises(BackendError, match="GiB of memory"):
        ensure_tried("fake", "1", CompileRequest(fake_card()), _still_wanted, ChildLimits(memory_bytes=100 << 20))


def test_a_cancelled_trial_ends_its_child(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "import threading; threading.Event().wait(60)")
    control = JobControl()
    control.cancel()

    with pytest.raises(CancelledError):
        ensure_tried("fake", "1", CompileRequest(fake_card()), control.cancelled)


def test_a_session_that_ends_takes_the_child_of_a_trial_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "import threading; threading.Event().wait(60)")
    session = Session(lambda _name: FakeBackend())  # type: ignore[arg-type,return-value]
    before = set(psutil.Process().children())
    session.load("fake", CompileRequest(fake_card()))
    assert wait_until(lambda: set(psutil.Process().children()) > before)

    assert session.close(LIMIT_S) == []

    assert set(psutil.Process().children()) <= before


def test_a_job_that_waits_ends_at_once_when_it_is_cancelled() -> None:
    waited: list[bool] = []
    job = Job("pause", lambda control: waited.append(control.wait(600.0)))
    job.cancel()
    assert job.worker.join(LIMIT_S)
    assert waited == [True]
    assert JobControl().wait(0.0) is False
