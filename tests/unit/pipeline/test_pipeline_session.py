"""Streams and models together: order, books, swaps, failures, hangs, stops."""

from __future__ import annotations

import threading
import time

import psutil
import pytest
from fakes import LIMIT_S, FakeCompiled, FakeDecoder, FakeSource, fake_model, wait_until

from engine.capture.source import SourceState, Wait
from engine.cards import Thresholds
from engine.errors import SourceError
from engine.frames import FrameResult
from engine.pipeline.session import Session
from engine.pipeline.statistics import Counts, DropCause
from engine.pipeline.stream import Mode, StreamOptions


def _balanced(counts: Counts) -> bool:
    return counts.captured == counts.published + sum(counts.dropped.values()) + counts.in_flight


def test_every_frame_of_a_file_gives_one_result_in_order(session: Session) -> None:
    results: list[FrameResult] = []
    stream = session.add_stream("film", FakeSource(377))
    session.attach(stream, fake_model(compiled=FakeCompiled(lanes=4)), deliver=results.append)

    stream.start()

    assert wait_until(lambda: session.finished)
    assert [r.frame.sequence for r in results] == list(range(377))
    assert [r.ticket for r in results] == list(range(377))
    assert all(float(r.result.xyxy[0, 0]) == r.frame.sequence % 256 for r in results)
    assert stream.snapshot().status.state is SourceState.ENDED


def test_the_books_balance_at_every_moment(session: Session) -> None:
    stream = session.add_stream("camera", FakeSource(600, live=True))
    attachment = session.attach(stream, fake_model(decoder=FakeDecoder(fail_every=11)))
    seen: list[Counts] = []

    def look() -> bool:
        seen.append(attachment.ledger.counts())
        return session.finished

    stream.start()

    assert wait_until(look)
    assert all(_balanced(c) and c.in_flight >= 0 for c in seen)
    assert seen[-1].in_flight == 0
    assert seen[-1].captured == 600


def test_a_live_source_is_never_held_up_and_counts_what_it_replaced(session: Session) -> None:
    release = threading.Event()
    compiled = FakeCompiled(lanes=1, on_infer=lambda value: release.wait(LIMIT_S) if value else None)
    stream = session.add_stream("camera", FakeSource(50, live=True))
    results: list[FrameResult] = []
    attachment = session.attach(stream, fake_model(compiled=compiled), deliver=results.append)

    stream.start()
    assert wait_until(lambda: stream.newest_frame is not None and stream.newest_frame.sequence == 49)
    release.set()

    assert wait_until(lambda: session.finished)
    assert results[-1].frame.sequence == 49
    assert attachment.ledger.counts().dropped[DropCause.SUPERSEDED] >= 45


def test_without_a_model_the_picture_goes_on(session: Session) -> None:
    stream = session.add_stream("camera", FakeSource(20, live=True))
    attachment = session.attach(stream)

    stream.start()

    assert wait_until(lambda: session.finished)
    assert stream.newest_frame is not None
    assert stream.newest_frame.sequence == 19
    assert attachment.ledger.counts().dropped == {DropCause.NO_MODEL: 20}


def test_a_seek_discards_what_was_under_way_and_lands_on_the_very_frame(session: Session) -> None:
    held = threading.Event()
    compiled = FakeCompiled(lanes=1, on_infer=lambda value: held.wait(LIMIT_S) if value == 3 else None)
    results: list[FrameResult] = []
    stream = session.add_stream("film", FakeSource(100))
    attachment = session.attach(stream, fake_model(compiled=compiled), deliver=results.append)
    stream.start()
    assert wait_until(lambda: len(results) == 3)

    stream.seek_frame(90)
    held.set()

    assert wait_until(lambda: session.finished)
    sequences = [r.frame.sequence for r in results]
    assert sequences[-10:] == list(range(90, 100))
    counts = attachment.ledger.counts()
    assert _balanced(counts)
    assert counts.published == len(results)


def test_loops_in_every_frame_mode_drop_nothing(session: Session) -> None:
    results: list[int] = []
    stream = session.add_stream("film", FakeSource(10), StreamOptions(loop=True, max_frames=35))
    session.attach(stream, fake_model(), deliver=lambda r: results.append(r.frame.sequence))

    stream.start()

    assert wait_until(lambda: session.finished)
    assert results == [i % 10 for i in range(35)]


