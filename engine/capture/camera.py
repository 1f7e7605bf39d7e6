"""A camera at this computer, found again after it was unplugged."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from engine.capture.base import SourceBase
from engine.capture.camera_format import CameraFormat, Capture, choose_format, differences
from engine.capture.camera_list import CAMERA_API, CameraInfo, find_again, find_camera, list_cameras
from engine.capture.retry import Retry
from engine.capture.source import Ended, SourceInfo, SourceOptions, SourceState, Wait
from engine.errors import SourceError, SourceReason
from engine.frames import Frame, Image
from engine.opencv import cv2

_FIRST_READS = 5
"""Some cameras give nothing on the first reads after they were opened."""


def open_capture(index: int) -> Capture:
    """The camera of this index, through OpenCV."""
    return cast(Capture, cv2.VideoCapture(index, CAMERA_API))


class CameraSource(SourceBase):
    """Gives a camera's newest picture. Whoever reads it keeps reading: OpenCV hands pictures out in their order.

    ::

        open --> LIVE --no picture--> RECONNECTING (attempt n, next try after 1, 2, 4 .. 30 s) --found again--> LIVE

    Args:
        address: Index, or name, or the beginning of a name.
        options: Size, rate and mirror.
        list_: What cameras there are.
        open_: Opens the camera of an index.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        address: str,
        options: SourceOptions,
        *,
        list_: Callable[[], tuple[CameraInfo, ...]] = list_cameras,
        open_: Callable[[int], Capture] = open_capture,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(f"camera:{address}", live=True)
        self._wanted = address
        self._options = options
        self._list = list_
        self._open = open_
        self._retry = Retry(clock)
        self._camera = CameraInfo(-1, address, "")
        self._is_only_one = True
        self._capture: Capture | None = None
        self._first: Image | None = None
        self._sequence = 0

    def open(self) -> None:
        """Find the camera, open it and wait for its first picture. From then on ``source_id`` holds its name.

        Raises:
            SourceError: There is no such camera, several are meant, or it gives no picture.
        """
        self._enter(SourceState.CONNECTING)
        cameras = self._list()
        self._camera = find_camera(self._wanted, cameras)
        self._is_only_one = sum(camera.name == self._camera.name for camera in cameras) == 1
        self._source_id = f"camera:{self._camera.name or self._camera.index}"
        self._start(self._camera)

    def read(self) -> Frame | Wait | Ended:
        """The next picture; ``Wait`` until the next attempt while the camera is away."""
        if self._capture is None and not self._find_again():
            return Wait(self._retry.remaining_s)
        image, self._first = self._first, None
        if image is None:
            image = self._grab()
        if image is None:
            self._lose()
            return Wait(self._retry.remaining_s)
        if self._options.mirror:
            image = cast(Image, cv2.flip(image, 1))
        self._sequence += 1
        return self._frame(image, self._sequence - 1)

    def try_now(self) -> None:
        """Let the next ``read`` look for the camera, if it was lost."""
        self._retry.now()

    def close(self) -> None:
        """Give the camera back."""
        self._release()
        if self._status.state in (SourceState.LIVE, SourceState.RECONNECTING):
            self._enter(SourceState.STOPPED)

    def _start(self, camera: CameraInfo) -> None:
        """Open a camera and take its first picture."""
        self._capture = capture = self._open(camera.index)
        if not capture.isOpened():
            self._release()
            raise self._failure("The camera cannot be opened", SourceReason.REFUSED)
        got = choose_format(capture, self._options)
        self._first = next((image for _ in range(_FIRST_READS) if (image := self._grab()) is not None), None)
        if self._first is None:
            self._release()
            raise self._failure("The camera gives no picture", SourceReason.TIMEOUT)
        self._camera = camera
        self._info = self._describe(got, self._first)
        self._retry.succeeded()
        self._enter(SourceState.LIVE)

    def _grab(self) -> Image | None:
        found, image = self._capture.read() if self._capture is not None else (False, None)
        return cast(Image, image) if found else None

    def _describe(self, got: CameraFormat, first: Image) -> SourceInfo:
        height, width = first.shape[:2]
        got = CameraFormat(width, height, got.rate_hz)
        return SourceInfo(
            kind="camera",
            title=self._camera.name or f"Camera {self._camera.index}",
            width=width,
            height=height,
            rate_hz=got.rate_hz or None,
            frames=None,
            duration_s=None,
            codec="",
            live=True,
            seekable=False,
            warnings=differences(self._options, got),
        )

    def _failure(self, what: str, reason: SourceReason) -> SourceError:
        return SourceError(
            what,
            reason=reason,
            subject=self.source_id,
            remedy="Close other programs that use it, plug it in again, and check that you may use it",
        )

    # Losing and finding again -------------------------------------------------------------------------------------

    def _lose(self) -> None:
        self._release()
        gone = not any(camera.name == self._camera.name for camera in self._list())
        if gone:
            self._note_failure(SourceReason.NOT_FOUND, "was unplugged")
        else:
            self._note_failure(SourceReason.TIMEOUT, "gives no picture")

    def _find_again(self) -> bool:
        """Try to open the lost camera, if it is time; True when it gives pictures again."""
        if self._retry.remaining_s > 0.0:
            return False
        camera = find_again(self._camera, self._is_only_one, self._list())
        if camera is None:
            self._note_failure(SourceReason.NOT_FOUND, "is not plugged in")
            return False
        try:
            self._start(camera)
        except SourceError as error:
            self._note_failure(error.reason, "cannot be opened again")
            return False
        return True

    def _note_failure(self, reason: SourceReason | None, what: str) -> None:
        delay_s = self._retry.failed()
        message = f"{self.source_id} {what}; next try in {delay_s:g} s"
        self._enter(
            SourceState.RECONNECTING,
            message,
            reason=reason,
            attempt=self._retry.attempt,
            retry_in_s=delay_s,
            why=f"it {what}",
        )

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
        self._capture = self._first = None
