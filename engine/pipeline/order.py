"""Results in the order of their tickets, although lanes finish as they like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from engine.pipeline.mailbox import Lock

A = TypeVar("A")


class Order(Generic[A]):
    """Hands answers on in the order of tickets, each once; no ticket that fails stalls the others.

    In strict order an answer waits for all earlier ones. Otherwise it goes out at once, and one that comes after a
    later one was shown is handed to ``too_late``: for a live picture old news is no news.

    Args:
        deliver: Takes each answer in its turn and says whether it was shown. Called by one thread at a time, never
            under a lock.
        too_late: Takes the answers that were overtaken.
        strict: Wait for earlier tickets.
    """

    def __init__(self, deliver: Callable[[A], bool], too_late: Callable[[A], None], *, strict: bool) -> None:
        self._deliver = deliver
        self._too_late = too_late
        self._strict = strict
        self._lock = Lock()
        self._drawn = 0
        self._next = 0
        self._shown = -1
        self._open: set[int] = set()
        self._answers: dict[int, A] = {}
        self._delivering = False

    def draw(self) -> int:
        """The next ticket, from 0."""
        with self._lock:
            ticket = self._drawn
            self._drawn += 1
            self._open.add(ticket)
            return ticket

    @property
    def outstanding(self) -> int:
        """Tickets drawn whose answers have not gone out."""
        return len(self._open) + len(self._answers)

    def answer(self, ticket: int, answer: A) -> bool:
        """Answer a ticket; False when it had been answered before (a lane that was given up came back)."""
        with self._lock:
            if ticket not in self._open:
                return False
            self._open.remove(ticket)
            self._answers[ticket] = answer
            if self._delivering:
                return True
            self._delivering = True
        self._deliver_ready()
        return True

    def _deliver_ready(self) -> None:
        try:
            while (ready := self._pop_ready()) is not None:
                self._hand_on(*ready)
        except BaseException:
            with self._lock:
                self._delivering = False
            raise

    def _hand_on(self, ticket: int, answer: A) -> None:
        if ticket < self._shown:
            self._too_late(answer)
        elif self._deliver(answer):
            self._shown = ticket

    def _pop_ready(self) -> tuple[int, A] | None:
        with self._lock:
            ticket = self._next if self._strict else min(self._answers, default=-1)
            if ticket not in self._answers:
                self._delivering = False
                return None
            self._next = ticket + 1
            return ticket, self._answers.pop(ticket)