def test_a_held_film_steps_forward_and_back(session: Session) -> None:
    stream = session.add_stream("film", FakeSource(1000), StreamOptions(mode=Mode.REALTIME))
    stream.pause()
    stream.start()

    def shown(number: int) -> bool:
        return wait_until(lambda: stream.newest_frame is not None and stream.newest_frame.sequence == number)

    stream.seek_frame(42)
    assert shown(42)
    stream.step()
    assert shown(43)
    stream.step(-2)
    assert shown(41)
    assert stream.snapshot().paused


def test_a_played_film_is_as_old_as_its_picture_on_screen(session: Session) -> None:
    results: list[FrameResult] = []
    stream = session.add_stream("film", FakeSource(6, rate_hz=20), StreamOptions(mode=Mode.REALTIME))
    session.attach(stream, fake_model(), deliver=results.append)
    begun = time.monotonic_ns()

    stream.start()

    assert wait_until(lambda: session.finished)
    captured_s = [(r.frame.captured_ns - begun) / 1e9 for r in results]
    for sequence, moment in zip((r.frame.sequence for r in results), captured_s, strict=True):
        assert moment >= sequence / 20


def test_a_step_while_a_film_is_played_holds_the_very_next_frame(session: Session) -> None:
    read: list[int] = []
    source = FakeSource(100, rate_hz=5, gate=read.append)  # type: ignore[arg-type]
    stream = session.add_stream("film", source, StreamOptions(mode=Mode.REALTIME))
    stream.start()
    assert wait_until(lambda: read == [0, 1])

    stream.step()

    assert wait_until(lambda: stream.newest_frame is not None and stream.newest_frame.sequence == 1)
    assert not wait_until(lambda: len(read) > 2, 0.1)


def test_pictures_are_stepped_through_without_waiting_for_their_time(session: Session) -> None:
    stream = session.add_stream("pictures", FakeSource(100, rate_hz=0.01), StreamOptions(mode=Mode.REALTIME))
    stream.pause()
    stream.start()

    for number in range(3):
        stream.step()
        assert wait_until(lambda wanted=number: stream.newest_frame and stream.newest_frame.sequence == wanted)


