"""Wishes to a stream: merged, never lost, carried out at once; what was found elsewhere is not shown at a new place."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest
from fakes import LIMIT_S, FakeCompiled, FakeSource, fake_model, wait_until

from engine.capture.source import Wait
from engine.frames import FrameResult
from engine.pipeline.mailbox import Board, Slot
from engine.pipeline.session import Session
from engine.pipeline.statistics import DropCause
from engine.pipeline.stream import Mode, Stream, StreamOptions
from engine.pipeline.wishes import Place, Wish, merge

PLACE, OTHER = Place(frame=3), Place(time_s=2.0)


class SlowSource(FakeSource):
    """Each seek takes some reads; keeps the places that were sought."""

    def __init__(self, frames: int, reads: int = 3) -> None:
        super().__init__(frames)
        self.sought: list[int] = []
        self._reads = reads
        self._left = 0
        self._gate = self._search

    def _search(self, _sequence: int) -> Wait | None:
        self._left -= 1
        threading.Event().wait(0.005)
        return Wait(0.0) if self._left >= 0 else None

    def seek_frame(self, index: int) -> None:
        self.sought.append(index)
        self._left = self._reads
        super().seek_frame(index)


@pytest.mark.parametrize(
    ("earlier", "later", "merged"),
    [
        (Wish(place=PLACE), Wish(place=OTHER), Wish(place=OTHER)),
        (Wish(steps=2), Wish(steps=-3), Wish(steps=-1)),
        (Wish(place=PLACE), Wish(paused=True, steps=1), Wish(paused=True, place=PLACE, steps=1)),
        (Wish(paused=True, steps=5), Wish(place=PLACE), Wish(paused=True, place=PLACE)),
        (Wish(paused=True), Wish(paused=False), Wish(paused=False)),
        (Wish(paused=False, again=True), Wish(retimed=True), Wish(paused=False, again=True, retimed=True)),
        (Wish(place=PLACE, steps=1), Wish(), Wish(place=PLACE, steps=1)),
    ],
    ids=str,
)
def test_two_wishes_are_one_that_leads_to_the_same_place(earlier: Wish, later: Wish, merged: Wish) -> None:
    assert merge(earlier, later) == merged


def test_a_board_gives_everything_at_once_and_then_nothing() -> None:
    board: Board[int] = Board(lambda earlier, later: earlier * 10 + later)
    for number in range(1, 6):
        board.add(number)

    assert board.take(0.0) == 12345
    assert board.take(0.0) is None
    assert board.take(0.01) is None


def test_a_wait_for_room_can_be_interrupted_once_beforehand_too() -> None:
    slot: Slot[int] = Slot(1)
    slot.put(1)
    slot.interrupt()
    begun = time.monotonic()

    assert not slot.wait_for_room(30)
    assert time.monotonic() - begun < 10
    assert not slot.wait_for_room(0)
    slot.poll()
    assert slot.wait_for_room(0)


def _held(session: Session, source: FakeSource) -> Stream:
    stream = session.add_stream("film", source, StreamOptions(Mode.REALTIME, hold_at_end=True))
    stream.pause()
    stream.start()
    assert wait_until(lambda: stream.snapshot().paused)
    return stream


def _shows(stream: Stream, number: int) -> bool:
    return wait_until(lambda: stream.newest_frame is not None and stream.newest_frame.sequence == number)


def test_of_a_thousand_seeks_few_are_carried_out_and_the_last_one_always(session: Session) -> None:
    source = SlowSource(10_000)
    stream = _held(session, source)

    for place in range(1000):
        stream.seek_frame(place)

    assert _shows(stream, 999)
    assert source.sought[-1] == 999
    assert len(source.sought) < 100


def test_a_slider_that_is_dragged_shows_pictures_on_its_way(session: Session) -> None:
    source = SlowSource(10_000, reads=4)
    stream = _held(session, source)
    seen: set[int] = set()

    for place in range(400):
        stream.seek_frame(place)
        threading.Event().wait(0.001)
        if stream.newest_frame is not None:
            seen.add(stream.newest_frame.sequence)

    assert _shows(stream, 399)
    assert len(seen) > 5


def test_a_search_that_lasts_is_given_up_for_a_newer_wish(session: Session) -> None:
    source = SlowSource(10_000, reads=10**9)
    stream = _held(session, source)
    stream.seek_frame(5)
    assert wait_until(lambda: source.sought == [5])

    source._reads = 0
    stream.seek_frame(6)

    assert _shows(stream, 6)


def test_steps_that_come_faster_than_pictures_add_up(session: Session) -> None:
    source = SlowSource(1000)
    stream = _held(session, source)
    stream.seek_frame(500)
    assert _shows(stream, 500)

    for _ in range(7):
        stream.step(1)
        threading.Event().wait(0.003)
    for _ in range(20):
        stream.step(-1)

    assert _shows(stream, 487)
    assert not wait_until(lambda: not _shows_now(stream, 487), 0.1)


def _shows_now(stream: Stream, number: int) -> bool:
    return stream.newest_frame is not None and stream.newest_frame.sequence == number


def test_a_seek_a_pause_and_a_stop_act_at_once_although_a_slow_model_leaves_no_room(session: Session) -> None:
    release = threading.Event()
    compiled = FakeCompiled(lanes=1, on_infer=lambda value: release.wait(LIMIT_S) if value == 1 else None)
    results: list[FrameResult] = []
    stream = session.add_stream("film", FakeSource(200))
    attachment = session.attach(stream, fake_model(compiled=compiled), deliver=results.append)
    stream.start()
    assert wait_until(lambda: len(results) == 1 and len(attachment._slot) == 8)

    begun = time.monotonic()
    stream.pause()
    assert wait_until(lambda: stream.snapshot().paused)
    stream.seek_frame(100)
    assert _shows(stream, 100)
    assert time.monotonic() - begun < 0.3

    begun = time.monotonic()
    stream.play()
    assert wait_until(lambda: len(attachment._slot) == 8)
    stream.stop()
    assert stream.worker.join(LIMIT_S)
    assert time.monotonic() - begun < 0.3
    release.set()
    assert wait_until(lambda: session.finished)
    counts = attachment.ledger.counts()
    assert counts.captured == counts.published + sum(counts.dropped.values())
    assert counts.dropped[DropCause.TIMELINE] >= 9
    assert [r.frame.sequence for r in results] == [0]


def test_a_pause_in_front_of_a_full_slot_loses_no_frame(session: Session) -> None:
    release = threading.Event()
    compiled = FakeCompiled(lanes=1, on_infer=lambda value: release.wait(LIMIT_S) if value == 1 else None)
    results: list[int] = []
    stream = session.add_stream("film", FakeSource(40))
    attachment = session.attach(
        stream, fake_model(compiled=compiled), deliver=lambda result: results.append(result.frame.sequence)
    )
    stream.start()
    assert wait_until(lambda: len(results) == 1 and len(attachment._slot) == 8)

    stream.pause()
    assert wait_until(lambda: stream.snapshot().paused)
    release.set()
    assert wait_until(lambda: attachment.idle and len(results) >= 10)
    stream.play()

    assert wait_until(lambda: session.finished)
    assert results == list(range(40))


def test_until_its_own_result_a_sought_place_shows_none(session: Session) -> None:
    release = threading.Event()
    compiled = FakeCompiled(lanes=1, on_infer=lambda value: release.wait(LIMIT_S) if value == 90 else None)
    stream = session.add_stream("film", FakeSource(200), StreamOptions(Mode.REALTIME))
    attachment = session.attach(stream, fake_model(compiled=compiled))
    stream.pause()
    stream.start()
    stream.seek_frame(40)
    assert wait_until(lambda: attachment.newest_result is not None and attachment.newest_result.frame.sequence == 40)

    stream.seek_frame(90)

    assert _shows(stream, 90)
    assert attachment.newest_result is None
    release.set()
    assert wait_until(lambda: attachment.newest_result is not None and attachment.newest_result.frame.sequence == 90)


def test_a_loop_never_leaves_the_picture_without_a_result(session: Session) -> None:
    stream = session.add_stream("film", FakeSource(6, rate_hz=500), StreamOptions(Mode.REALTIME, loop=True))
    attachment = session.attach(stream, fake_model())
    stream.start()
    assert wait_until(lambda: attachment.newest_result is not None)
    seen = []

    def look() -> bool:
        seen.append(attachment.newest_result)
        return attachment.ledger.counts().captured > 60

    assert wait_until(look)
    rounds = [r.frame.sequence for r in seen if r is not None]
    assert any(after < before for before, after in pairwise(rounds))
    assert seen.count(None) <= 1  # a result may be on its way in the very moment of the loop
