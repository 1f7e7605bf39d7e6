"""A long task at a terminal: shows how far it is in one line, where somebody watches, and ends at Ctrl-C."""

from __future__ import annotations

import shutil
import sys

from engine.cli.interrupt import Interrupt
from engine.errors import CancelledError
from engine.pipeline.mailbox import Signal

_CLEAR_LINE = "\r\x1b[K"
_LONGEST_WAIT_S = 0.1


class TerminalControl:
    """What a task tells and asks (``engine.optimise.variant.BuildControl``).

    Args:
        interrupt: Whether the person wants to stop.
    """

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt
        self._shown = sys.stderr.isatty()
        self._pause = Signal()

    def progress(self, phase: str, share: float | None = None) -> None:
        """Show what is done now and how much of it.

        Raises:
            CancelledError: The person wants to stop.
        """
        if self._interrupt.happened():
            raise CancelledError
        if self._shown:
            text = f"{phase} .." + ("" if share is None else f" {share:.0%}")
            line = text[: shutil.get_terminal_size().columns - 1]
            print(f"{_CLEAR_LINE}{line}", end="", file=sys.stderr, flush=True)

    def cancelled(self) -> bool:
        """Whether the person wants to stop."""
        return self._interrupt.happened()

    def wait(self, seconds: float) -> bool:
        """Wait so long, or a moment at most; True when the person wants to stop."""
        self._pause.wait(min(seconds, _LONGEST_WAIT_S))
        return self.cancelled()

    def clear(self) -> None:
        """Leave an empty line behind."""
        if self._shown:
            print(_CLEAR_LINE, end="", file=sys.stderr, flush=True)
