"""A video file while it is being made: pictures in, a constant number a second."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from engine.errors import InferoscopeError, SinkError
from engine.frames import Image
from engine.opencv import cv2, file_name

CODECS = {".mp4": "mp4v", ".webm": "VP80"}
"""Endings of file names, and the codec in each: fast everywhere, and for browsers."""

_SMALLEST_PX = 16
"""VP8 players do not open less."""


def require_name(path: Path) -> None:
    """Check that the name of a video can be passed on to the encoder.

    Raises:
        SinkError: It is not UTF-8.
    """
    try:
        file_name(path)
    except UnicodeDecodeError as error:
        raise SinkError(
            "The file name has letters that cannot be passed on to the encoder",
            subject=str(path),
            expected="a name in UTF-8",
            remedy="Choose another name or folder",
        ) from error


class Encoder:
    """Encodes pictures into a file that can be played once ``finish`` has returned.

    The first picture sets the size of the video, made even and at least 16x16 by repeating its edge. A picture of
    another size is fitted onto it with black borders.

    Args:
        path: Where the video grows; the ending chooses the codec.
        rate_hz: Pictures a second, at least 0.1; kept to three decimals.
        picture_size: Width and height of the first picture.
        subject: What a person calls the file, for errors.

    Raises:
        SinkError: The encoder is missing or the file cannot be made.
    """

    def __init__(self, path: Path, rate_hz: float, picture_size: tuple[int, int], subject: str) -> None:
        self._path = path
        self._subject = subject
        self._picture_size = picture_size
        width, height = picture_size
        self._size = (max(_SMALLEST_PX, width + width % 2), max(_SMALLEST_PX, height + height % 2))
        codec = cv2.VideoWriter.fourcc(*CODECS[path.suffix.lower()])
        with _native_chatter_off():
            self._writer = cv2.VideoWriter(file_name(path), cv2.CAP_FFMPEG, codec, round(rate_hz, 3), self._size)
        if not self._writer.isOpened():
            self.discard()
            raise SinkError(
                f"The video encoder does not start for {self._size[0]}x{self._size[1]} at {rate_hz:g} pictures/s",
                subject=subject,
                remedy="Record .mp4 or choose another folder",
            )

    def write(self, image: Image) -> None:
        """Add one picture.

        Raises:
            SinkError: The disk does not take it.
        """
        if not self._writer.write(self._fitted(image)):
            raise self._failure()

    def finish(self) -> None:
        """Write the end of the file.

        Raises:
            SinkError: The video cannot be played; the file is removed.
        """
        self._writer.release()
        if not _plays(self._path):
            self.discard()
            raise self._failure()

    def discard(self) -> None:
        """Give up and remove the file."""
        self._writer.release()
        self._path.unlink(missing_ok=True)

    def _failure(self) -> SinkError:
        return SinkError(
            "The video could not be written to its end: the disk is full or the file too large",
            subject=self._subject,
            remedy="Free some space or choose another disk",
        )

    def _fitted(self, image: Image) -> Image:
        height, width = image.shape[:2]
        if (width, height) == self._size:
            return image
        if (width, height) == self._picture_size:
            return _edged(image, self._size, cv2.BORDER_REPLICATE)
        scale = min(self._size[0] / width, self._size[1] / height)
        inner = (max(1, round(width * scale)), max(1, round(height * scale)))
        smaller = np.asarray(cv2.resize(image, inner, interpolation=cv2.INTER_AREA), np.uint8)
        return _edged(smaller, self._size, cv2.BORDER_CONSTANT)


def _edged(image: Image, size: tuple[int, int], border: int) -> Image:
    """The picture in the middle of a larger one."""
    right, below = size[0] - image.shape[1], size[1] - image.shape[0]
    edges = (below // 2, below - below // 2, right // 2, right - right // 2)
    return np.asarray(cv2.copyMakeBorder(image, *edges, border, value=(0, 0, 0)), np.uint8)


def transcode(recorded: Path, finished: Path, on_done: Callable[[float], None]) -> None:
    """Encode a video again, as the ending of the finished file says, and leave the first one as it is.

    Args:
        recorded: A video with a constant rate.
        finished: Made; removed again where it does not come to its end.
        on_done: Told after each picture how much is done, 0 to 1; may raise ``CancelledError``.

    Raises:
        SinkError: The disk does not take it.
        CancelledError: As ``on_done`` raises it.
    """
    reader = cv2.VideoCapture(file_name(recorded), cv2.CAP_FFMPEG)
    try:
        frames = int(reader.get(cv2.CAP_PROP_FRAME_COUNT))
        width, height = (int(reader.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        encoder = Encoder(finished, reader.get(cv2.CAP_PROP_FPS), (width, height), str(recorded))
        try:
            for number in range(frames):
                is_read, image = reader.read()
                if is_read:
                    encoder.write(np.asarray(image, np.uint8))
                on_done((number + 1) / frames)
            encoder.finish()
        except InferoscopeError:
            encoder.discard()
            raise
    finally:
        reader.release()


def _plays(path: Path) -> bool:
    reader = cv2.VideoCapture(file_name(path), cv2.CAP_FFMPEG)
    try:
        return bool(reader.read()[0])
    finally:
        reader.release()


@contextmanager
def _native_chatter_off() -> Iterator[None]:
    """OpenCV prints a remark about every WebM straight onto standard error, whatever its log level."""
    if sys.stderr is None:  # a program in a window: 2 may be any other file there
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
