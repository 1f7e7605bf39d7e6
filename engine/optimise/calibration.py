"""Frames to calibrate with and frames to judge by, from any source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.frames import Image


@dataclass(frozen=True, slots=True)
class Calibration:
    """Frames that were collected, kept in a work folder.

    Attributes:
        source: Where they come from, without secrets.
        canvases: .npy of uint8 (N, H, W, 3), BGR: frames as the live pipeline fits them onto the model's canvas.
        frames: How many canvases there are.
        held_out: Source pictures from other moments, lossless, to judge variants by.
    """

    source: str
    canvases: Path
    frames: int
    held_out: tuple[Path, ...]

    def pictures(self) -> Iterator[Image]:
        """The held-out pictures, one after the other: uint8 (H, W, 3), BGR."""
        raise NotImplementedError
