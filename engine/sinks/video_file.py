"""Results as a video that plays at the right speed. See ``docs/results.md``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.errors import InferoscopeError, SinkError
from engine.frames import Frame
from engine.overlay import Style, overlay
from engine.sinks.claim import Claim
from engine.sinks.disk import partial, refusal, require_space, require_writable
from engine.sinks.encoder import CODECS, Encoder, require_name, transcode
from engine.sinks.painter import paint
from engine.sinks.sink import Progress, Shown, frame_of, silent
from engine.sinks.video_clock import Clock, Timing, VideoClock, measured_rate_hz

KEEP_FREE_BYTES = 200_000_000
"""A video stops before less than this is free, so that its end can be written and the machine goes on working."""

_MEASURED_RESULTS = 8
_PICTURES_HZ = 2.0
"""Pictures of a folder are on screen for half a second each."""
_LOWEST_HZ, _HIGHEST_HZ = 0.1, 240.0
"""What containers declare outside of this is a time base, not a rate."""
_LIVE_WEBM_PIXELS_HZ = 1280 * 720 * 15
"""VP8 is encoded while recording up to here; a live stream with more is converted after the stop."""


class VideoFileSink:
    """Records one stream, annotated or clean, and finishes the file when it is closed.

    While it records, the video is ``NAME.part.mp4`` (or ``.webm``) beside its final place; ``close`` puts it there, in
    place of what was there before. A live stream that is too much for VP8 is recorded as ``NAME.recording.mp4`` and
    converted by ``close``.

    Args:
        path: ``.mp4`` (MPEG-4, fast) or ``.webm`` (VP8, for browsers).
        timing: Asked once, with the first result, when the source is known; None takes the media time where the first
            result has one, the moment of capture otherwise.
        style: How results are drawn; None records clean pictures.
        keep_free_bytes: Recording stops, with a video that can be played, before less than this is free on the disk.
    """

    def __init__(
        self,
        path: Path,
        timing: Callable[[], Timing] | None = None,
        *,
        style: Style | None = Style(),  # noqa: B008 - immutable
        keep_free_bytes: int = KEEP_FREE_BYTES,
    ) -> None:
        self._path = path
        self._ask_timing = timing
        self._style = style
        self._keep_free_bytes = keep_free_bytes
        self._timing: Timing | None = None
        self._waiting: list[Shown] = []
        self._recording: _Recording | None = None
        self._claim = Claim(path, partial(path))

    def open(self) -> None:
        """Check that the video can be written.

        Raises:
            SinkError: Another ending, no such folder, no permission, too little space, or another recording to this
                file is running; nothing is left behind.
        """
        if self._path.suffix.lower() not in CODECS:
            raise SinkError(
                "No video can be written with this ending",
                subject=str(self._path),
                expected=".mp4 (fast) or .webm (for browsers)",
                remedy="Choose one of these",
            )
        require_name(self._path)
        require_writable(self._path)
        require_space(self._path, self._keep_free_bytes)
        self._claim.take()

    def write(self, shown: Shown) -> None:
        """Show a result, or a frame that no model has seen, from its time on.

        Raises:
            SinkError: The disk is full or almost full; ``close`` keeps what can be played.
        """
        require_space(self._path, self._keep_free_bytes)
        if self._recording is not None:
            self._recording.place(shown)
            return
        if self._timing is None:
            self._timing = self._ask_timing() if self._ask_timing is not None else _guess(shown)
        self._waiting.append(shown)
        if _nominal_hz(self._timing) is not None or len(self._waiting) == _MEASURED_RESULTS:
            self._begin(self._timing)

    def close(self, progress: Progress = silent) -> None:
        """Finish the video and put it in its place. Twice is once.

        Args:
            progress: Told how much of a conversion is done; a ``CancelledError`` of it keeps the recording as it is.

        Raises:
            SinkError: It could not be written to its end.
        """
        try:
            if self._waiting and self._timing is not None:
                self._begin(self._timing)
            recording, self._recording = self._recording, None
            if recording is not None:
                self._finish(recording, progress)
        finally:
            self._claim.give_back()

    def _finish(self, recording: _Recording, progress: Progress) -> None:
        failure = recording.finish()
        finished = partial(self._path)
        if recording.path != finished:
            self._convert(recording.path, finished, progress)
        try:
            finished.replace(self._path)
        except OSError as error:
            raise refusal(self._path, error) from error
        if failure is not None:
            raise failure

    def _begin(self, timing: Timing) -> None:
        """Start to encode, with the results that waited for the rate to be known."""
        waiting, self._waiting = self._waiting, []
        rate_hz = round(_nominal_hz(timing) or measured_rate_hz(waiting, timing.clock), 3)
        frame = frame_of(waiting[0])
        path = partial(self._path)
        is_too_much = timing.clock is Clock.CAPTURE and frame.width * frame.height * rate_hz > _LIVE_WEBM_PIXELS_HZ
        if self._path.suffix.lower() == ".webm" and is_too_much:
            path = self._path.with_name(f"{self._path.stem}.recording.mp4")
        encoder = Encoder(path, rate_hz, (frame.width, frame.height), str(self._path))
        self._recording = _Recording(path, encoder, VideoClock(timing.clock, rate_hz), self._style)
        for shown in waiting:
            self._recording.place(shown)

    def _convert(self, recorded: Path, finished: Path, progress: Progress) -> None:
        def on_done(share: float) -> None:
            require_space(self._path, self._keep_free_bytes)
            progress(share)

        try:
            transcode(recorded, finished, on_done)
        except InferoscopeError as error:
            raise SinkError(
                f"The recording was not converted to {self._path.suffix} but is kept: {error.what}",
                subject=str(recorded),
                remedy=error.remedy or "Play it as it is",
            ) from error
        recorded.unlink()


class _Recording:
    """Puts each result or frame into the slots of a video in which it is the newest."""

    def __init__(self, path: Path, encoder: Encoder, clock: VideoClock, style: Style | None) -> None:
        self.path = path
        self._encoder = encoder
        self._clock = clock
        self._style = style
        self._shown: Shown | None = None
        self._slots = 0

    def place(self, shown: Shown) -> None:
        """Show the one before up to the time of this one."""
        slot = self._clock.slot(shown)
        try:
            self._fill(slot)
        except SinkError:
            self._shown = None
            raise
        self._shown = shown

    def finish(self) -> SinkError | None:
        """Show the last result for one slot, and end the file.

        Returns:
            Why the last result is missing from a video that can be played.

        Raises:
            SinkError: The video cannot be played; it is removed.
        """
        failure = None
        try:
            self._fill(self._slots + 1)
        except SinkError as error:
            failure = error
        self._encoder.finish()
        return failure

    def _fill(self, slot: int) -> None:
        shown = self._shown
        if shown is None or slot == self._slots:
            return
        image = frame_of(shown).image
        if self._style is not None and not isinstance(shown, Frame):
            image = paint(image, overlay(shown, self._style))
        for _ in range(slot - self._slots):
            self._encoder.write(image)
        self._slots = slot


def _guess(shown: Shown) -> Timing:
    return Timing(Clock.CAPTURE if frame_of(shown).media_time_s is None else Clock.MEDIA)


def _nominal_hz(timing: Timing) -> float | None:
    if timing.clock is Clock.COUNT:
        return _PICTURES_HZ
    if timing.rate_hz is not None and _LOWEST_HZ <= timing.rate_hz <= _HIGHEST_HZ:
        return timing.rate_hz
    return None
