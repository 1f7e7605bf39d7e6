from __future__ import annotations

from collections import Counter

from gui.bridge.clock import Clock


class Times:
    """A clock that runs when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def run(clock: Clock, times: Times, seconds: float, turn_s: float) -> Counter[str]:
    """Turn the clock regularly and count what it emits."""
    heard: Counter[str] = Counter()
    for name in ("settled", "displayed", "sampled", "polled", "idled"):
        getattr(clock, name).connect(lambda name=name: heard.update([name]))
    for _ in range(round(seconds / turn_s)):
        times.now_s += turn_s
        clock.turn()
    return heard


def test_each_signal_keeps_its_rate() -> None:
    times = Times()
    heard = run(Clock(30.0, times), times, 10.0, 1 / 30)
    assert heard["displayed"] == 300
    assert 95 <= heard["sampled"] <= 101
    assert 38 <= heard["polled"] <= 41
    assert 9 <= heard["idled"] <= 11


def test_few_pictures_leave_the_answers_quick() -> None:
    times = Times()
    heard = run(Clock(5.0, times), times, 10.0, 0.05)
    assert heard["settled"] == 200
    assert 49 <= heard["displayed"] <= 51


def test_a_turn_carries_one_slow_signal_at_most() -> None:
    times = Times()
    clock = Clock(30.0, times)
    slow: list[str] = []
    for name in ("sampled", "polled", "idled"):
        getattr(clock, name).connect(lambda name=name: slow.append(name))
    clock.turn()
    assert len(slow) == 1


def test_after_a_long_pause_it_does_not_catch_up() -> None:
    times = Times()
    clock = Clock(30.0, times)
    clock.turn()
    times.now_s += 60.0
    heard = run(clock, times, 1.0, 1 / 30)
    assert heard["displayed"] <= 31
    assert heard["sampled"] <= 11
