"""When each picture of a video file is shown, so that any of them can be found again."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from pathlib import Path

from engine.capture.container import stamps_pictures
from engine.capture.video_decoder import SAME_TIME_S, VideoDecoder, grab_next
from engine.opencv import cv2, file_name

_HEAD_FRAMES = 20
"""Pictures that are decoded to find where the file begins; above the most a decoder holds back (16 in H.264)."""

_REORDER_PACKETS = 32
"""A picture is shown at most so many packets after its place in the file."""


class VideoTimes:
    """Times of the pictures of a file in the order they are shown, learnt as far as they are needed.

    The times are those of the packets, which are read but not decoded: 2 us each. Packets at the beginning that give
    no picture (cut before a key picture, or outside an edit list) are recognised by decoding the first pictures. Where
    packets have no times, or times that cannot be trusted, every picture is decoded instead: slow but right.

    Attributes:
        times_s: Known times in seconds after the first picture, rising.
        complete: Whether these are all.
        reliable: Whether a picture can be recognised by its time.
    """

    def __init__(self, path: Path) -> None:
        self.times_s: list[float] = []
        self.complete = False
        self.reliable = True
        self._path = path
        self._decoder = VideoDecoder(path)
        self._needs_stamps = False
        self._packets: cv2.VideoCapture | None = None
        self._scan: Iterator[None] = self._learn_all()

    def index_at(self, time_s: float) -> Iterator[None]:
        """Learn until the picture shown at this time is known (see ``shown_at``); yields between small steps."""
        return self._learn_until(lambda: self.times_s[-1] > time_s + SAME_TIME_S)

    def time_of(self, index: int) -> Iterator[None]:
        """Learn until the time of this picture is known, or all are; yields between small steps."""
        return self._learn_until(lambda: len(self.times_s) > index)

    def shown_at(self, time_s: float) -> int:
        """Number of the picture on screen at this time; beyond every number once the last one is over."""
        if self.complete and time_s > self.times_s[-1] + self._decoder.period_s - SAME_TIME_S:
            return sys.maxsize
        return max(0, bisect_right(self.times_s, time_s + SAME_TIME_S) - 1)

    def close(self) -> None:
        """Give the file back, and the scan, which holds this object in turn."""
        self._scan = iter(())
        self._decoder.close()
        if self._packets is not None:
            self._packets.release()

    def _learn_until(self, known: Callable[[], bool]) -> Iterator[None]:
        while not self.complete and not (self.times_s and known()):
            next(self._scan, None)
            yield

    def _learn_all(self) -> Iterator[None]:
        yield from self._decode(_HEAD_FRAMES)
        if self.reliable and not self.complete:
            yield from self._read_packets()
        if not self.reliable:
            del self.times_s[_HEAD_FRAMES:]
            yield from self._decode(None)
        self.complete = True
        self.close()

    def _decode(self, frames: int | None) -> Iterator[None]:
        """Decode so many further pictures, or all."""
        decoder = self._decoder
        while frames is None or decoder.position + 1 < frames:
            if not decoder.advance():
                self.complete = True
                break
            self.times_s.append(decoder.time_s)
            self._needs_stamps = self._needs_stamps or decoder.is_bidirectional
            yield
        self.reliable = not decoder.irregular and decoder.rate_hz is not None
        self.reliable = self.reliable and (stamps_pictures(self._path) or not self._needs_stamps)

    def _read_packets(self) -> Iterator[None]:
        """Bring the packets' times into the order of showing, which is at most ``_REORDER_PACKETS`` away."""
        self._packets = packets = _open_packets(self._path)
        waiting: list[float] = []
        newest_s = float("-inf")
        at_end = False
        while self.reliable and not (at_end and not waiting):
            damaged = None if at_end else grab_next(packets)
            if damaged:
                self.reliable = False
            elif damaged is None:
                at_end = True
            else:
                heappush(waiting, packets.get(cv2.CAP_PROP_POS_MSEC) / 1000.0 - self._decoder.first_s)
            if waiting and (at_end or len(waiting) > _REORDER_PACKETS):
                earlier_s, newest_s = newest_s, heappop(waiting)
                self.reliable = newest_s > earlier_s + SAME_TIME_S
                self._append(newest_s)
            yield

    def _append(self, time_s: float) -> None:
        """Add the time of a packet, unless its picture was decoded at the beginning or comes before it."""
        if time_s > self.times_s[-1] + SAME_TIME_S:
            self.times_s.append(time_s)


def _open_packets(path: Path) -> cv2.VideoCapture:
    """The packets of a video, in the decoder's own count of time.

    OpenCV shifts all times by that of the first picture it meets; so one is decoded before the packets are asked for.
    Those that were consumed for it are among the first that ``VideoTimes`` decodes.
    """
    capture = cv2.VideoCapture(file_name(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    capture.grab()
    capture.set(cv2.CAP_PROP_FORMAT, -1)
    return capture
