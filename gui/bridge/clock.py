"""The window's clock: whatever happens regularly has its turn here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal

_SLOWEST_HZ = 20.0
"""Answers are never taken up less often, so that they do not wait where a person has chosen few pictures a second."""
_REFRESHING_S = 0.002
"""When the refreshes of a turn have taken so long, those that are left wait for the next one."""


@dataclass(slots=True)
class _Regular:
    """What happens each ``period_s`` seconds, while it is wanted."""

    period_s: float
    refresh: Callable[[], object]
    when: Callable[[], bool]
    due_s: float


class Clock(QObject):
    """Pulls pictures at display rate, and behind them lets refreshes come for some milliseconds, each in its turn.

    So a turn is never much longer than the longest refresh. Refreshes have no turns of their own: where lanes keep the
    cores busy, the event loop first waits for the interpreter each time it wakes up, which costs more than they do.

    Args:
        display_hz: How often pictures are looked for.
        now: Seconds that never run backwards.
    """

    settled = Signal()
    """At display rate, and 20 times a second at least: answers of background tasks are taken up."""
    displayed = Signal()
    """At display rate: pictures are pulled."""

    def __init__(self, display_hz: float, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._regulars: list[_Regular] = []
        self._picture_due_s = 0.0
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.turn)
        self.set_display_rate(display_hz)

    def set_display_rate(self, display_hz: float) -> None:
        """Look for pictures so often from now on."""
        self._display_s = 1.0 / display_hz
        self._timer.setInterval(round(1000.0 / max(display_hz, _SLOWEST_HZ)))

    def every(self, seconds: float, refresh: Callable[[], object], when: Callable[[], bool] = lambda: True) -> None:
        """Call ``refresh`` regularly, for the first time at once.

        Args:
            seconds: From one call to the next; longer while others that have waited longer come first.
            refresh: Takes a few milliseconds at most.
            when: Whether it is wanted now; it is asked again each time.
        """
        self._regulars.append(_Regular(seconds, refresh, when, self._now()))

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def stop(self) -> None:
        """Call nobody any more."""
        self._timer.stop()

    def turn(self) -> None:
        """Take up answers, pull pictures if they are due, and let refreshes come that are."""
        began_s = self._now()
        self.settled.emit()
        # Half a turn of slack: a timer that fires a moment early must not skip a picture.
        if began_s >= self._picture_due_s - self._timer.interval() / 2000.0:
            self._picture_due_s = max(self._picture_due_s + self._display_s, began_s)
            self.displayed.emit()
        refreshing_s = self._now()
        while (regular := self._take()) is not None:
            regular.refresh()
            if self._now() - refreshing_s > _REFRESHING_S:
                break

    def _take(self) -> _Regular | None:
        """Whoever has waited longest. Who is not wanted waits for a period again; who is late does not catch up."""
        now_s = self._now()
        due = [regular for regular in self._regulars if regular.due_s <= now_s]
        for regular in sorted(due, key=lambda regular: regular.due_s):
            on_time_s = regular.due_s + regular.period_s
            regular.due_s = on_time_s if on_time_s > now_s else now_s + regular.period_s
            if regular.when():
                return regular
        return None
