"""Models of a session: swaps, failures, hangs, and what is left of them."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from cards import make_card
from fakes import LIMIT_S, FakeBackend, FakeCompiled, FakeDecoder, FakeSource, fake_card, fake_model, wait_until

from engine.backends.backend import Cancelled, CompileRequest, Progress
from engine.backends.cancellation import Cancellation
from engine.capture.source import Wait
from engine.cards import Thresholds
from engine.errors import BackendError, CancelledError, ModelError, ModelHungError
from engine.frames import FrameResult
from engine.pipeline.attachment import Draw
from engine.pipeline.jobs import JobState
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.loading import LoadOptions
from engine.pipeline.mailbox import Feed
from engine.pipeline.session import Session
from engine.pipeline.statistics import DropCause

UNTRIED = LoadOptions(trial=False)


def test_five_swaps_lose_nothing_and_each_result_names_its_model(session: Session) -> None:
    results: list[FrameResult] = []
    models = [fake_model(number=0)]

    def not_before_the_swap(sequence: int) -> Wait | None:
        return Wait(0.001) if sequence >= 60 * len(models) and len(models) < 6 else None

    stream = session.add_stream("film", FakeSource(377, gate=not_before_the_swap))
    attachment = session.attach(stream, models[0], deliver=results.append)
    stream.start()

    for number in range(1, 6):
        assert wait_until(lambda wanted=number * 60 - 10: len(results) >= wanted)
        model = fake_model(number=number)
        session.use(model, attachment)
        models.append(model)

    assert wait_until(lambda: session.finished)
    assert [r.frame.sequence for r in results] == list(range(377))
    assert {r.configuration.number for r in results} == set(range(6))
    for model in models[:-1]:
        assert model.join(LIMIT_S) == []


def test_a_model_that_raises_on_every_seventh_frame_stalls_nothing(session: Session) -> None:
    results: list[FrameResult] = []
    stream = session.add_stream("film", FakeSource(140))
    attachment = session.attach(stream, fake_model(decoder=FakeDecoder(fail_every=7)), deliver=results.append)

    stream.start()

    assert wait_until(lambda: session.finished)
    counts = attachment.ledger.counts()
    assert counts.dropped == {DropCause.FAILED: 20}
    assert counts.published == len(results) == 120
    tickets = [r.ticket for r in results]
    assert tickets == sorted(tickets)


def test_a_model_that_never_comes_back_is_hung_and_the_others_go_on(session: Session) -> None:
    inside, release = threading.Event(), threading.Event()

    def hang(value: int) -> None:
        if value == 5:
            inside.set()
            release.wait(LIMIT_S)

    hanging = fake_model(compiled=FakeCompiled(lanes=1, on_infer=hang), on_failure=session._on_model_failure)
    stuck = session.add_stream("stuck", FakeSource(20))
    fine = session.add_stream("fine", FakeSource(50))
    stuck_ledger = session.attach(stuck, hanging).ledger
    fine_ledger = session.attach(fine, fake_model()).ledger
    for stream in (stuck, fine):
        stream.start()
    assert inside.wait(LIMIT_S)

    hanging.watch(time.monotonic_ns() + 29 * 10**9)
    assert len(session.failures) == 0
    hanging.watch(time.monotonic_ns() + 31 * 10**9)

    failure = session.failures.take(LIMIT_S)
    assert failure is not None
    assert isinstance(failure.error, ModelHungError)
    assert "30 s" in str(failure.error)
    assert wait_until(lambda: session.finished)
    assert fine_ledger.counts().published == 50
    assert stuck_ledger.counts().published == 5
    assert stuck_ledger.counts().dropped == {DropCause.HUNG: 1, DropCause.NO_MODEL: 14}
    release.set()


def test_a_compiled_model_is_dropped_before_its_last_request(session: Session) -> None:
    compiled = FakeCompiled(lanes=3)
    model = fake_model(compiled=compiled)
    model.close()

    assert model.join(LIMIT_S) == []
    assert compiled.closed.index("compiled") < max(i for i, name in enumerate(compiled.closed) if name == "lane")
    assert compiled.closed.count("compiled") == 1


def test_loading_goes_from_file_to_warm_lanes() -> None:
    compiled = FakeCompiled(lanes=3)
    session = Session(lambda _name: FakeBackend(lambda: compiled))  # type: ignore[arg-type,return-value]

    job = session.load("fake", CompileRequest(fake_card()), LoadOptions(trial=False))

    assert job.wait(LIMIT_S)
    model = job.result()
    assert compiled.runs == 3
    assert model.configuration.report is compiled.report
    model.close()
    assert session.close(LIMIT_S) == []


def test_a_batch_of_several_streams_keeps_their_own_thresholds(session: Session) -> None:
    model = fake_model(compiled=FakeCompiled(lanes=1, batch=2))
    found: dict[str, list[int]] = {"all": [], "none": []}
    for name, confidence in (("all", 0.1), ("none", 0.95)):
        stream = session.add_stream(name, FakeSource(60))
        session.attach(
            stream,
            model,
            thresholds=Thresholds(confidence=confidence),
            deliver=lambda r: found[r.stream_id].append(len(r.result)),
        )
    for stream in session.streams:
        stream.start()

    assert wait_until(lambda: session.finished)
    assert found == {"all": [1] * 60, "none": [0] * 60}


def test_two_models_on_one_stream_keep_books_of_their_own(session: Session) -> None:
    stream = session.add_stream("film", FakeSource(40))
    ledgers = [session.attach(stream, fake_model(number=n)).ledger for n in range(2)]

    stream.start()

    assert wait_until(lambda: session.finished)
    assert [ledger.counts().published for ledger in ledgers] == [40, 40]


def test_a_model_that_is_swapped_while_it_hangs_does_not_take_the_stream_with_it(session: Session) -> None:
    inside, release = threading.Event(), threading.Event()

    def hang(value: int) -> None:
        if value == 5:
            inside.set()
            release.wait(LIMIT_S)

    hanging = fake_model(compiled=FakeCompiled(lanes=1, on_infer=hang), hang_s=0.1)
    stream = session.add_stream("film", FakeSource(50))
    attachment = session.attach(stream, hanging)
    stream.start()
    assert inside.wait(LIMIT_S)

    session.use(fake_model(number=1), attachment)

    assert wait_until(lambda: session.finished)
    assert attachment.ledger.counts().dropped == {DropCause.HUNG: 1}
    assert attachment.ledger.counts().published == 49
    release.set()


def test_a_model_that_failed_before_it_was_used_is_told_and_the_film_goes_on(session: Session) -> None:
    model = fake_model()
    model._fail(BackendError("The device was unplugged"))
    stream = session.add_stream("film", FakeSource(50))
    attachment = session.attach(stream, model)
    stream.start()

    assert wait_until(lambda: session.finished)
    assert attachment.ledger.counts().dropped == {DropCause.NO_MODEL: 50}
    failure = session.failures.take(0)
    assert failure is not None
    assert (failure.kind, failure.error.what) == ("model", "The device was unplugged")
    assert session.failures.take(0) is None


def test_a_failure_that_is_found_late_does_not_take_the_stream_from_the_next_model(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = session.add_stream("film", FakeSource(50))
    attachment = session.attach(stream, fake_model())
    failed, successor = session._served[attachment], fake_model(number=1)
    swap = threading.Thread(target=lambda: session.use(successor, attachment))
    connect = attachment.connect

    def swap_in_between(feed: Feed[Draw] | None) -> None:
        if feed is None and swap.ident is None:
            swap.start()
            swap.join(0.1)
        connect(feed)

    monkeypatch.setattr(attachment, "connect", swap_in_between)
    session._on_model_failure(failed, BackendError("planned"))
    swap.join(LIMIT_S)
    stream.start()

    assert wait_until(lambda: session.finished)
    assert attachment.ledger.counts().published == 50
    failed.close()


def test_all_lanes_of_a_large_machine_work_on_one_film(session: Session) -> None:
    lanes = 24
    together = threading.Barrier(lanes)
    model = fake_model(compiled=FakeCompiled(lanes=lanes, on_infer=lambda value: value and together.wait(LIMIT_S)))
    stream = session.add_stream("film", FakeSource(1 + lanes))
    ledger = session.attach(stream, model).ledger

    stream.start()

    assert wait_until(lambda: session.finished)
    assert ledger.counts().published == 1 + lanes


def test_a_receiver_that_raises_is_told_once_and_stalls_nothing(session: Session) -> None:
    def refuse(result: FrameResult) -> None:
        if result.frame.sequence % 3 == 0:
            raise ValueError("planned")

    stream = session.add_stream("film", FakeSource(60))
    ledger = session.attach(stream, fake_model(), deliver=refuse).ledger
    stream.start()

    assert wait_until(lambda: session.finished)
    assert ledger.counts().dropped == {DropCause.FAILED: 20}
    assert ledger.counts().published == 40
    failure = session.failures.take(0)
    assert failure is not None
    assert (failure.kind, failure.subject) == ("stream", "film")
    assert "ValueError" in failure.error.detail
    assert session.failures.take(0) is None


# Loading --------------------------------------------------------------------------------------------------------------


class PatientBackend(FakeBackend):
    """Compiles until nobody wants the answer."""

    def __init__(self, wait: Callable[[Cancelled], object]) -> None:
        super().__init__()
        self.compiling = threading.Event()
        self._wait = wait

    def compile(self, request: CompileRequest, progress: Progress, cancelled: Cancelled) -> FakeCompiled:
        self.compiling.set()
        self._wait(cancelled)
        raise CancelledError


def _session(backend: FakeBackend) -> Session:
    return Session(lambda _name: backend)  # type: ignore[arg-type,return-value]


def test_a_model_that_was_loaded_but_never_used_ends_with_the_session() -> None:
    compiled = FakeCompiled(lanes=2)
    session = _session(FakeBackend(lambda: compiled))
    job = session.load("fake", CompileRequest(fake_card()), UNTRIED)
    assert job.wait(LIMIT_S)

    assert session.close(LIMIT_S) == []

    assert job.result().workers() == []
    assert sorted(compiled.closed) == ["compiled", "lane", "lane"]


def test_a_session_that_ends_cancels_every_job_not_only_the_last() -> None:
    backend = PatientBackend(wait_until)
    session = _session(backend)
    jobs = [session.load("fake", CompileRequest(fake_card()), UNTRIED) for _ in range(2)]
    assert backend.compiling.wait(LIMIT_S)

    assert session.close(LIMIT_S) == []

    assert [job.status.state for job in jobs] == [JobState.CANCELLED] * 2
    assert not any(job.worker.alive for job in jobs)


def test_a_cancel_stops_a_runtime_in_the_middle() -> None:
    stopped = threading.Event()

    def compile_until_stopped(cancelled: Cancelled) -> None:
        assert isinstance(cancelled, Cancellation)
        with cancelled.stopping(stopped.set):
            stopped.wait(LIMIT_S)

    backend = PatientBackend(compile_until_stopped)
    session = _session(backend)
    job = session.load("fake", CompileRequest(fake_card()), UNTRIED)
    assert backend.compiling.wait(LIMIT_S)

    job.cancel()

    assert job.worker.join(LIMIT_S)
    assert stopped.is_set()
    assert session.close(LIMIT_S) == []


def test_a_family_that_no_decoder_reads_is_refused_before_anything_is_compiled() -> None:
    made: list[FakeCompiled] = []

    def make() -> FakeCompiled:
        made.append(FakeCompiled())
        return made[-1]

    session = _session(FakeBackend(make))
    job = session.load("fake", CompileRequest(make_card(Path("odd.onnx"), family="odd")), UNTRIED)

    assert job.wait(LIMIT_S)
    with pytest.raises(ModelError, match="odd"):
        job.result()
    assert made == []
    assert session.close(LIMIT_S) == []


def test_models_of_earlier_loads_are_forgotten() -> None:
    session = _session(FakeBackend(lambda: FakeCompiled(lanes=1)))
    stream = session.add_stream("film", FakeSource(5))
    attachment = session.attach(stream)
    earlier: list[weakref.ref[LoadedModel]] = []
    for _ in range(3):
        job = session.load("fake", CompileRequest(fake_card()), UNTRIED)
        assert job.wait(LIMIT_S)
        session.use(job.result(), attachment)
        earlier.append(weakref.ref(job.result()))

    def forgotten() -> bool:
        gc.collect()
        return [ref() is None for ref in earlier] == [True, True, False]

    assert wait_until(forgotten)
    assert session.close(LIMIT_S) == []
