from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from gui.bridge.clock import Clock


class Times:
    """A clock that runs when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def times() -> Times:
    return Times()


def pictures(clock: Clock, times: Times, seconds: float, turn_s: float) -> Counter[str]:
    """Turn the clock regularly and count what it emits."""
    heard: Counter[str] = Counter()
    for name in ("settled", "displayed"):
        getattr(clock, name).connect(lambda name=name: heard.update([name]))
    for _ in range(round(seconds / turn_s)):
        times.now_s += turn_s
        clock.turn()
    return heard


def refreshes(clock: Clock, times: Times, seconds: float, turn_s: float = 0.01) -> None:
    """Give turns to whoever is due."""
    for _ in range(round(seconds / turn_s)):
        times.now_s += turn_s
        clock.turn()


def test_pictures_keep_their_rate(times: Times) -> None:
    assert pictures(Clock(30.0, times), times, 10.0, 1 / 30)["displayed"] == 300


def test_few_pictures_leave_the_answers_quick(times: Times) -> None:
    heard = pictures(Clock(5.0, times), times, 10.0, 0.05)
    assert heard["settled"] == 200
    assert 49 <= heard["displayed"] <= 51


def test_after_a_long_pause_no_picture_is_made_up_for(times: Times) -> None:
    clock = Clock(30.0, times)
    clock.turn()
    times.now_s += 60.0
    assert pictures(clock, times, 1.0, 1 / 30)["displayed"] <= 31


def test_each_refresh_keeps_its_own_period(times: Times) -> None:
    clock, called = Clock(30.0, times), Counter[str]()
    for name, period_s in (("traces", 0.1), ("words", 0.25), ("saving", 1.0)):
        clock.every(period_s, lambda name=name: called.update([name]))
    refreshes(clock, times, 10.0)
    assert 99 <= called["traces"] <= 101
    assert 39 <= called["words"] <= 41
    assert 9 <= called["saving"] <= 11


def test_slow_refreshes_are_spread_over_turns_and_each_comes_in_its_turn(times: Times) -> None:
    clock, called = Clock(30.0, times), list[str]()

    def refresh(name: str) -> None:
        called.append(name)
        times.now_s += 0.003

    for name in "abc":
        clock.every(0.25, partial(refresh, name))
    for count in (1, 2, 3, 3):
        clock.turn()
        assert len(called) == count
    assert called == ["a", "b", "c"]


def test_quick_refreshes_share_a_turn(times: Times) -> None:
    clock, called = Clock(30.0, times), list[str]()
    for name in "abc":
        clock.every(0.25, partial(called.append, name))
    clock.turn()
    assert called == ["a", "b", "c"]


def test_who_is_always_due_keeps_nobody_waiting_for_ever(times: Times) -> None:
    clock, called = Clock(30.0, times), Counter[str]()

    def refresh(name: str) -> None:
        called.update([name])
        times.now_s += 0.003

    for name in "abc":
        clock.every(0.001, partial(refresh, name))
    clock.every(0.25, lambda: called.update(["words"]))
    refreshes(clock, times, 10.0)
    assert called["words"] >= 38
    assert max(called[name] for name in "abc") - min(called[name] for name in "abc") <= 1


def test_what_is_not_wanted_takes_no_turn_until_it_is(times: Times) -> None:
    clock, called, seen = Clock(30.0, times), list[str](), list[bool]()
    clock.every(0.25, lambda: called.append("hidden"), lambda: bool(seen))
    clock.every(0.25, lambda: called.append("always"))
    clock.turn()
    assert called == ["always"]
    seen.append(True)
    refreshes(clock, times, 0.3)
    assert "hidden" in called


def test_after_a_long_pause_no_refresh_catches_up(times: Times) -> None:
    clock, called = Clock(30.0, times), list[float]()
    clock.every(0.25, lambda: called.append(times.now_s))
    clock.turn()
    times.now_s += 60.0
    called.clear()
    refreshes(clock, times, 1.0)
    assert len(called) <= 5
    assert min(later - earlier for earlier, later in pairwise(called)) > 0.2


def test_a_refresh_that_fails_stops_no_other(times: Times) -> None:
    clock, called = Clock(30.0, times), list[str]()

    def fail() -> None:
        raise ValueError("a mistake")

    clock.every(0.25, fail)
    clock.every(0.25, lambda: called.append("other"))
    with pytest.raises(ValueError, match="a mistake"):
        clock.turn()
    clock.turn()
    assert called == ["other"]


def test_refreshes_come_by_themselves_between_start_and_stop(qtbot: QtBot) -> None:
    clock, called = Clock(30.0), list[str]()
    for name in "ab":
        clock.every(0.01, lambda name=name: called.append(name))
    clock.start()
    qtbot.waitUntil(lambda: called.count("a") > 2 and called.count("b") > 2)
    clock.stop()
