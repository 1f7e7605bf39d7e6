"""What the pipeline knows of a sink: it takes results in order and is closed once."""

from __future__ import annotations

from typing import Protocol

from engine.frames import FrameResult


class Sink(Protocol):
    """Takes results in order. Opened, used and closed by the sink thread alone."""

    def open(self) -> None:
        """Make what is needed to write.

        Raises:
            SinkError: Read-only folder, missing encoder ..
        """

    def write(self, result: FrameResult) -> None:
        """Take one result.

        Raises:
            SinkError: The disk is full, the folder is gone ..
        """

    def close(self) -> None:
        """Finish the file so that it can be read. Twice is once."""
