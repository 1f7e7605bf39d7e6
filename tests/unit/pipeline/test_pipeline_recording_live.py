"""Recordings that a person starts and stops while streams run, with and without a model."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from fakes import LIMIT_S, FakeCompiled, FakeSource, fake_model, make_frame, wait_until
from frame_results import make_result

from engine.errors import BackendError, CancelledError, SinkError
from engine.opencv import cv2
from engine.pipeline.recording import Recorder, Route
from engine.pipeline.session import Session
from engine.pipeline.stream import Mode, StreamOptions
from engine.sinks.csv_rows import CsvSink
from engine.sinks.json_lines import JsonLinesSink
from engine.sinks.sink import Progress, Shown, frame_of, silent
from engine.sinks.video_clock import Clock, Timing
from engine.sinks.video_file import VideoFileSink


class KeepingSink:
    """Keeps what it is given; each of its three ends can be held, and closing tells how far it is."""

    def __init__(self) -> None:
        self.given: list[Shown] = []
        self.may_open, self.may_write, self.may_close = (threading.Event() for _ in range(3))
        for event in (self.may_open, self.may_write, self.may_close):
            event.set()
        self.is_cut_short = False

    @property
    def numbers(self) -> list[int]:
        return [frame_of(shown).sequence for shown in self.given]

    @property
    def plain(self) -> list[int]:
        return [frame_of(shown).sequence for shown in self.given if shown is frame_of(shown)]

    def open(self) -> None:
        assert self.may_open.wait(LIMIT_S)

    def write(self, shown: Shown) -> None:
        assert self.may_write.wait(LIMIT_S)
        self.given.append(shown)

    def close(self, progress: Progress = silent) -> None:
        try:
            progress(0.5)
            while not self.may_close.wait(0.005):
                progress(0.5)
        except CancelledError:
            self.is_cut_short = True
            raise


class RefusingSink(KeepingSink):
    def open(self) -> None:
        raise SinkError("The folder is read-only", subject="out.mp4")


@pytest.mark.parametrize("mode", list(Mode))
def test_without_a_model_the_pictures_themselves_are_recorded(session: Session, mode: Mode) -> None:
    sink = KeepingSink()
    recorder = session.record([Route(sink)])
    session.add_stream("bare", FakeSource(60, rate_hz=500), StreamOptions(mode)).start()
    attached = session.add_stream("attached", FakeSource(60, rate_hz=500), StreamOptions(mode))
    session.attach(attached)
    attached.start()

    assert wait_until(lambda: session.finished)
    assert recorder.finish(LIMIT_S)
    assert sorted(sink.plain) == sorted([*range(60), *range(60)])
    assert (recorder.written, recorder.not_recorded) == (120, 0)


def test_slow_sinks_hold_a_file_without_a_model_back_and_a_stop_lets_it_go(session: Session) -> None:
    sink = KeepingSink()
    sink.may_write.clear()
    recorder = session.record([Route(sink)])
    stream = session.add_stream("film", FakeSource(300))
    stream.start()
    assert wait_until(lambda: not recorder.has_room())
    assert stream.newest_frame is not None
    assert stream.newest_frame.sequence < 40
    stream.pause()
    assert wait_until(lambda: stream.snapshot().paused)
    stream.play()

    sink.may_write.set()
    assert wait_until(lambda: session.finished)

    assert recorder.finish(LIMIT_S)
    assert sink.plain == list(range(300))


def test_slow_sinks_never_hold_a_live_picture_without_a_model_back(session: Session) -> None:
    sink = KeepingSink()
    sink.may_write.clear()
    recorder = session.record([Route(sink)])
    session.add_stream("camera", FakeSource(200, live=True)).start()

    assert wait_until(lambda: session.finished)
    sink.may_write.set()

    assert recorder.finish(LIMIT_S)
    assert recorder.written == len(sink.given) > 10
    assert recorder.written + recorder.not_recorded == 200


def test_models_that_come_and_go_leave_each_frame_in_the_recording_once(session: Session) -> None:
    sink = KeepingSink()
    recorder = session.record([Route(sink)])
    stream = session.add_stream("film", FakeSource(3000))
    attachment = session.attach(stream)
    stream.start()

    while not session.finished:
        session.use(fake_model(compiled=FakeCompiled(3)), attachment)
        session.disconnect(attachment)

    assert recorder.finish(LIMIT_S)
    assert len(sink.numbers) == len(set(sink.numbers))
    counts = attachment.ledger.counts()
    assert len(sink.given) - len(sink.plain) == counts.published
    # All others waited for a model when it went.
    assert 3000 - len(sink.given) == sum(counts.dropped.values()) - len(sink.plain)


def test_after_a_failure_of_the_model_the_recording_goes_on_with_pictures(session: Session) -> None:
    sink = KeepingSink()
    recorder = session.record([Route(sink)])
    stream = session.add_stream("film", FakeSource(100_000, rate_hz=500), StreamOptions(Mode.REALTIME))
    model = fake_model(on_failure=session._on_model_failure)
    session.attach(stream, model)
    stream.start()
    assert wait_until(lambda: len(sink.given) > 5)
    assert sink.plain == []

    model._fail(BackendError("The device was unplugged"))

    assert wait_until(lambda: len(sink.plain) > 5)
    stream.stop()
    assert recorder.finish(LIMIT_S)


def test_a_picture_that_is_analysed_again_is_not_recorded_again(session: Session) -> None:
    sink = KeepingSink()
    recorder = session.record([Route(sink)])
    stream = session.add_stream("film", FakeSource(3, rate_hz=500), StreamOptions(Mode.REALTIME, hold_at_end=True))
    attachment = session.attach(stream, fake_model())
    stream.start()
    assert wait_until(lambda: attachment.idle and attachment.ledger.counts().captured == 3)
    published = attachment.ledger.counts().published

    stream.refresh()
    assert wait_until(lambda: attachment.ledger.counts().published > published)

    assert recorder.finish(LIMIT_S)
    assert len(sink.numbers) == published


# Starting and stopping ----------------------------------------------------------------------------------------------


def test_a_recording_starts_without_waiting_and_keeps_what_comes_meanwhile(session: Session) -> None:
    sink = KeepingSink()
    sink.may_open.clear()
    begun = time.monotonic()
    recorder = session.start_recording([Route(sink)])
    assert time.monotonic() - begun < 1.0
    assert not recorder.opened
    stream = session.add_stream("film", FakeSource(10))
    stream.start()
    assert wait_until(lambda: stream.finished)

    sink.may_open.set()

    assert wait_until(lambda: recorder.written == 10)
    assert recorder.opened
    assert session.stop_recording() is recorder


def test_one_that_cannot_be_opened_is_reported_and_the_next_one_may_start(session: Session) -> None:
    recorder = session.start_recording([Route(RefusingSink())])

    failure = session.failures.take(LIMIT_S)
    assert failure is not None
    assert (failure.kind, failure.error.what) == ("recording", "The folder is read-only")
    assert recorder.failure is failure.error
    assert wait_until(lambda: recorder.finished)
    assert not recorder.opened
    assert session.start_recording([Route(KeepingSink())]).failure is None


def test_a_second_recording_is_refused_while_one_runs(session: Session) -> None:
    first = session.start_recording([Route(KeepingSink())])

    for start in (session.record, session.start_recording):
        with pytest.raises(SinkError, match="A recording is running"):
            start([Route(KeepingSink())])

    assert first.failure is None
    session.stop_recording()
    assert session.record([Route(KeepingSink())]).opened


def test_a_stop_returns_at_once_and_the_rest_is_written_and_finished_in_the_background(session: Session) -> None:
    sink = KeepingSink()
    sink.may_write.clear()
    sink.may_close.clear()
    recorder = session.start_recording([Route(sink)])
    for number in range(10):
        recorder.record(make_result(sequence=number), droppable=False)

    begun = time.monotonic()
    assert session.stop_recording() is recorder
    assert session.stop_recording() is None
    assert time.monotonic() - begun < 1.0
    assert not recorder.finished
    sink.may_write.set()

    assert wait_until(lambda: recorder.finishing_share == 0.5)
    assert recorder.written == 10
    sink.may_close.set()
    assert wait_until(lambda: recorder.finished)
    assert recorder.finishing_share is None
    assert recorder.failure is None


def test_lanes_that_held_back_for_a_recording_go_on_after_its_stop(session: Session) -> None:
    sink = KeepingSink()
    sink.may_write.clear()
    recorder = session.start_recording([Route(sink)])
    stream = session.add_stream("film", FakeSource(300))
    session.attach(stream, fake_model())
    bare = session.add_stream("bare", FakeSource(300))
    for each in (stream, bare):
        each.start()
    assert wait_until(lambda: not recorder.has_room())

    session.stop_recording()

    assert wait_until(lambda: session.finished)
    sink.may_write.set()
    assert wait_until(lambda: recorder.finished)
    assert recorder.written == len(sink.given)


def test_a_session_that_ends_leaves_out_what_makes_finishing_long() -> None:
    session, sink, earlier = Session(), KeepingSink(), KeepingSink()
    for each in (sink, earlier):
        each.may_close.clear()
    first = session.start_recording([Route(earlier)])
    session.stop_recording()
    second = session.start_recording([Route(sink)])

    assert session.close(LIMIT_S) == []

    assert first.finished
    assert second.finished
    assert sink.is_cut_short
    assert earlier.is_cut_short


# Real files ---------------------------------------------------------------------------------------------------------


def test_a_video_has_the_pictures_and_a_table_has_the_results_alone(tmp_path: Path) -> None:
    video = VideoFileSink(tmp_path / "out.mp4", lambda: Timing(Clock.MEDIA, 30.0))
    routes = [Route(video), Route(JsonLinesSink(tmp_path / "out.jsonl")), Route(CsvSink(tmp_path / "out.csv"))]
    recorder = Recorder(routes)
    recorder.start(LIMIT_S)

    for number in range(10):
        if number % 2:
            recorder.record(make_result(size=(32, 24), sequence=number, media_time_s=number / 30), droppable=False)
        else:
            recorder.record_plain(make_frame(number, media_time_s=number / 30), "1", droppable=False)

    assert recorder.finish(LIMIT_S)
    assert recorder.failure is None
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["frame"] for line in lines] == [1, 3, 5, 7, 9]
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1  # its head: nothing was found
    reader = cv2.VideoCapture(str(tmp_path / "out.mp4"), cv2.CAP_FFMPEG)
    assert int(reader.get(cv2.CAP_PROP_FRAME_COUNT)) == 10
    reader.release()


def test_tables_of_a_stream_without_a_model_are_not_made(tmp_path: Path) -> None:
    recorder = Recorder([Route(JsonLinesSink(tmp_path / "out.jsonl")), Route(CsvSink(tmp_path / "out.csv"))])
    recorder.start(LIMIT_S)
    recorder.record_plain(make_frame(), "1", droppable=False)

    assert recorder.finish(LIMIT_S)
    assert list(tmp_path.iterdir()) == []
