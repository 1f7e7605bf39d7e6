"""A child process that is asked one thing after the other, and keeps in between what it has made."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from engine.backends.backend import Cancelled
from engine.errors import CancelledError
from engine.pipeline.child import ChildLimits, ChildLostError, answer_line, answer_of, check_limits, ending_of
from engine.pipeline.mailbox import Mailbox, Signal
from engine.pipeline.worker import Worker

_LOOK_S = 0.05
_END_S = 5.0
_MOST_ANSWERS = 16
"""Nobody answers more than he is asked."""


class Conversation:
    """The parent's side. Closed, or when the parent is gone, the child ends.

    Args:
        command: Starts the child, whose side is ``converse``.
        limits: For each answer.
    """

    def __init__(self, command: Sequence[str], limits: ChildLimits) -> None:
        self._limits = limits
        self._child = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
        )
        self._answers: Mailbox[Mapping[str, Any]] = Mailbox(_MOST_ANSWERS)
        self._over = Signal()
        self._reader = Worker(f"child-{self._child.pid}", self._read)
        self._reader.start()

    def ask(self, question: Mapping[str, Any], cancelled: Cancelled) -> Mapping[str, Any]:
        """Ask, and wait for the answer.

        Raises:
            ChildLostError: It crashed, or took too long or too much memory; it is gone then.
            CancelledError: Nobody wants to know any more; it is gone then.
        """
        try:
            if cancelled():
                raise CancelledError
            self._send(question)
            return self._wait(cancelled)
        except (ChildLostError, CancelledError):
            self.close()
            raise

    def close(self) -> None:
        """End the child. Twice is once."""
        self._child.kill()
        self._reader.join(_END_S)
        with suppress(OSError):  # what was not read any more
            self._child.communicate(timeout=_END_S)

    def _send(self, question: Mapping[str, Any]) -> None:
        assert self._child.stdin is not None
        with suppress(OSError):  # It is gone; waiting for its answer tells why.
            self._child.stdin.write(json.dumps(question) + "\n")
            self._child.stdin.flush()

    def _wait(self, cancelled: Cancelled) -> Mapping[str, Any]:
        deadline = time.monotonic() + self._limits.seconds
        while (answer := self._answers.take(_LOOK_S)) is None:
            if cancelled():  # Ctrl-C reaches the child, too: before anything is said about its end.
                raise CancelledError
            if self._over.is_set() and not len(self._answers):
                raise ChildLostError(f"crashed the runtime ({ending_of(self._child.wait(_END_S))})")
            check_limits(self._child.pid, deadline, self._limits)
        return answer

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            answer = answer_of(line)
            if answer is not None:
                self._answers.offer(answer)
        self._over.set()
        self._answers.wake()


def converse(answer: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """The child's side: answer every question, until there are no more."""
    for line in sys.stdin:
        sys.stdout.write(answer_line(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
