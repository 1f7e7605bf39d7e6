"""The one list of what went wrong, newest last."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import InferoscopeError

_MOST = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong.

    Attributes:
        number: Its place in the order of events, from 1.
        at_s: Seconds since 1970.
        about: Which tile, model or task, as the person calls it.
        error: What happened, to what, and what to do.
        times: How often it happened in a row.
    """

    number: int
    at_s: float
    about: str
    error: InferoscopeError
    times: int = 1


class Problems:
    """Bounded; the same problem again only counts up. GUI thread alone.

    Args:
        clock: Seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._items: list[Problem] = []
        self._number = 0
        self._observers: list[Callable[[Problem], None]] = []

    @property
    def items(self) -> tuple[Problem, ...]:
        """All of them, oldest first."""
        return tuple(self._items)

    def subscribe(self, observer: Callable[[Problem], None]) -> None:
        """Call ``observer(problem)`` for each new one, or one that happened again."""
        self._observers.append(observer)

    def add(self, about: str, error: InferoscopeError) -> None:
        """Something went wrong."""
        last = self._items[-1] if self._items else None
        if last is not None and (last.about, str(last.error)) == (about, str(error)):
            problem = Problem(last.number, self._clock(), about, error, last.times + 1)
            self._items[-1] = problem
        else:
            self._number += 1
            problem = Problem(self._number, self._clock(), about, error)
            self._items.append(problem)
            del self._items[:-_MOST]
        for observer in tuple(self._observers):
            observer(problem)

    def clear(self) -> None:
        """Forget them all."""
        self._items.clear()
