"""How values cross threads: the only place with waiting primitives. Every wait here has a limit.

What crosses must be immutable. ``Slot`` lies between one capture thread and the lanes, ``Feed`` joins the slots of all
streams that share a loaded model, ``Mailbox`` carries commands, results to sinks, and events.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

Lock = threading.Lock
"""For short critical sections that never wait for anything else."""


class Signal:
    """Something that happens once: a stop, a readiness."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """It has happened."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for it, at most so long; True when it has happened."""
        return self._event.wait(seconds)


class Mailbox(Generic[T]):
    """A bounded queue. ``offer`` never waits; ``put`` and ``take`` wait within a limit."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._condition = threading.Condition()
        self._woken = False

    def offer(self, item: T) -> bool:
        """Add an item if there is room; False where there is none."""
        with self._condition:
            if len(self._items) >= self._capacity:
                return False
            self._items.append(item)
            self._condition.notify_all()
            return True

    def put(self, item: T, seconds: float) -> bool:
        """Add an item, waiting for room; False when there was none in time."""
        with self._condition:
            if not self._condition.wait_for(lambda: len(self._items) < self._capacity, seconds):
                return False
            self._items.append(item)
            self._condition.notify_all()
            return True

    def take(self, seconds: float) -> T | None:
        """The oldest item, waiting for one; None when there was none in time, or none when it was woken."""
        with self._condition:
            self._condition.wait_for(lambda: self._items or self._woken, seconds)
            self._woken = False
            if not self._items:
                return None
            item = self._items.popleft()
            self._condition.notify_all()
            return item

    def wake(self) -> None:
        """Let whoever takes, now or next, look around instead of waiting."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def __len__(self) -> int:
        return len(self._items)


class Board(Generic[T]):
    """Wishes to one thread, merged into one until it takes them: none is lost, and none has to wait in a queue.

    Args:
        merge: Makes one wish of an earlier and a later one. Must not wait.
    """

    def __init__(self, merge: Callable[[T, T], T]) -> None:
        self._merge = merge
        self._wish: T | None = None
        self._condition = threading.Condition()

    def add(self, wish: T) -> None:
        """Add a wish. Any thread; never waits."""
        with self._condition:
            self._wish = wish if self._wish is None else self._merge(self._wish, wish)
            self._condition.notify_all()

    def take(self, seconds: float) -> T | None:
        """Everything that is wished, waiting for something; None when there was nothing in time."""
        # One thread takes, and asks before each frame: where there is nothing it need not stop for the lock.
        if self._wish is None and seconds <= 0.0:
            return None
        with self._condition:
            self._condition.wait_for(lambda: self._wish is not None, seconds)
            wish, self._wish = self._wish, None
            return wish


class Slot(Generic[T]):
    """The place where frames wait for a lane. Closed, it takes nothing and lets nobody wait."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._condition = threading.Condition()
        self._closed = False
        self._interrupted = False

    def put(self, item: T) -> list[T]:
        """Put an item in front of the lanes; what had to give way for it is returned (the item itself if closed)."""
        with self._condition:
            if self._closed:
                return [item]
            replaced = []
            while len(self._items) >= self._capacity:
                replaced.append(self._items.popleft())
            self._items.append(item)
            return replaced

    def widen(self, capacity: int) -> None:
        """Keep so many items, or as many as before where that is more."""
        with self._condition:
            self._capacity = max(self._capacity, capacity)
            self._condition.notify_all()

    def wait_for_room(self, seconds: float) -> bool:
        """Wait until ``put`` would make nothing give way, or the slot is closed.

        The room stays: one thread alone puts.

        Returns:
            False when neither came in time, or the wait was interrupted.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._interrupted or self._has_room, seconds)
            self._interrupted = False
            return self._has_room

    @property
    def _has_room(self) -> bool:
        return self._closed or len(self._items) < self._capacity

    def interrupt(self) -> None:
        """Let whoever waits for room, now or next, look around."""
        with self._condition:
            self._interrupted = True
            self._condition.notify_all()

    @property
    def newest(self) -> T | None:
        """What was put in last, None where nothing waits. For the thread that puts."""
        try:
            return self._items[-1]
        except IndexError:  # a lane took it in between
            return None

    def poll(self) -> T | None:
        """The oldest item, or None. Never waits.

        Whoever waits for room is called when half of the places are free: it then fills several in one go, and a change
        of thread for each frame is saved (with video and yolox_nano on two cores 6 % more frames a second).
        """
        with self._condition:
            if not self._items:
                return None
            item = self._items.popleft()
            if len(self._items) <= self._capacity // 2:
                self._condition.notify_all()
            return item

    def clear(self) -> list[T]:
        """Take everything out."""
        with self._condition:
            items = list(self._items)
            self._items.clear()
            self._condition.notify_all()
            return items

    def close(self) -> list[T]:
        """Take everything out, and nothing in from now on."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        return self.clear()

    @property
    def closed(self) -> bool:
        """Whether it takes nothing any more."""
        return self._closed

    def __len__(self) -> int:
        return len(self._items)


Outlet = Callable[[], T | None]
"""Gives the next piece of work of one stream, or None where there is none now. Must not wait."""


class Feed(Generic[T]):
    """Work of many streams for the lanes of one model, handed out in turn so that no stream starves another.

    Args:
        places: Pieces of work that the lanes can have in their hands at the same time.
    """

    def __init__(self, places: int = 1) -> None:
        self.places = places
        self._condition = threading.Condition()
        self._outlets: list[Outlet[T]] = []
        self._turn = 0
        self._closed = False

    def attach(self, outlet: Outlet[T]) -> None:
        """Serve one more stream."""
        with self._condition:
            self._outlets.append(outlet)
            self._condition.notify_all()

    def detach(self, outlet: Outlet[T]) -> None:
        """Serve it no longer: after this call no lane takes from it."""
        with self._condition:
            if outlet in self._outlets:
                self._outlets.remove(outlet)

    def wake(self) -> None:
        """There may be work: let one waiting lane look."""
        with self._condition:
            self._condition.notify()

    def take(self, seconds: float) -> T | None:
        """Work of the stream whose turn it is; None when there was none in time, or the feed is closed."""
        deadline = time.monotonic() + seconds
        with self._condition:
            while not self._closed:
                item = self._poll()
                if item is not None:
                    return item
                if not self._condition.wait(max(0.0, deadline - time.monotonic())):
                    return None
            return None

    def take_now(self) -> T | None:
        """Work that is there already, or None."""
        with self._condition:
            return None if self._closed else self._poll()

    def _poll(self) -> T | None:
        for step in range(len(self._outlets)):
            index = (self._turn + step) % len(self._outlets)
            item = self._outlets[index]()
            if item is not None:
                self._turn = index + 1
                return item
        return None

    def close(self) -> None:
        """Send every lane home."""
        with self._condition:
            self._closed = True
            self._outlets.clear()
            self._condition.notify_all()

    @property
    def closed(self) -> bool:
        """Whether the lanes were sent home."""
        return self._closed
