"""Ctrl-C, a polite kill and a closed terminal end a command cleanly: files are finished, then the status tells."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any


class Interrupt:
    """Takes SIGINT, SIGTERM and, where there is one, SIGHUP while it is entered. A second one ends it the hard way."""

    _SIGNALS = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

    def __init__(self) -> None:
        self._received = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupt:
        for number in self._SIGNALS:
            before = signal.signal(number, self._receive)
            self._before[number] = before
            if before is signal.SIG_IGN and number is not signal.SIGINT:
                signal.signal(number, before)  # nohup: a closed terminal must not end it
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._received:
            raise KeyboardInterrupt
        self._received = number

    def happened(self) -> bool:
        """Whether the person wants to stop."""
        return self._received != 0

    @property
    def status(self) -> int:
        """Exit status as a shell reports it: 130 for Ctrl-C, 143 for a kill, 129 for a closed terminal."""
        return 128 + self._received
