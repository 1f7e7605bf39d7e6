"""How far a vertical axis reaches: it grows at once, and shrinks when it has been too long for a while."""

from __future__ import annotations

import math

_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_PATIENCE = 12
"""Drawings in a row that would do with less before the axis shrinks."""


def round_top(value: float) -> float:
    """The next round number that is not below the value; all have a round half."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step for step in _STEPS if step * power >= value * 0.999999) * power


class Scale:
    """The top of one axis, which begins at 0.

    Args:
        least_top: It is never below that.
        most_top: It is never above that.
    """

    def __init__(self, least_top: float, most_top: float = math.inf) -> None:
        self._least_top = least_top
        self._most_top = most_top
        self._too_long = 0
        self.top = least_top

    @property
    def grows(self) -> bool:
        """Whether it follows what is drawn, without an end."""
        return math.isinf(self._most_top)

    def follow(self, usual: float, highest: float) -> bool:
        """Reach a little above what is drawn; whether the top has changed.

        A single peak many times as high as everything else does not flatten the rest: it is cut off.

        Args:
            usual: Most of the values are below.
            highest: All of them are.
        """
        needed = 1.08 * (highest if highest < 5.0 * usual else 2.0 * usual)
        wanted = round_top(min(self._most_top, max(self._least_top, needed)))
        self._too_long = self._too_long + 1 if wanted < self.top else 0
        if wanted > self.top or self._too_long > _PATIENCE:
            self.top, self._too_long = wanted, 0
            return True
        return False


def time_ticks(from_s: float, to_s: float, most: int) -> list[tuple[float, str]]:
    """Moments of a time axis that ends at most at 0, with what is written there; about ``most`` of them."""
    length = to_s - from_s
    step = next((s for s in _TIME_STEPS if length / s <= most), _TIME_STEPS[-1])
    first = math.ceil(from_s / step - 1e-9)
    return [(n * step, _ago(n * step)) for n in range(first, math.floor(to_s / step + 1e-9) + 1)]


_TIME_STEPS = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0)


def _ago(seconds: float) -> str:
    if seconds == 0:
        return "0"
    if seconds % 60 == 0:
        return f"−{-seconds / 60:g} min"
    return f"−{-seconds:g} s"
