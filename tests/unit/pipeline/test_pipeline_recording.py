"""The sink thread: everything written once, in order; a sink that fails ends the recording, not the streams."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from fakes import LIMIT_S, FakeSource, fake_model, wait_until
from frame_results import make_result

from engine.errors import SinkError
from engine.pipeline.recording import Recorder, Route
from engine.pipeline.session import Session
from engine.pipeline.stream import Mode, StreamOptions
from engine.sinks.sink import Progress, Shown, frame_of, silent


class FakeSink:
    """Keeps the numbers of the frames it was given; ``hold`` keeps it from writing until it is set."""

    def __init__(self, *, fail_at: int | None = None, fail_open: bool = False) -> None:
        self.written: list[int] = []
        self.plain: list[int] = []
        self.threads: set[str] = set()
        self.hold = threading.Event()
        self.hold.set()
        self.closed = 0
        self._fail_at = fail_at
        self._fail_open = fail_open

    def open(self) -> None:
        self.threads.add(threading.current_thread().name)
        if self._fail_open:
            raise SinkError("The folder is read-only", subject="out.jsonl")

    def write(self, shown: Shown) -> None:
        assert self.hold.wait(LIMIT_S)
        self.threads.add(threading.current_thread().name)
        frame = frame_of(shown)
        if frame.sequence == self._fail_at:
            raise SinkError("The disk is full", subject="out.jsonl")
        (self.plain if shown is frame else self.written).append(frame.sequence)

    def close(self, progress: Progress = silent) -> None:
        self.threads.add(threading.current_thread().name)
        self.closed += 1


def _run(session: Session, recorder: Recorder) -> None:
    for stream in session.streams:
        stream.start()
    assert wait_until(lambda: session.finished)
    assert recorder.finish(LIMIT_S)
    assert session.close(LIMIT_S) == []


def test_every_result_is_written_in_order_by_one_thread() -> None:
    session, sink = Session(), FakeSink()
    recorder = session.record([Route(sink)])
    session.attach(session.add_stream("film", FakeSource(300)), fake_model())

    _run(session, recorder)

    assert sink.written == list(range(300))
    assert sink.threads == {"sinks"}
    assert sink.closed == 1
    assert recorder.not_recorded == 0


def test_slow_sinks_hold_a_file_back_instead_of_losing_results() -> None:
    session, sink = Session(), FakeSink()
    sink.hold.clear()
    recorder = session.record([Route(sink)])
    stream = session.add_stream("film", FakeSource(300))
    ledger = session.attach(stream, fake_model()).ledger
    stream.start()
    assert wait_until(lambda: not recorder.has_room())
    assert ledger.counts().captured < 60

    sink.hold.set()
    assert wait_until(lambda: session.finished)
    assert recorder.finish(LIMIT_S)

    assert sink.written == list(range(300))
    assert session.close(LIMIT_S) == []


def test_slow_sinks_never_hold_a_live_picture_back_and_the_loss_is_counted() -> None:
    session, sink = Session(), FakeSink()
    sink.hold.clear()
    recorder = session.record([Route(sink)])
    seen: list[int] = []
    stream = session.add_stream("film", FakeSource(200, rate_hz=2000), StreamOptions(mode=Mode.REALTIME))
    session.attach(stream, fake_model(), deliver=lambda r: seen.append(r.frame.sequence))
    stream.start()
    assert wait_until(lambda: session.finished)
    sink.hold.set()

    assert recorder.finish(LIMIT_S)
    assert session.close(LIMIT_S) == []
    assert recorder.not_recorded == len(seen) - len(sink.written) > 0


def test_each_stream_goes_to_its_own_file_and_to_the_common_one() -> None:
    session = Session()
    common, own = FakeSink(), FakeSink()
    recorder = session.record([Route(common), Route(own, "b")])
    model = fake_model()
    for name in ("a", "b"):
        session.attach(session.add_stream(name, FakeSource(30)), model)

    _run(session, recorder)

    assert sorted(common.written) == sorted([*range(30), *range(30)])
    assert own.written == list(range(30))


def test_a_sink_that_fails_ends_the_recording_closes_all_and_lets_the_stream_go_on() -> None:
    session = Session()
    failing, other = FakeSink(fail_at=5), FakeSink()
    recorder = session.record([Route(failing), Route(other)])
    ledger = session.attach(session.add_stream("film", FakeSource(100)), fake_model()).ledger

    _run(session, recorder)

    failure = session.failures.take(LIMIT_S)
    assert failure is not None
    assert (failure.kind, failure.error.what) == ("recording", "The disk is full")
    assert ledger.counts().published == 100
    assert failing.closed == other.closed == 1


def test_a_sink_that_cannot_be_opened_is_an_error_at_the_start() -> None:
    session, first = Session(), FakeSink()

    with pytest.raises(SinkError, match="read-only"):
        session.record([Route(first), Route(FakeSink(fail_open=True))])

    assert wait_until(lambda: first.closed == 1)
    assert session.failures.take(0) is None
    assert session.close(LIMIT_S) == []


def _held(sink: FakeSink) -> Recorder:
    """A recorder whose sink has taken a first result and holds it."""
    sink.hold.clear()
    recorder = Recorder([Route(sink)])
    recorder.start(LIMIT_S)
    recorder.record(make_result(sequence=0), droppable=False)
    assert wait_until(lambda: len(recorder._waiting) == 0)
    return recorder


def test_a_file_that_fills_every_place_leaves_some_to_live_streams() -> None:
    sink = FakeSink()
    recorder = _held(sink)
    numbers = iter(range(1, 1000))
    while recorder.has_room():
        recorder.record(make_result(sequence=next(numbers)), droppable=False)

    live = [next(numbers) for _ in range(100)]
    for number in live:
        recorder.record(make_result(sequence=number), droppable=True)
    sink.hold.set()

    assert recorder.finish(LIMIT_S)
    recorded = [number for number in live if number in sink.written]
    assert recorded == live[: len(recorded)]
    assert 10 <= len(recorded) == 100 - recorder.not_recorded < 100


def test_streams_that_go_nowhere_take_no_place_and_are_not_counted() -> None:
    sink = FakeSink()
    sink.hold.clear()
    recorder = Recorder([Route(sink, "gate")])
    recorder.start(LIMIT_S)
    for sequence in range(100):
        recorder.record(replace(make_result(sequence=sequence), stream_id="yard"), droppable=True)
    recorder.record(replace(make_result(sequence=1), stream_id="gate"), droppable=True)
    sink.hold.set()
    assert recorder.finish(LIMIT_S)
    assert sink.written == [1]
    assert (recorder.written, recorder.not_recorded) == (1, 0)


def test_what_waits_when_a_sink_fails_is_counted() -> None:
    sink = FakeSink(fail_at=1)
    recorder = _held(sink)
    for number in range(1, 6):
        recorder.record(make_result(sequence=number), droppable=False)
    sink.hold.set()

    assert recorder.finish(LIMIT_S)
    assert sink.written == [0]
    assert recorder.not_recorded == 5


def test_what_comes_after_the_end_is_counted() -> None:
    recorder = Recorder([Route(FakeSink())])
    recorder.start(LIMIT_S)
    assert recorder.finish(LIMIT_S)

    recorder.record(make_result(), droppable=False)

    assert recorder.not_recorded == 1


def test_a_recording_ends_with_its_session() -> None:
    session, sink = Session(), FakeSink()
    recorder = session.record([Route(sink)])

    assert session.close(LIMIT_S) == []

    assert not recorder.worker.alive
    assert sink.closed == 1


def test_a_silent_camera_takes_no_time_from_the_files_at_the_end() -> None:
    session, sink = Session(), FakeSink()
    release = threading.Event()
    camera = FakeSource(2, live=True, gate=lambda n: release.wait(LIMIT_S) if n else None)  # type: ignore[arg-type,func-returns-value]
    session.attach(session.add_stream("camera", camera), fake_model())
    session.record([Route(sink)])
    session.streams[0].start()
    assert wait_until(lambda: camera.position == 1)

    assert session.close(0.1) == ["capture-camera"]
    assert sink.closed == 1
    release.set()
    assert session.streams[0].worker.join(LIMIT_S)


def test_files_that_take_their_time_are_finished_before_the_end() -> None:
    session, sink = Session(), FakeSink()
    session.attach(session.add_stream("film", FakeSource(10**9)), fake_model())
    session.record([Route(sink)])
    session.streams[0].start()
    assert wait_until(lambda: len(sink.written) > 3)
    sink.hold.clear()
    threading.Timer(0.3, sink.hold.set).start()

    assert session.close(0.1) == []
    assert sink.closed == 1
