"""Ctrl-C and a polite kill end a command cleanly: files are finished, then the status says what happened."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any


class Interrupt:
    """Takes SIGINT and SIGTERM while it is entered. A second one ends the program the hard way."""

    _SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self._received = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupt:
        for number in self._SIGNALS:
            self._before[number] = signal.signal(number, self._receive)
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
        """Exit status as a shell reports it: 130 for Ctrl-C, 143 for a kill."""
        return 128 + self._received
