"""The window's clock: one timer, from which everything that happens regularly is derived."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

_SLOWEST_HZ = 20.0
"""The timer never runs slower, so that answers do not wait where a person has chosen few pictures a second."""


class Clock(QObject):
    """Emits what is due. In one turn of the event loop at most one of the slower signals, so that no turn is long.

    Args:
        display_hz: How often pictures are looked for.
        now: Seconds that never run backwards.
    """

    settled = Signal()
    """Each turn: answers of background tasks are taken up."""
    displayed = Signal()
    """At display rate: pictures are pulled."""
    sampled = Signal()
    """Ten times a second: traces."""
    polled = Signal()
    """Four times a second: states in words."""
    idled = Signal()
    """Once a second: saving, disk space, keeping awake."""

    def __init__(self, display_hz: float, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.turn)
        self._slow = {self.sampled: 0.1, self.polled: 0.25, self.idled: 1.0}
        self._due = dict.fromkeys([self.displayed, *self._slow], 0.0)
        self.set_display_rate(display_hz)

    def set_display_rate(self, display_hz: float) -> None:
        """Look for pictures so often from now on."""
        self._display_s = 1.0 / display_hz
        self._timer.setInterval(round(1000.0 / max(display_hz, _SLOWEST_HZ)))

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def stop(self) -> None:
        """Emit nothing any more."""
        self._timer.stop()

    def turn(self) -> None:
        """Emit what is due now."""
        now = self._now()
        self.settled.emit()
        # Half a turn of slack: a timer that fires a moment early must not skip a picture.
        if now >= self._due[self.displayed] - self._timer.interval() / 2000.0:
            self._due[self.displayed] = max(self._due[self.displayed] + self._display_s, now)
            self.displayed.emit()
        waiting = [signal for signal in self._slow if now >= self._due[signal]]
        if waiting:
            signal = min(waiting, key=lambda s: self._due[s])
            self._due[signal] = max(self._due[signal] + self._slow[signal], now)
            signal.emit()
