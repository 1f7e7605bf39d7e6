"""When a lost live source is tried again."""

from __future__ import annotations

import time
from collections.abc import Callable

FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 30.0
_LONGEST_AT = 6


class Retry:
    """Counts attempts and lets the time between them grow: 1, 2, 4, 8, 16, then 30 seconds for ever.

    Args:
        clock: Seconds that never run backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.attempt = 0
        """Number of the next attempt, from 1; 0 while nothing is lost."""
        self._clock = clock
        self._due = 0.0

    @property
    def remaining_s(self) -> float:
        """Seconds until the next attempt, 0 when it is due."""
        return max(0.0, self._due - self._clock())

    def failed(self) -> float:
        """Note a loss or a failed attempt; the seconds until the next one."""
        self.attempt += 1
        delay_s = LONGEST_DELAY_S if self.attempt >= _LONGEST_AT else FIRST_DELAY_S * 2 ** (self.attempt - 1)
        self._due = self._clock() + delay_s
        return delay_s

    def now(self) -> None:
        """Let the next attempt be due."""
        self._due = self._clock()

    def succeeded(self) -> None:
        """Begin anew with the shortest delay."""
        self.attempt = 0