def test_a_source_that_cannot_be_closed_ends_its_stream_all_the_same(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError("planned")

    source = FakeSource(5)
    monkeypatch.setattr(source, "close", refuse)
    stream = session.add_stream("film", source)
    stream.start()

    assert wait_until(lambda: session.finished)
    assert stream.worker.join(LIMIT_S)
    assert stream.snapshot().status.state is SourceState.ENDED


def test_what_only_a_file_can_do_is_refused_for_a_live_source(session: Session) -> None:
    with pytest.raises(SourceError, match="does not wait"):
        session.add_stream("camera", FakeSource(5, live=True), StreamOptions(mode=Mode.EVERY_FRAME))
    stream = session.add_stream("camera", FakeSource(5, live=True))
    for command in (stream.step, lambda: stream.seek_frame(3), lambda: stream.seek_time(1.0)):
        with pytest.raises(SourceError, match="fake: A live source"):
            command()

    stream.start()

    assert wait_until(lambda: session.finished)
    assert stream.snapshot().status.state is SourceState.ENDED


def test_max_fps_analyses_one_frame_in_six(session: Session) -> None:
    compiled = FakeCompiled(lanes=1)
    stream = session.add_stream("film", FakeSource(300), StreamOptions(max_fps=5))
    attachment = session.attach(stream, fake_model(compiled=compiled))

    stream.start()

    assert wait_until(lambda: session.finished)
    counts = attachment.ledger.counts()
    assert counts.published == 50
    assert counts.dropped == {DropCause.RATE_LIMIT: 250}
    assert compiled.runs == 51  # and one to warm up


def test_streams_share_a_model_fairly(session: Session) -> None:
    model = fake_model(compiled=FakeCompiled(lanes=2))
    published = {}
    for name in ("a", "b", "c"):
        stream = session.add_stream(name, FakeSource(100_000, live=False))
        published[name] = session.attach(stream, model).ledger
    for stream in session.streams:
        stream.start()

    assert wait_until(lambda: sum(ledger.counts().published for ledger in published.values()) > 3000)
    counts = [ledger.counts().published for ledger in published.values()]

    assert min(counts) >= 0.8 * sum(counts) / 3


def test_a_slow_stream_is_not_starved_by_one_that_always_has_work(session: Session) -> None:
    model = fake_model(compiled=FakeCompiled(lanes=1))
    greedy_ledger = session.attach(session.add_stream("greedy", FakeSource(100_000)), model).ledger
    waited: list[int] = []
    slow = FakeSource(40, live=True)
    offered: list[int] = []

    def one_at_a_time(sequence: int) -> Wait | None:
        if len(waited) < sequence:
            return Wait(0.001)
        offered.append(greedy_ledger.counts().published)
        return None

    slow._gate = one_at_a_time
    session.attach(
        session.add_stream("slow", slow),
        model,
        deliver=lambda _r: waited.append(greedy_ledger.counts().published - offered[-1]),
    )
    for stream in session.streams:
        stream.start()

    assert wait_until(lambda: len(waited) == 40)
    # One result of the greedy stream may be on its way; a second one may slip in before the frame is in its slot.
    assert sorted(waited)[len(waited) // 2] <= 3


def test_one_bad_source_fails_alone(session: Session) -> None:
    model = fake_model()
    bad = session.add_stream("bad", FakeSource(50, fail_at=20))
    good = session.add_stream("good", FakeSource(50))
    ledgers = [session.attach(s, model).ledger for s in (bad, good)]

    for stream in (bad, good):
        stream.start()

    assert wait_until(lambda: session.finished)
    failure = session.failures.take(LIMIT_S)
    assert failure is not None
    assert (failure.kind, failure.subject) == ("stream", "bad")
    assert isinstance(failure.error, SourceError)
    assert [ledger.counts().published for ledger in ledgers] == [20, 50]
    assert bad.snapshot().status.state is SourceState.FAILED
    assert "damaged" in bad.snapshot().status.message


def test_a_stop_returns_at_once_and_holds_although_a_native_call_does_not_come_back() -> None:
    release = threading.Event()

    def native_call(sequence: int) -> None:
        if sequence == 3:
            release.wait(LIMIT_S)

    session = Session()
    source = FakeSource(10, live=True, gate=native_call)
    stream = session.add_stream("camera", source)
    ledger = session.attach(stream, fake_model()).ledger
    stream.start()
    assert wait_until(lambda: source.position == 3)

    late = session.close(0.2)

    assert late == ["capture-camera"]
    assert stream.snapshot().status.state is SourceState.STOPPED
    before = ledger.counts().published
    release.set()
    assert wait_until(lambda: source.closed_by == "capture-camera")
    assert stream.newest_frame is not None
    assert stream.newest_frame.sequence == 2
    assert ledger.counts().published == before
    assert ledger.counts().in_flight == 0


def test_native_handles_live_in_one_thread(session: Session) -> None:
    source = FakeSource(5)
    stream = session.add_stream("film", source)
    stream.start()

    assert wait_until(lambda: source.closed_by != "")
    assert source.opened_by == source.closed_by == "capture-film"


def test_thresholds_act_on_the_next_frame(session: Session) -> None:
    results: list[FrameResult] = []
    stream = session.add_stream("film", FakeSource(100), StreamOptions(mode=Mode.REALTIME))
    attachment = session.attach(stream, fake_model(), deliver=results.append)
    stream.start()
    assert wait_until(lambda: len(results) >= 1)
    assert len(results[0].result) == 1

    attachment.thresholds = Thresholds(confidence=0.95)
    before = len(results)

    assert wait_until(lambda: len(results) > before + 2)
    assert len(results[-1].result) == 0


def test_two_hundred_starts_and_stops_leave_nothing_behind() -> None:
    def run() -> None:
        session = Session()
        stream = session.add_stream("film", FakeSource(1_000))
        ledger = session.attach(stream, fake_model()).ledger
        stream.start()
        assert wait_until(lambda: ledger.counts().published > 0)
        assert session.close(LIMIT_S) == []

    run()
    process = psutil.Process()
    threads, handles = process.num_threads(), process.num_fds()

    for _ in range(200):
        run()

    assert wait_until(lambda: process.num_threads() <= threads)
    assert process.num_fds() <= handles


def test_nobody_has_to_wait_until_a_lost_source_is_tried_again(session: Session) -> None:
    source = FakeSource(5, live=True, gate=lambda _sequence: None if source.tried else Wait(60.0))
    stream = session.add_stream("yard", source)
    stream.start()
    assert wait_until(lambda: source.state is SourceState.LIVE)
    assert stream.newest_frame is None
    stream.try_now()
    assert wait_until(lambda: stream.newest_frame is not None)
    assert source.tried == 1
