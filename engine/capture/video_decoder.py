"""One open video file: pictures one after the other with their times, and a coarse jump."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from engine.capture.container import explain_unreadable
from engine.errors import SourceError, SourceReason
from engine.frames import Image
from engine.opencv import cv2, file_name

SAME_TIME_S = 1e-4
"""Times closer than this are one: no video has 10,000 pictures a second."""

_HIGHEST_RATE_HZ = 1000.0
_ASSUMED_RATE_HZ = 25.0
_DAMAGED_PACKETS = 1000
"""So many packets in a row that cannot be decoded are the end of a file; at a real end each costs 0.2 us to ask."""


class VideoDecoder:
    """Decodes a video file through FFmpeg and knows which picture it holds.

    It begins before the first picture: ``advance`` moves on. Rotation that the file asks for is applied.

    Args:
        path: The file.
        threads: Decoder threads. One costs the least CPU time: 0.55 ms a picture at 768x432 and 3.5 ms at 1920x1080,
            where two take 0.64 and 3.6 ms, and 30 % less time on the clock.

    Attributes:
        position: Number of the picture it holds, from 0; -1 before the first.
        time_s: Time of that picture after the first one. Where the file has no times, or they run backwards, one
            period of the nominal rate after the picture before.
        irregular: Whether such a time had to be made up.
        first_s: Time of the first picture as the file has it.
        damaged: Packets that could not be decoded so far.

    Raises:
        SourceError: The file is not a video that can be decoded.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._path = path
        self._capture = cv2.VideoCapture(_name(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, threads])
        if not self._capture.isOpened():
            raise explain_unreadable(path)
        self.position = -1
        self.time_s = 0.0
        self.irregular = False
        self.first_s = 0.0
        self.damaged = 0
        self._continues = False
        rate_hz = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate_hz = rate_hz if 0.0 < rate_hz <= _HIGHEST_RATE_HZ else None

    @property
    def period_s(self) -> float:
        """Time between pictures at the nominal rate."""
        return 1.0 / (self.rate_hz or _ASSUMED_RATE_HZ)

    @property
    def promised_frames(self) -> int | None:
        """Number of pictures that the file's header names or leads to; None where it says nothing."""
        frames = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        return frames if frames > 0 and self.rate_hz else None

    @property
    def is_bidirectional(self) -> bool:
        """Whether the picture it holds is coded from a later one too (a B picture)."""
        return self._capture.get(cv2.CAP_PROP_FRAME_TYPE) == ord("B")

    @property
    def codec(self) -> str:
        """FourCC of the codec."""
        code = int(self._capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        return code.to_bytes(4, "little").decode("ascii", "replace").strip("\0 \ufffd")

    def advance(self) -> bool:
        """Decode the next picture; False at the end of the file."""
        damaged = grab_next(self._capture)
        if damaged is None:
            return False
        self.damaged += damaged
        self.position += 1
        stamp_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0
        if self.position == 0:
            self.first_s = stamp_s
        time_s = stamp_s - self.first_s
        if self._continues and time_s < self.time_s + SAME_TIME_S:
            time_s = self.time_s + self.period_s
            self.irregular = True
        self.time_s = time_s
        self._continues = True
        return True

    def picture(self) -> Image:
        """The picture it holds: uint8 (H, W, 3), BGR, upright.

        Raises:
            SourceError: It cannot be converted.
        """
        found, image = self._capture.retrieve()
        if not found:
            raise SourceError(
                "A picture of the video cannot be converted",
                reason=SourceReason.CODEC,
                subject=str(self._path),
                remedy="Convert the video to MP4 (H.264)",
            )
        return cast(Image, image)

    def jump(self, time_s: float) -> None:
        """Go somewhere near a time. ``advance`` then finds the right ``time_s``, but not the right ``position``.

        OpenCV goes to the key picture before and counts on at the nominal rate, so it may come out too late too.
        """
        self._capture.set(cv2.CAP_PROP_POS_MSEC, (time_s + self.first_s) * 1000.0)
        self.position = 0
        self._continues = False

    def close(self) -> None:
        """Give the file back."""
        self._capture.release()


def _name(path: Path) -> str:
    try:
        return file_name(path)
    except UnicodeDecodeError as error:
        raise SourceError(
            "The file name has letters that cannot be passed on to the decoder",
            subject=str(path),
            expected="a name in UTF-8",
            remedy="Rename the file or its folder",
        ) from error


def grab_next(capture: cv2.VideoCapture) -> int | None:
    """Fetch the next picture (or packet), stepping over what is damaged.

    OpenCV answers a packet that cannot be decoded and the end of the file alike; only asking again tells them apart.

    Returns:
        Number of damaged packets passed over; None at the end of the file.
    """
    for damaged in range(_DAMAGED_PACKETS):
        if capture.grab():
            return damaged
    return None
