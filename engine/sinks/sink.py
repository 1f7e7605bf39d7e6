"""What the pipeline knows of a sink: it takes what is shown in order and is closed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.frames import Frame, FrameResult

Shown = FrameResult | Frame
"""A result, or a frame that no model has seen."""

Progress = Callable[[float], None]
"""Told how much is done, 0 to 1; may raise ``CancelledError``."""


def silent(_share: float) -> None:
    """Tell nobody."""


def frame_of(shown: Shown) -> Frame:
    """The picture itself."""
    return shown if isinstance(shown, Frame) else shown.frame


class Sink(Protocol):
    """Takes what is shown, in order. Opened, used and closed by the sink thread alone."""

    def open(self) -> None:
        """Make what is needed to write.

        Raises:
            SinkError: Read-only folder, missing encoder ..
        """

    def write(self, shown: Shown) -> None:
        """Take one result, or a frame that no model has seen: those go into videos alone.

        Raises:
            SinkError: The disk is full, the folder is gone ..
        """

    def close(self, progress: Progress = silent) -> None:
        """Finish the file so that it can be read. Twice is once.

        Args:
            progress: Told where that takes long. A ``CancelledError`` of it keeps what was recorded as it is.

        Raises:
            SinkError: It could not be finished.
        """
