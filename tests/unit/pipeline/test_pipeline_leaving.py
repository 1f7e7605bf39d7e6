"""What leaves a running session: streams, models, jobs. Nothing of them stays behind."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import psutil
import pytest
from fakes import LIMIT_S, FakeBackend, FakeCompiled, FakeSource, fake_card, fake_model, wait_until

from engine.backends.backend import CompileRequest
from engine.capture.source import Ended, SourceState, Wait
from engine.errors import BackendError, CancelledError
from engine.frames import Frame, FrameResult
from engine.pipeline.jobs import JobControl, JobState
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.loading import LoadOptions
from engine.pipeline.memory import give_back
from engine.pipeline.session import Session
from engine.pipeline.statistics import DropCause
from engine.pipeline.stream import Mode, StreamOptions


class LargeSource(FakeSource):
    """Pictures of 6 MB."""

    def read(self) -> Frame | Wait | Ended:
        small = super().read()
        if not isinstance(small, Frame):
            return small
        image = np.full((1080, 1920, 3), small.sequence % 256, np.uint8)
        return Frame(image, small.sequence, small.captured_ns, 0, small.media_time_s, "fake")


def _is_closed(compiled: FakeCompiled) -> bool:
    return wait_until(lambda: "compiled" in compiled.closed)


def test_a_removed_stream_is_stopped_and_its_model_closed_while_others_go_on(session: Session) -> None:
    compiled, shared = FakeCompiled(), fake_model()
    first = session.add_stream("first", FakeSource(100_000))
    second = session.add_stream("second", FakeSource(100_000))
    own = session.attach(first, fake_model(compiled=compiled))
    session.attach(first, shared)
    ledger = session.attach(second, shared).ledger
    for stream in (first, second):
        stream.start()
    assert wait_until(lambda: own.ledger.counts().published > 10)

    session.remove_stream(first)
    session.remove_stream(first)

    assert session.streams == (second,)
    assert first.snapshot().status.state is SourceState.STOPPED
    assert _is_closed(compiled)
    assert first.worker.join(LIMIT_S)
    assert not own.serving
    before = ledger.counts().published
    assert wait_until(lambda: ledger.counts().published > before + 50)


def test_a_removed_stream_inside_a_native_call_is_known_until_it_has_ended() -> None:
    release = threading.Event()
    session = Session()
    source = FakeSource(10, live=True, gate=lambda n: release.wait(LIMIT_S) if n == 3 else None)  # type: ignore[arg-type,func-returns-value]
    stream = session.add_stream("camera", source)
    stream.start()
    assert wait_until(lambda: source.position == 3)

    session.remove_stream(stream)

    assert session.close(0.1) == ["capture-camera"]
    release.set()
    assert stream.worker.join(LIMIT_S)
    assert session.close(LIMIT_S) == []


def test_a_model_that_comes_for_a_removed_stream_is_closed(session: Session) -> None:
    stream = session.add_stream("film", FakeSource(10))
    attachment = session.attach(stream)
    session.remove_stream(stream)
    compiled = FakeCompiled()

    session.use(fake_model(compiled=compiled), attachment)

    assert _is_closed(compiled)
    assert session.failures.take(0.0) is None
    late = FakeCompiled()
    session.attach(stream, fake_model(compiled=late))
    assert _is_closed(late)


def test_a_model_for_several_streams_stays_when_only_the_first_was_removed(session: Session) -> None:
    gone, stays = (session.add_stream(name, FakeSource(20)) for name in ("gone", "stays"))
    attachments = [session.attach(stream) for stream in (gone, stays)]
    session.remove_stream(gone)

    session.use(fake_model(), *attachments)
    stays.start()

    assert wait_until(lambda: session.finished)
    assert attachments[1].ledger.counts().published == 20


def test_a_model_that_was_closed_is_reported_and_leaves_the_picture(session: Session) -> None:
    stream = session.add_stream("film", FakeSource(20))
    attachment = session.attach(stream)
    model = fake_model()
    model.close()

    session.use(model, attachment)
    stream.start()

    assert wait_until(lambda: session.finished)
    failure = session.failures.take(LIMIT_S)
    assert failure is not None
    assert isinstance(failure.error, BackendError)
    assert attachment.ledger.counts().dropped == {DropCause.NO_MODEL: 20}


def test_a_model_that_is_kept_serves_a_stream_that_is_opened_again() -> None:
    compiled, session = FakeCompiled(), Session()
    model = fake_model(compiled=compiled, kept=True)
    attachment = session.attach(first := session.add_stream("film", FakeSource(5)), model)
    session.disconnect(attachment)
    session.remove_stream(first)
    session.use(model, attachment)

    again = session.add_stream("film", FakeSource(20))
    ledger = session.attach(again, model).ledger
    again.start()

    assert wait_until(lambda: session.finished)
    assert ledger.counts().published == 20
    session.remove_stream(again)
    assert compiled.closed == []
    assert session.close(LIMIT_S) == []
    assert "compiled" in compiled.closed


@pytest.mark.parametrize("keep", [True, False])
def test_a_model_is_loaded_to_be_kept_or_not(keep: bool) -> None:
    compiled = FakeCompiled()
    session = Session(lambda _name: FakeBackend(lambda: compiled))  # type: ignore[arg-type,return-value]
    job = session.load("fake", CompileRequest(fake_card()), LoadOptions(trial=False, keep=keep))
    assert job.wait(LIMIT_S)

    session.remove_stream(stream := session.add_stream("film", FakeSource(5)))
    session.attach(stream, job.result())

    assert job.result().feed.closed is not keep
    assert session.close(LIMIT_S) == []
    assert "compiled" in compiled.closed


def test_a_disconnected_stream_goes_on_without_its_model(session: Session) -> None:
    compiled = FakeCompiled()
    stream = session.add_stream("film", FakeSource(1000, rate_hz=1000), StreamOptions(Mode.REALTIME, loop=True))
    attachment = session.attach(stream, fake_model(compiled=compiled))
    stream.start()
    assert wait_until(lambda: attachment.ledger.counts().published > 5)
    assert attachment.serving

    session.disconnect(attachment)

    assert not attachment.serving
    assert _is_closed(compiled)
    session.disconnect(attachment)
    captured = stream.snapshot().counts[0].captured
    assert wait_until(lambda: stream.snapshot().counts[0].captured > captured + 20)
    session.use(fake_model(), attachment)
    published = attachment.ledger.counts().published
    assert wait_until(lambda: attachment.ledger.counts().published > published + 5)


@pytest.mark.parametrize("hangs", [True, False], ids=["hung", "raised"])
def test_after_a_model_has_failed_the_picture_goes_on_and_another_model_works(session: Session, hangs: bool) -> None:
    release = threading.Event()

    def on_infer(value: int) -> None:
        if not value:
            return
        if hangs:
            release.wait(LIMIT_S)
        raise RuntimeError("planned")

    stream = session.add_stream("film", FakeSource(1000, rate_hz=500), StreamOptions(Mode.REALTIME, loop=True))
    model = fake_model(compiled=FakeCompiled(1, on_infer=on_infer), on_failure=session._on_model_failure, hang_s=0.2)
    results: list[FrameResult] = []
    attachment = session.attach(stream, model, deliver=results.append)
    stream.start()

    failure = session.failures.take(LIMIT_S)
    assert failure is not None
    assert failure.kind == "model"
    assert not attachment.serving
    shown = attachment.ledger.counts().captured
    assert wait_until(lambda: attachment.ledger.counts().captured > shown + 20)
    session.use(fake_model(number=9), attachment)

    assert wait_until(lambda: bool(results) and results[-1].configuration.number == 9)
    release.set()
    assert wait_until(lambda: not model.workers())


def test_two_hundred_streams_that_come_and_go_leave_nothing_behind(session: Session) -> None:
    def come_and_go() -> None:
        stream = session.add_stream("film", LargeSource(1000), StreamOptions(Mode.REALTIME, hold_at_end=True))
        model = fake_model(compiled=FakeCompiled(1))
        models.add(model)
        attachment = session.attach(stream, model)
        stream.start()
        assert wait_until(lambda: attachment.newest_result is not None)
        streams.add(stream)
        session.remove_stream(stream)

    streams: weakref.WeakSet[object] = weakref.WeakSet()
    models: weakref.WeakSet[LoadedModel] = weakref.WeakSet()
    process = psutil.Process()
    for _ in range(20):
        come_and_go()
    give_back()
    threads, files, before = threading.active_count(), process.num_fds(), process.memory_info().rss

    for _ in range(180):
        come_and_go()

    assert wait_until(lambda: threading.active_count() <= threads)
    assert process.num_fds() <= files
    assert wait_until(lambda: len(streams) <= 1)
    assert wait_until(lambda: len(session._models) == 0)
    give_back()
    # One picture of each stream would be a gigabyte. Heaps that other tests of this process left vary by some 10 MB.
    assert process.memory_info().rss - before < 100e6
    gc.collect()
    assert len(models) <= 1
    assert not session._served


# Jobs ---------------------------------------------------------------------------------------------------------------


def test_a_job_of_a_session_tells_its_share_and_answers(session: Session) -> None:
    go = threading.Event()

    def task(control: JobControl) -> str:
        control.progress("Downloading", 0.25)
        go.wait(LIMIT_S)
        control.progress("Unpacking")
        return "done"

    job = session.start_job("download", task)
    assert wait_until(lambda: job.status.share == 0.25)
    assert job.status.phase == "Downloading"
    go.set()

    assert job.wait(LIMIT_S)
    assert (job.result(), job.status.phase, job.status.share) == ("done", "Unpacking", None)


def test_a_session_that_ends_cancels_its_jobs_and_waits_for_their_threads() -> None:
    session = Session()
    discarded: list[str] = []

    def task(control: JobControl) -> str:
        wait_until(control.cancelled)
        return "too late"

    job = session.start_job("slow", task, discard=discarded.append)

    assert session.close(LIMIT_S) == []
    assert job.status.state is JobState.CANCELLED
    assert discarded == ["too late"]
    after = session.start_job("after the end", lambda control: wait_until(control.cancelled))
    assert after.wait(LIMIT_S)
    with pytest.raises(CancelledError):
        after.result()
    assert after.worker.join(LIMIT_S)


def test_a_job_that_does_not_look_is_named_as_closing() -> None:
    session, release = Session(), threading.Event()
    job = session.start_job("deaf", lambda _control: release.wait(LIMIT_S))

    assert session.close(0.1) == ["deaf"]

    release.set()
    assert job.worker.join(LIMIT_S)


def test_a_load_and_its_stream_may_be_given_up_in_any_order() -> None:
    compiled = FakeCompiled()
    session = Session(lambda _name: FakeBackend(lambda: compiled))  # type: ignore[arg-type,return-value]
    attachment = session.attach(stream := session.add_stream("film", FakeSource(5)))
    job = session.load("fake", CompileRequest(fake_card()), LoadOptions(trial=False))
    session.remove_stream(stream)
    assert job.wait(LIMIT_S)

    session.use(job.result(), attachment)

    assert _is_closed(compiled)
    assert session.close(LIMIT_S) == []
