"""Frames to calibrate with and frames to judge by, from any source: spread over time, and no two alike.

Frames come through the fitting of the live pipeline. They lie in a work folder, so that a child process can read them
and memory holds one at a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.capture.picture import read_picture
from engine.capture.source import Ended, Source, SourceOptions, SourceState
from engine.capture.table import open_source
from engine.cards import InputSpec, ModelCard
from engine.errors import CancelledError, SourceError
from engine.frames import Frame, Image
from engine.geometry import fit_onto_canvas
from engine.opencv import cv2
from engine.optimise.variant import BuildControl
from engine.sinks.disk import refusal, require_space

FRAMES = 300
"""So many to calibrate with, where the source has them."""
MOST_HELD_OUT = 100

_MOMENTS = 40
"""A source is cut into so many moments; some of them are held out."""
_LIVE_MOMENT_S = 3.0
_LIVE_S = 180.0
"""A live source is watched so long at most."""
_LIVE_STEP_S = 0.4
_FIRST_FRAME_S = 20.0
_LONGEST_WAIT_S = 0.05

_THUMBNAIL = (32, 18)
_SAME_LEVELS = 8.0
"""Two pictures are alike where no part of their thumbnails differs by more, of 255 levels."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Frames that were collected, kept in a work folder.

    Attributes:
        source: Where they come from, without secrets.
        canvases: .npy of uint8 (at least ``frames``, H, W, 3), BGR, of which the first ``frames`` are filled: frames as
            the live pipeline fits them onto the model's canvas.
        frames: How many canvases there are.
        held_out: Source pictures from other moments, lossless, to judge variants by.
        warnings: What a person should know about them.
    """

    source: str
    canvases: Path
    frames: int
    held_out: tuple[Path, ...]
    warnings: tuple[str, ...] = ()

    def pictures(self) -> Iterator[Image]:
        """The held-out pictures, one after the other: uint8 (H, W, 3), BGR."""
        for path in self.held_out:
            yield read_picture(path).image


def collect(
    card: ModelCard,
    source: str,
    folder: Path,
    control: BuildControl,
    *,
    frames: int = FRAMES,
    options: SourceOptions | None = None,
    tapped: Source | None = None,
) -> Calibration:
    """Collect frames of a source for a model.

    Args:
        card: The model, whose input the frames are fitted to.
        source: As for ``engine.capture.table.open_source``, with its secrets.
        folder: An empty one.
        control: Told how far it is; can stop it.
        frames: So many to calibrate with, and at most ``MOST_HELD_OUT`` more, no more than these, to judge by. Of a
            short source half of the frames are for that: quantisers are content with fewer than a fair judgement is.
        options: What was chosen about the source.
        tapped: Gives the frames instead of it, where it cannot be opened twice; is opened and closed here.

    Raises:
        SourceError: The source gives no frames.
        SinkError: The folder has too little space.
        CancelledError: Nobody wants them any more.
    """
    most_held_out = min(frames, MOST_HELD_OUT)
    opened = tapped or open_source(source, options or SourceOptions())
    with closing(opened):
        opened.open()
        try:
            with closing(_Collection(card.input, folder, *_shared_out(opened, frames, most_held_out))) as collection:
                for frame, moment in _frames(opened, collection, control):
                    collection.add(frame.image, moment)
                    control.progress(f"Collecting frames: {collection.count} of {collection.wanted}", collection.share)
                    if collection.is_full:
                        break
                return collection.finish(opened.source_id, frames + most_held_out)
        except OSError as error:
            raise refusal(folder, error) from error


def _shared_out(source: Source, frames: int, held_out: int) -> tuple[int, int]:
    """So many frames to calibrate with, and so many to judge by."""
    has = source.info.frames if source.info is not None and not source.info.live else None
    if not has or has >= frames + held_out:
        return frames, held_out
    held_out = max(1, min(held_out, has // 2))
    return max(1, has - held_out), held_out


def _frames(source: Source, collection: _Collection, control: BuildControl) -> Iterator[tuple[Frame, int]]:
    """Frames spread over the source, each with the number of its moment."""
    info = source.info
    if info is None or info.live:
        yield from _live_frames(source, control)
    elif info.seekable and info.frames:
        yield from _spread_frames(source, info.frames, collection.wanted, control)
    else:
        for number, frame in enumerate(_all_frames(source, control)):
            yield frame, number // 10


def _spread_frames(source: Source, count: int, wanted: int, control: BuildControl) -> Iterator[tuple[Frame, int]]:
    """Evenly over the whole length; where many were alike, once more in between."""
    step = max(1.0, count / wanted)
    moments = min(_MOMENTS, count, wanted)
    visited: set[int] = set()
    for offset in (0.0, 0.5, 0.25, 0.75):
        for number in range(wanted):
            position = int((number + offset) * step)
            if position >= count or position in visited:
                continue
            visited.add(position)
            source.seek_frame(position)
            frame = _next_frame(source, control, _FIRST_FRAME_S)
            if frame is not None:
                yield frame, position * moments // count


def _all_frames(source: Source, control: BuildControl) -> Iterator[Frame]:
    while (frame := _next_frame(source, control, _FIRST_FRAME_S)) is not None:
        yield frame


def _live_frames(source: Source, control: BuildControl) -> Iterator[tuple[Frame, int]]:
    """What a live source shows at intervals, for a while."""
    begun = last = time.monotonic()
    seen = False
    while (now := time.monotonic()) - begun < (_LIVE_S if seen else _FIRST_FRAME_S):
        frame = _next_frame(source, control, 1.0)
        if frame is not None and (not seen or now - last >= _LIVE_STEP_S):
            seen, last = True, now
            yield frame, int((now - begun) / _LIVE_MOMENT_S)


def _next_frame(source: Source, control: BuildControl, limit_s: float) -> Frame | None:
    """The next frame; None where the source has ended, or gave none within the limit.

    Raises:
        SourceError: It cannot be connected to.
        CancelledError: Nobody wants it any more.
    """
    deadline = time.monotonic() + limit_s
    while not control.cancelled():
        outcome = source.read()
        if isinstance(outcome, Frame):
            return outcome
        status = source.status
        if status.state is SourceState.RECONNECTING:
            raise SourceError(
                f"It gives no picture: {status.why}",
                reason=status.reason,
                subject=source.source_id,
                remedy="Choose another source",
            )
        if isinstance(outcome, Ended) or time.monotonic() >= deadline:
            return None
        control.wait(min(outcome.seconds, _LONGEST_WAIT_S))
    raise CancelledError


class _Collection:
    """Keeps frames on disk, but none that looks like one that is there already."""

    def __init__(self, spec: InputSpec, folder: Path, frames: int, held_out: int) -> None:
        self._spec = spec
        self._folder = folder
        self._frames = frames
        self._most_held_out = held_out
        self._path = folder / "canvases.npy"
        shape = (frames, *spec.canvas_shape[1:])
        require_space(self._path, int(np.prod(shape)) * 2)
        # Written, not mapped: what is mapped onto a disk that fills up kills the process.
        self._file = self._path.open("wb")
        np.lib.format.write_array_header_1_0(self._file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        self._whole = self._file.tell() + int(np.prod(shape))
        self._filled = 0
        self._held_out: list[Path] = []
        self._thumbnails = np.empty((frames + held_out, _THUMBNAIL[0] * _THUMBNAIL[1] * 3), np.float32)
        self._alike = 0
        self._first: Image | None = None

    @property
    def wanted(self) -> int:
        return self._frames + self._most_held_out

    @property
    def count(self) -> int:
        return self._filled + len(self._held_out)

    @property
    def share(self) -> float:
        return self.count / self.wanted

    @property
    def is_full(self) -> bool:
        return self.count == self.wanted

    def add(self, image: Image, moment: int) -> None:
        """Keep a frame where there is room for it and nothing like it; some moments are held out, evenly spread."""
        share = self._most_held_out / self.wanted
        held_out = int((moment + 1) * share) > int(moment * share)
        if len(self._held_out) == self._most_held_out if held_out else self._filled == self._frames:
            return
        thumbnail = _thumbnail(image)
        if self._knows(thumbnail):
            self._alike += 1
            return
        self._thumbnails[self.count] = thumbnail
        if held_out:
            self._hold_out(image)
        else:
            self._calibrate(image)

    def _knows(self, thumbnail: NDArray[np.float32]) -> bool:
        differences = np.abs(self._thumbnails[: self.count] - thumbnail).max(axis=1, initial=0.0)
        return bool((differences <= _SAME_LEVELS).any())

    def _calibrate(self, image: Image) -> None:
        canvas = np.empty(self._spec.canvas_shape[1:], np.uint8)
        fit_onto_canvas(image, canvas, self._spec)
        self._first = canvas if self._first is None else self._first
        self._file.write(canvas.tobytes())
        self._filled += 1

    def _hold_out(self, image: Image) -> None:
        path = self._folder / f"held-out-{len(self._held_out):03d}.png"
        encoded: Any = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
        path.write_bytes(encoded.tobytes())
        self._held_out.append(path)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def finish(self, source: str, wanted: int) -> Calibration:
        """What was kept; frames serve both purposes where there are too few."""
        warnings: list[str] = []
        different = self.count
        if not different:
            raise SourceError(
                "It gives no picture",
                subject=source,
                expected="frames to calibrate with",
                remedy="Choose another source",
            )
        if not self._filled:
            for path in self._held_out:
                self._calibrate(read_picture(path).image)
        if not self._held_out and self._first is not None:
            warnings.append("There are too few frames to hold some out: agreement is measured on canvases themselves")
            self._hold_out(self._first)
        if different < wanted // 4:
            warnings.append(f"Only {different} frames differ from each other; {wanted} are better")
        self._file.truncate(self._whole)
        return Calibration(source, self._path, self._filled, tuple(self._held_out), tuple(warnings))


def _thumbnail(image: Image) -> NDArray[np.float32]:
    small = cv2.resize(image, _THUMBNAIL, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).reshape(-1)
