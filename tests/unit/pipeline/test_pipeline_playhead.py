"""Where a stream goes next: the rules, one by one."""

from __future__ import annotations

import pytest

from engine.pipeline.playhead import Playhead
from engine.pipeline.wishes import Place, Wish

START, LAST = Place(time_s=1.5), Place(frame=99)


def _held_at_end() -> Playhead:
    playhead = Playhead()
    assert playhead.end(LAST, hold=True) is None
    assert (playhead.paused, playhead.at_end) == (True, True)
    return playhead


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        (Wish(paused=False), START),
        (Wish(paused=False, steps=1), START),
        (Wish(paused=False, steps=-3), None),
        (Wish(paused=False, place=Place(frame=7)), Place(frame=7)),
        (Wish(paused=True), None),
        (Wish(), None),
    ],
    ids=str,
)
def test_at_the_end_play_begins_again_unless_a_person_goes_elsewhere(wish: Wish, place: Place | None) -> None:
    assert _held_at_end().follow(wish, START) == place


def test_elsewhere_play_goes_on_from_there() -> None:
    playhead = Playhead()
    playhead.follow(Wish(paused=True), START)
    assert playhead.rests

    assert playhead.follow(Wish(paused=False), START) is None
    assert not playhead.rests


@pytest.mark.parametrize(
    ("steps", "shown", "place"),
    [(1, 5, None), (2, 5, Place(frame=7)), (-2, 5, Place(frame=3)), (-9, 5, Place(frame=0)), (-1, None, None)],
)
def test_one_step_reads_on_and_more_are_a_seek(steps: int, shown: int | None, place: Place | None) -> None:
    playhead = Playhead()
    playhead.follow(Wish(paused=True, steps=steps), START)
    assert playhead.has_steps

    assert playhead.take_steps(shown) == place
    assert playhead.owed
    assert not playhead.rests


def test_steps_wait_for_the_picture_of_a_seek() -> None:
    playhead = Playhead()
    playhead.seek(Place(frame=50), 0)
    playhead.follow(Wish(paused=True, steps=2), START)
    assert not playhead.has_steps

    playhead.show()

    assert playhead.has_steps


def test_a_seek_makes_earlier_steps_needless() -> None:
    playhead = Playhead()
    playhead.follow(Wish(paused=True, steps=5), START)

    playhead.follow(Wish(place=LAST), START)

    assert not playhead.has_steps


def test_a_seek_is_left_alone_for_a_moment() -> None:
    playhead = Playhead()
    assert not playhead.is_left_alone(10**9)
    playhead.seek(LAST, 10**9)

    assert playhead.is_left_alone(10**9 + 10**8)
    assert not playhead.is_left_alone(10**9 + 10**9)
    playhead.show()
    assert not playhead.is_left_alone(10**9)


def test_behind_the_end_lies_the_last_picture_which_is_tried_once() -> None:
    playhead = Playhead()
    playhead.seek(Place(frame=500), 0)

    assert playhead.end(LAST, hold=True) == LAST
    assert not playhead.at_end
    assert playhead.end(LAST, hold=True) is None
    assert playhead.at_end


@pytest.mark.parametrize(("last", "hold"), [(None, True), (LAST, False)])
def test_without_a_known_end_or_a_hold_there_is_no_way_back(last: Place | None, hold: bool) -> None:
    playhead = Playhead()
    playhead.seek(Place(frame=500), 0)

    assert playhead.end(last, hold=hold) is None
    assert playhead.at_end is hold
    assert not playhead.is_seeking
