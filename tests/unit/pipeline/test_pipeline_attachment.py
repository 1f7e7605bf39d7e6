"""One stream's end at a model: what is counted when, and as what."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from fakes import make_frame
from frame_results import make_result

from engine.pipeline.attachment import Answer, Attachment, Draw
from engine.pipeline.mailbox import Feed
from engine.pipeline.statistics import DropCause


def _attachment(*, every_frame: bool = True) -> tuple[Attachment, Feed[Draw]]:
    """An attachment at a feed from which the test takes in a lane's place."""
    attachment, feed = Attachment("film", every_frame=every_frame, deliver=lambda _result: None), Feed[Draw]()
    attachment.connect(feed)
    return attachment, feed


def test_a_frame_that_waits_for_room_is_counted_once_however_often_it_is_offered() -> None:
    attachment, _ = _attachment()
    begun = time.monotonic_ns() - 800_000_000
    frames = [replace(make_frame(i), captured_ns=begun + i * 100_000_000) for i in range(9)]

    taken = [attachment.offer(frame, 0.0) for frame in [*frames, *frames[-1:] * 20]]

    assert taken == [True] * 8 + [False] * 21
    assert attachment.ledger.counts().captured == 8
    assert attachment.ledger.rates_hz()[0] == pytest.approx(10, rel=0.3)


def test_what_waits_or_is_under_way_at_a_stop_is_counted_as_such() -> None:
    attachment, feed = _attachment()
    for i in range(4):
        attachment.offer(make_frame(i), 0.0)
    draw = feed.take_now()
    assert draw is not None

    attachment.close()
    attachment.answer(Answer(draw, None))

    counts = attachment.ledger.counts()
    assert (counts.captured, counts.published, counts.in_flight) == (4, 0, 0)
    assert counts.dropped == {DropCause.TIMELINE: 4}


def test_a_model_is_never_given_to_what_was_closed() -> None:
    attachment, feed = _attachment()
    attachment.close()
    other = Feed[Draw]()

    attachment.connect(other)

    assert feed._outlets == other._outlets == []


def test_a_frame_that_failed_does_not_make_the_one_before_it_stale() -> None:
    attachment, feed = _attachment(every_frame=False)
    draws = []
    for i in range(2):
        attachment.offer(make_frame(i), 0.0)
        draws.append(feed.take_now())
    first, second = draws
    assert first is not None
    assert second is not None

    attachment.answer(Answer(second, DropCause.FAILED))
    made = make_result()
    attachment.answer(Answer(first, None, made.result, made.configuration, made.geometry))

    assert attachment.ledger.counts().dropped == {DropCause.FAILED: 1}
    assert attachment.newest_result is not None
    assert attachment.newest_result.frame.sequence == 0
