"""What a screen of this computer shows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import mss
import numpy as np

from engine.capture.base import SourceBase
from engine.capture.retry import Retry
from engine.capture.source import Ended, SourceInfo, SourceOptions, SourceState, Wait
from engine.errors import SourceError, SourceReason
from engine.frames import Frame, Image
from engine.opencv import cv2

DEFAULT_RATE_HZ = 15.0
_WAYLAND = "Under Wayland windows of other programs may stay black"


@dataclass(frozen=True, slots=True)
class ScreenInfo:
    """One screen: its number from 0, its name, and its size in the system's own units."""

    index: int
    name: str
    width: int
    height: int


def list_screens(open_: Callable[[], Any] = mss.MSS) -> tuple[ScreenInfo, ...]:
    """The screens of this computer.

    Args:
        open_: Opens the grabber, an ``mss.MSS``.

    Raises:
        SourceError: There is no display.
    """
    grabber = _open_grabber(open_, "screen")
    try:
        return tuple(_describe_screens(grabber))
    finally:
        grabber.close()


class ScreenSource(SourceBase):
    """Takes a picture of a screen whenever the next one is due; reads in between return ``Wait``.

    A display that goes away is looked for again, after 1, 2, 4 .. 30 s.

    Args:
        address: Number of the screen from 0, the first one.
        options: Rate in pictures per second, 15 where none is chosen.
        open_: Opens the grabber, an ``mss.MSS``.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        address: str,
        options: SourceOptions,
        *,
        open_: Callable[[], Any] = mss.MSS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(f"screen:{address}", live=True)
        self._wanted = address
        self._rate_hz = options.rate_hz or DEFAULT_RATE_HZ
        self._open = open_
        self._clock = clock
        self._retry = Retry(clock)
        self._grabber: Any = None
        self._monitor: Any = None
        self._due = 0.0
        self._sequence = 0

    def open(self) -> None:
        """Find the screen.

        Raises:
            SourceError: There is no display, or no such screen.
        """
        self._enter(SourceState.CONNECTING)
        self._start()

    def read(self) -> Frame | Wait | Ended:
        """What the screen shows now, where a picture is due; else ``Wait`` until it is."""
        now = self._clock()
        if self._grabber is None and not self._find_again():
            return Wait(self._retry.remaining_s)
        if now < self._due:
            return Wait(self._due - now)
        try:
            image = self._take()
        except SourceError as error:
            self._lose(error.what)
            return Wait(self._retry.remaining_s)
        period_s = 1.0 / self._rate_hz
        self._due = self._due + period_s if now < self._due + period_s else now + period_s
        self._sequence += 1
        return self._frame(image, self._sequence - 1)

    def close(self) -> None:
        """Give the display back."""
        self._release()
        if self._status.state in (SourceState.LIVE, SourceState.RECONNECTING):
            self._enter(SourceState.STOPPED)

    def _start(self) -> None:
        self._grabber = _open_grabber(self._open, self.source_id)
        screens = list(_describe_screens(self._grabber))
        screen = next((screen for screen in screens if str(screen.index) == self._wanted), None)
        if screen is None:
            self._release()
            raise SourceError(
                "There is no such screen",
                reason=SourceReason.NOT_FOUND,
                subject=self.source_id,
                expected="one of " + ", ".join(f"screen:{screen.index} ({screen.name})" for screen in screens),
                remedy="Choose one of these",
            )
        self._monitor = self._grabber.monitors[1 + screen.index]
        self._info = self._describe(screen.name, self._take())
        self._retry.succeeded()
        self._enter(SourceState.LIVE)

    def _take(self) -> Image:
        """What the screen shows now: uint8 (H, W, 3), BGR."""
        try:
            shot = self._grabber.grab(self._monitor)
        except mss.ScreenShotError as error:
            raise SourceError(
                "The screen gives no picture",
                reason=SourceReason.NOT_FOUND,
                subject=self.source_id,
                remedy="Check that the program may take pictures of the screen",
                detail=str(error),
            ) from error
        pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        return cast(Image, cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR))

    def _describe(self, title: str, first: Image) -> SourceInfo:
        height, width = first.shape[:2]
        return SourceInfo(
            kind="screen",
            title=title,
            width=width,
            height=height,
            rate_hz=self._rate_hz,
            frames=None,
            duration_s=None,
            codec="",
            live=True,
            seekable=False,
            warnings=(_WAYLAND,) if os.environ.get("XDG_SESSION_TYPE") == "wayland" else (),
        )

    def _find_again(self) -> bool:
        if self._retry.remaining_s > 0.0:
            return False
        try:
            self._start()
        except SourceError as error:
            self._lose(error.what)
            return False
        return True

    def _lose(self, what: str) -> None:
        self._release()
        delay_s = self._retry.failed()
        self._enter(
            SourceState.RECONNECTING,
            f"{what}; next try in {delay_s:g} s",
            reason=SourceReason.NOT_FOUND,
            attempt=self._retry.attempt,
            retry_in_s=delay_s,
            why=what,
        )

    def _release(self) -> None:
        if self._grabber is not None:
            self._grabber.close()
        self._grabber = None


def _open_grabber(open_: Callable[[], Any], subject: str) -> Any:
    try:
        return open_()
    except mss.ScreenShotError as error:
        raise SourceError(
            "There is no display whose picture can be taken",
            reason=SourceReason.NOT_FOUND,
            subject=subject,
            expected="a desktop session that programs may take pictures of",
            remedy="Start the program from a desktop, or choose another source",
            detail=str(error),
        ) from error


def _describe_screens(grabber: Any) -> Iterator[ScreenInfo]:
    """The screens; the first of mss's monitors is all of them together."""
    for index, monitor in enumerate(grabber.monitors[1:]):
        name = monitor.get("name") or monitor.get("output") or f"Screen {index + 1}"
        yield ScreenInfo(index, str(name), int(monitor["width"]), int(monitor["height"]))
