"""Size and rate of a camera's picture: what is asked for, tried, and got."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from engine.capture.source import SourceOptions
from engine.opencv import cv2

_SIZES = ((1920, 1080), (1600, 900), (1280, 960), (1280, 720), (1024, 768), (800, 600), (640, 480), (320, 240))
_DEFAULT_RATE_HZ = 30.0
_RATE_TOLERANCE = 0.9
_MJPG = cv2.VideoWriter.fourcc(*"MJPG")


class Capture(Protocol):
    """What is used of ``cv2.VideoCapture``."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether a camera answers."""

    def read(self) -> tuple[bool, Any]:
        """Wait for the next picture."""

    def get(self, prop: int, /) -> float:
        """Value of a property."""

    def set(self, prop: int, value: float, /) -> bool:
        """Ask for a value of a property."""

    def release(self) -> None:
        """Give the camera back."""


@dataclass(frozen=True, slots=True)
class CameraFormat:
    """Size in pixels and pictures per second; a rate of 0 is unknown."""

    width: int
    height: int
    rate_hz: float

    def __str__(self) -> str:
        """As a person writes it."""
        return f"{self.width}x{self.height}" + (f" at {self.rate_hz:g}" if self.rate_hz else "")


def choose_format(capture: Capture, options: SourceOptions) -> CameraFormat:
    """Set size and rate; what the camera then says it gives.

    A size that was asked for is set, and the camera takes the nearest it has. Else the largest up to 1920x1080 that
    keeps the rate is looked for, and the fastest where none keeps it. Motion JPEG comes first: over USB 2 raw pictures
    of 1920x1080 come 5 times a second.
    """
    rate_hz = options.rate_hz or _DEFAULT_RATE_HZ
    if options.width or options.height:
        return _try(capture, *_asked_size(options), rate_hz)
    offers = []
    for width, height in _SIZES:
        offer = _try(capture, width, height, rate_hz)
        if (offer.width, offer.height) == (width, height) and _keeps(offer, rate_hz):
            return offer
        offers.append(offer)
    best = max(offers, key=lambda offer: _merit(offer, rate_hz))
    return _try(capture, best.width, best.height, rate_hz)


def differences(options: SourceOptions, got: CameraFormat) -> tuple[str, ...]:
    """What a person asked for and did not get."""
    warnings = []
    wanted_width, wanted_height = options.width or got.width, options.height or got.height
    if (wanted_width, wanted_height) != (got.width, got.height):
        warnings.append(f"Asked for {wanted_width}x{wanted_height}, got {got.width}x{got.height}")
    if options.rate_hz and got.rate_hz and abs(got.rate_hz / options.rate_hz - 1.0) > 1.0 - _RATE_TOLERANCE:
        warnings.append(f"Asked for {options.rate_hz:g} pictures per second, got {got.rate_hz:g}")
    return tuple(warnings)


def _asked_size(options: SourceOptions) -> tuple[int, int]:
    """The size asked for; what is missing of it follows from 16:9."""
    width = options.width or round((options.height or 0) * 16 / 9)
    return width, options.height or round(width * 9 / 16)


def _try(capture: Capture, width: int, height: int, rate_hz: float) -> CameraFormat:
    capture.set(cv2.CAP_PROP_FOURCC, _MJPG)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    capture.set(cv2.CAP_PROP_FPS, rate_hz)
    return CameraFormat(
        int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        max(0.0, capture.get(cv2.CAP_PROP_FPS)),
    )


def _keeps(offer: CameraFormat, rate_hz: float) -> bool:
    return not offer.rate_hz or offer.rate_hz >= _RATE_TOLERANCE * rate_hz


def _merit(offer: CameraFormat, rate_hz: float) -> tuple[bool, float, int]:
    """Within the bounds first, then as fast as asked for, then large."""
    fits = offer.width <= _SIZES[0][0] and offer.height <= _SIZES[0][1]
    return fits, rate_hz if _keeps(offer, rate_hz) else offer.rate_hz, offer.width * offer.height
