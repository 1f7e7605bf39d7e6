"""A video file: every picture in order, and any picture on request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from os import cpu_count
from pathlib import Path

from engine.capture.base import SourceBase
from engine.capture.container import check_readable, counts_frames, explain_unreadable, promised_bytes
from engine.capture.source import Ended, SourceInfo, SourceOptions, SourceState, Wait
from engine.capture.video_decoder import SAME_TIME_S, VideoDecoder
from engine.capture.video_times import VideoTimes
from engine.frames import Frame

_NEAR_FRAMES = 32
"""So far ahead it is cheaper to decode on than to jump."""

_RUN_UPS_FRAMES = (4, 32, 256, 2048)
"""How far before the wanted picture a jump aims: further, where it came out behind it."""

_SLICE_S = 0.1
"""A search gives the thread back so often."""

_ONE_THREAD_PIXELS = 1920 * 1088
_MOST_THREADS = 4


class VideoFileSource(SourceBase):
    """Reads a video file. Pictures are numbered as they are shown, from 0, whatever the container says.

    A search (``seek_*``) is carried out by the reads that follow: while it takes long they return ``Wait(0)``, so that
    a stop can interrupt it.
    """

    def __init__(self, address: str, options: SourceOptions) -> None:
        del options  # Nothing about a file can be chosen.
        super().__init__(address, live=False)
        self._path = Path(address).expanduser()
        self._threads = 1
        self._decoder: VideoDecoder | None = None
        self._times: VideoTimes | None = None
        self._search: Iterator[None] = iter(())
        self._holds_next = False
        self._adrift = False  # At the end, or somewhere unknown: nothing can be counted from here.
        self._promised_s: float | None = None
        self._cut_off = ""

    def open(self) -> None:
        """Open the file and decode its first picture.

        Raises:
            SourceError: There is no such file, or no video in it.
        """
        self._enter(SourceState.CONNECTING)
        check_readable(self._path)
        self._decoder = decoder = self._begin()
        height, width = decoder.picture().shape[:2]
        if width * height > _ONE_THREAD_PIXELS:
            self._threads = min(_MOST_THREADS, cpu_count() or 1)
            self._decoder = decoder = self._begin()
        self._cut_off = self._find_cut_off()
        self._info = self._describe(decoder, width, height)
        self._promised_s = self._info.duration_s
        self._enter(SourceState.LIVE)

    def read(self) -> Frame | Wait | Ended:
        """The next picture; ``Wait(0)`` while a search goes on.

        Raises:
            SourceError: A picture cannot be converted.
        """
        if not self._search_on():
            return Wait(0.0)
        decoder = self._opened
        if not self._holds_next and not decoder.advance():
            return self._end(decoder)
        self._holds_next = False
        if decoder.damaged and not self._cut_off:
            self._warn("Damaged places in the file cannot be decoded and are left out")
        return self._frame(decoder.picture(), decoder.position, round(decoder.time_s, 6))

    def seek_frame(self, index: int) -> None:
        """The next picture is number ``index``."""
        self._begin_search(self._go_to(max(0, index)))

    def seek_time(self, seconds: float) -> None:
        """The next picture is the one on screen at this time after the first."""
        self._begin_search(self._go_to_time(seconds))

    def close(self) -> None:
        """Give the file back."""
        for reader in (self._decoder, self._times):
            if reader is not None:
                reader.close()
        self._decoder = self._times = None
        self._search = iter(())
        if self._status.state is SourceState.LIVE:
            self._enter(SourceState.STOPPED)

    @property
    def _opened(self) -> VideoDecoder:
        if self._decoder is None:
            raise RuntimeError("open() comes first")
        return self._decoder

    @property
    def _known_times(self) -> VideoTimes:
        if self._times is None:
            self._times = VideoTimes(self._path)
        return self._times

    def _begin(self) -> VideoDecoder:
        """A decoder that holds the first picture."""
        if self._decoder is not None:
            self._decoder.close()
        decoder = VideoDecoder(self._path, self._threads)
        if not decoder.advance():
            decoder.close()
            raise explain_unreadable(self._path)
        self._holds_next = True
        self._adrift = False
        return decoder

    def _describe(self, decoder: VideoDecoder, width: int, height: int) -> SourceInfo:
        promised = decoder.promised_frames
        return SourceInfo(
            kind="video",
            title=self._path.name,
            width=width,
            height=height,
            rate_hz=decoder.rate_hz,
            frames=promised if counts_frames(self._path) else None,
            duration_s=promised * decoder.period_s if promised else None,
            codec=decoder.codec,
            live=False,
            seekable=True,
            warnings=(self._cut_off,) if self._cut_off else (),
        )

    def _find_cut_off(self) -> str:
        promised, there = promised_bytes(self._path), self._path.stat().st_size
        if promised is None or promised <= there:
            return ""
        return f"The file is cut off: {there:,} of {promised:,} bytes are there"

    def _end(self, decoder: VideoDecoder) -> Ended:
        """Say how long the file really is."""
        self._adrift = True
        frames, length_s = decoder.position + 1, decoder.time_s + decoder.period_s
        message = self._cut_off
        if message:
            promise = f" of the {self._promised_s:.1f} s that its header promises" if self._promised_s else ""
            message += f"; it ends after {frames} pictures, {length_s:.1f} s{promise}"
        if self._info is not None:
            warnings = (message,) if message else self._info.warnings
            self._info = replace(self._info, frames=frames, duration_s=length_s, warnings=warnings)
        self._enter(SourceState.ENDED, message)
        return Ended()

    # Searching ----------------------------------------------------------------------------------------------------

    def _begin_search(self, search: Iterator[None]) -> None:
        self._search = search
        self._enter(SourceState.LIVE)

    def _search_on(self) -> bool:
        """Carry on with the search for one slice of time; True when it is over."""
        deadline = time.monotonic() + _SLICE_S
        return not any(time.monotonic() > deadline for _ in self._search)

    def _go_to_time(self, seconds: float) -> Iterator[None]:
        index = 0
        if seconds > 0.0:
            yield from self._known_times.index_at(seconds)
            index = self._known_times.shown_at(seconds)
        yield from self._go_to(index)

    def _go_to(self, index: int) -> Iterator[None]:
        decoder = self._opened
        is_near = not self._adrift and 0 <= index - decoder.position <= _NEAR_FRAMES
        if not is_near and index > _NEAR_FRAMES:
            yield from self._go_far(index)
        elif not is_near:
            self._decoder = self._begin()
        yield from self._decode_to(index)

    def _go_far(self, index: int) -> Iterator[None]:
        """Get to a picture, or to the last one before it that is known."""
        times = self._known_times
        yield from times.time_of(index)
        if times.reliable:
            yield from self._jump_to(min(index, len(times.times_s) - 1), times.times_s)
        elif self._adrift or index < self._opened.position:
            self._decoder = self._begin()

    def _jump_to(self, index: int, times_s: list[float]) -> Iterator[None]:
        """Jump before a picture and decode until its time comes; begin at the start where that fails."""
        decoder = self._opened
        for run_up in _RUN_UPS_FRAMES:
            if index - run_up <= _NEAR_FRAMES:
                break
            self._adrift = True
            decoder.jump(times_s[index - run_up])
            while (on := decoder.advance()) and decoder.time_s < times_s[index] - SAME_TIME_S:
                yield
            if on and decoder.time_s < times_s[index] + SAME_TIME_S:
                decoder.position = index
                self._adrift = False
                return
        self._decoder = self._begin()

    def _decode_to(self, index: int) -> Iterator[None]:
        decoder = self._opened
        self._holds_next = False
        while decoder.position < index:
            if not decoder.advance():
                return
            yield
        self._holds_next = True
