"""The demo: a bottling line that is drawn, frame by frame, and knows what is on each frame."""

from __future__ import annotations

from engine.capture.base import SourceBase
from engine.capture.source import Ended, SourceInfo, SourceOptions, SourceState, Wait
from engine.frames import Frame
from engine.results import GroundTruth
from engine.scene import CLASS_NAMES, FRAMES, RATE_HZ, Scene

_TITLE = "Demo: bottling line"


class DemoSceneSource(SourceBase):
    """Behaves like a film of one minute, 960x540 at 30 frames/s, whose end leads to its beginning without a seam.

    Each frame carries its truth.
    """

    def __init__(self, address: str, options: SourceOptions) -> None:
        del address, options  # There is one demo, and nothing about it can be chosen.
        super().__init__("demo", live=False)
        self._scene: Scene | None = None
        self._next = 0

    def open(self) -> None:
        """Draw what stands still."""
        self._enter(SourceState.CONNECTING)
        self._scene = Scene()
        self._info = SourceInfo(
            kind="demo",
            title=_TITLE,
            width=self._scene.look.width,
            height=self._scene.look.height,
            rate_hz=RATE_HZ,
            frames=FRAMES,
            duration_s=FRAMES / RATE_HZ,
            codec="",
            live=False,
            seekable=True,
        )
        self._enter(SourceState.LIVE)

    def read(self) -> Frame | Wait | Ended:
        """Draw the next frame."""
        if self._scene is None or self._next >= FRAMES:
            self._enter(SourceState.ENDED)
            return Ended()
        number = self._next
        self._next += 1
        drawn = self._scene.frame(number)
        return self._frame(drawn.image, number, number / RATE_HZ, truth=GroundTruth(drawn.truth, CLASS_NAMES))

    def seek_frame(self, index: int) -> None:
        """The next frame is number ``index``."""
        self._next = max(0, index)
        self._enter(SourceState.LIVE)

    def seek_time(self, seconds: float) -> None:
        """The next frame is the one on screen at this time."""
        # A time that was made by dividing by the rate must not show the frame before.
        self.seek_frame(int(seconds * RATE_HZ + 1e-6))

    def close(self) -> None:
        """Forget what was drawn."""
        self._scene = None
        if self._status.state is SourceState.LIVE:
            self._enter(SourceState.STOPPED)
