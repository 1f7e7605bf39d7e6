"""Drives network sources in tests: clocks set by hand, captures that follow a script, a loop that never sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.capture.network import NetworkSource, NetworkTools
from engine.capture.network_stream import Clock
from engine.capture.source import Ended, SourceOptions, SourceState, Wait
from engine.frames import Frame
from engine.opencv import cv2

H264 = 875967080.0
MJPG = 1196444237.0


class HandClock(Clock):
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now, self.worked = 1000.0, 0.0

    def now_s(self) -> float:
        return self.now

    def worked_s(self) -> float:
        return self.worked


class SkippingClock(Clock):
    """Runs as the world does, and jumps over the waits."""

    def __init__(self) -> None:
        self.skipped_s = 0.0

    def now_s(self) -> float:
        return time.monotonic() + self.skipped_s


@dataclass
class Grab:
    """What one grab does: how long it takes, how much of that is work, and where in the media it arrives."""

    position_s: float = 0.0
    takes_s: float = 0.0
    works_s: float = 0.0
    fails: bool = False


@dataclass
class FakeCapture:
    """An open capture that follows a script; after its end every grab fails at once."""

    clock: HandClock
    script: Iterable[Grab]
    size: tuple[int, int] = (64, 48)
    rate_hz: float = 10.0
    frames: float = -3e15
    fourcc: float = H264
    released: int = 0
    grabbed: int = 0
    decodes: bool = True
    _last: Grab = field(default_factory=Grab)

    def __post_init__(self) -> None:
        self.script = iter(self.script)

    def grab(self) -> bool:
        self._last = next(self.script, Grab(fails=True))  # type: ignore[call-overload]
        self.clock.now += self._last.takes_s
        self.clock.worked += self._last.works_s
        self.grabbed += 1
        return not self._last.fails

    def retrieve(self) -> tuple[bool, Any]:
        width, height = self.size
        return self.decodes, np.zeros((height, width, 3), np.uint8)

    def get(self, propId: int, /) -> float:  # noqa: N803
        return {
            cv2.CAP_PROP_POS_MSEC: self._last.position_s * 1000,
            cv2.CAP_PROP_FPS: self.rate_hz,
            cv2.CAP_PROP_FRAME_COUNT: self.frames,
            cv2.CAP_PROP_FRAME_WIDTH: float(self.size[0]),
            cv2.CAP_PROP_FRAME_HEIGHT: float(self.size[1]),
            cv2.CAP_PROP_FOURCC: self.fourcc,
        }[propId]

    def release(self) -> None:
        self.released += 1


def steady(count: int, period_s: float = 0.1, start_s: float = 0.0) -> list[Grab]:
    """Pictures of a live stream that come as they are made."""
    return [Grab(start_s + number * period_s, takes_s=period_s) for number in range(count)]


class Drive:
    """Reads a real source until something holds; waits of the source are jumped over.

    Attributes:
        frames: All frames so far.
        messages: Every status message, in order.
    """

    def __init__(self, address: str) -> None:
        self._clock = SkippingClock()
        self.source = NetworkSource(address, SourceOptions(), NetworkTools(clock=self._clock))
        self.frames: list[Frame] = []
        self.messages: list[str] = []
        self.ended = False

    def __enter__(self) -> Drive:
        self.source.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.source.close()

    def until(self, holds: Callable[[], bool], limit_s: float = 15.0) -> None:
        """Read until it holds; a failure after the limit."""
        end_s = time.monotonic() + limit_s
        while not holds():
            assert time.monotonic() < end_s, f"not within {limit_s} s: {self.source.status}"
            self.step()

    def until_state(self, state: SourceState, limit_s: float = 15.0) -> None:
        """Read until the source is in this state."""
        self.until(lambda: self.source.status.state is state, limit_s)

    def more(self, count: int) -> list[Frame]:
        """Read so many further frames."""
        have = len(self.frames)
        self.until(lambda: len(self.frames) >= have + count)
        return self.frames[have:]

    def step(self) -> None:
        outcome = self.source.read()
        if isinstance(outcome, Frame):
            self.frames.append(outcome)
        elif isinstance(outcome, Wait):
            self._clock.skipped_s += outcome.seconds
        self.ended = isinstance(outcome, Ended)
        if not self.messages or self.messages[-1] != self.source.status.message:
            self.messages.append(self.source.status.message)
