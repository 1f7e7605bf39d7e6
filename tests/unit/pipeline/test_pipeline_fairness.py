"""Shares of streams at one model, by a clock of our own: a tick is the time of one inference."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import pytest
from fakes import make_frame
from frame_results import make_result

from engine.pipeline.attachment import Answer, Attachment, Draw
from engine.pipeline.mailbox import Feed

TICKS = 2000
ALWAYS = float("inf")
"""The rate of a file in every-frame mode."""
MADE = make_result()


class FairStream:
    """Brings frames at its rate, in frames a tick."""

    def __init__(self, rate: float, feed: Feed[Draw]) -> None:
        self.rate = rate
        self.attachment = Attachment(str(rate), every_frame=rate == ALWAYS, deliver=lambda _result: None)
        self.attachment.connect(feed)
        self._due = 0.0

    def tick(self) -> None:
        if self.rate == ALWAYS:
            while self.attachment.offer(make_frame(), 0.0):
                pass
            return
        self._due += self.rate
        while self._due >= 1:
            self._due -= 1
            self.attachment.offer(make_frame(), 0.0)

    @property
    def published(self) -> int:
        return self.attachment.ledger.counts().published


def _run(streams: Sequence[FairStream], feed: Feed[Draw], *, lanes: int, batch: int) -> None:
    """Each lane has its frames for as many ticks as there are lanes, so that one becomes free at every tick."""
    busy: deque[list[Draw]] = deque([] for _ in range(lanes))
    for _ in range(TICKS):
        for draw in busy.popleft():
            draw.attachment.answer(Answer(draw, None, MADE.result, MADE.configuration, MADE.geometry))
        for stream in streams:
            stream.tick()
        taken = [draw for _ in range(batch) if (draw := feed.take_now()) is not None]
        busy.append(taken)


@pytest.mark.parametrize(("lanes", "batch"), [(1, 1), (3, 1), (1, 2), (2, 4)])
@pytest.mark.parametrize(
    "rates",
    [
        (ALWAYS, ALWAYS, ALWAYS),
        (ALWAYS, 0.3),
        (ALWAYS, ALWAYS, 0.05, 0.3),
        (ALWAYS, 2.0, 0.9, 0.1),
        (3.0, 0.25, 0.25, 0.25, 0.25),
        (0.33,) * 4,
    ],
    ids=str,
)
def test_each_stream_gets_its_rate_or_an_equal_share(rates: tuple[float, ...], lanes: int, batch: int) -> None:
    feed: Feed[Draw] = Feed(lanes * batch)
    streams = [FairStream(rate, feed) for rate in rates]

    _run(streams, feed, lanes=lanes, batch=batch)

    for stream in streams:
        share = min(stream.rate, batch / len(streams))
        assert stream.published >= 0.8 * share * (TICKS - lanes)


def test_files_fill_a_large_batch() -> None:
    feed: Feed[Draw] = Feed(4 * 16)
    streams = [FairStream(ALWAYS, feed) for _ in range(2)]

    _run(streams, feed, lanes=4, batch=16)

    assert [stream.published for stream in streams] == [8 * (TICKS - 4)] * 2
