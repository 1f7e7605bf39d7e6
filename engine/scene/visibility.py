"""What is hidden is counted, not reasoned: outlines are painted from far to near, each with its number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.scene.solid import Box
from engine.scene.sprite import MASK_STEP


class Outlines:
    """The outlines on one frame, ``MASK_STEP`` times smaller than the picture.

    Args:
        shape: Height and width of the picture in pixels.
        margin: Pixels at each side of it that nobody sees.
    """

    def __init__(self, shape: tuple[int, ...], margin: int) -> None:
        height, width = shape[0] // MASK_STEP, shape[1] // MASK_STEP
        margin //= MASK_STEP
        self._owners = np.full((height + 1, width + 1), -1, np.int16)
        self._seen = np.s_[margin : height - margin, margin : width - margin]
        self._margin = margin
        self._painted: list[tuple[int, int, NDArray[np.bool_]]] = []

    def paint(self, mask: NDArray[np.bool_], left: int, top: int) -> None:
        """Paint the next outline over those before it; its number is how many were painted before.

        Args:
            mask: bool (H, W), at the size of the outlines.
            left: Where its corner lies across, in pixels of the outlines; it may reach beyond the picture.
            top: The same downwards.
        """
        bottom, right = top + mask.shape[0], left + mask.shape[1]
        inside = mask[max(0, -top) :, max(0, -left) :]
        region = self._owners[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
        region[inside[: region.shape[0], : region.shape[1]]] = len(self._painted)
        self._painted.append((left, top, mask))

    def visible(self, number: int, box: Box) -> float:
        """Share of an outline's part in a box, 0 to 1, that is neither hidden nor outside the picture.

        Args:
            number: Of the outline.
            box: Left, top, right, bottom in pixels of the picture.
        """
        x, y, mask = self._painted[number]
        left, top, right, bottom = (round(edge / MASK_STEP) for edge in box)
        whole = mask[max(0, top - y) : bottom - y, max(0, left - x) : right - x].sum()
        first_row, first_column = max(0, top - self._margin), max(0, left - self._margin)
        owners = self._owners[self._seen]
        seen = owners[first_row : max(0, bottom - self._margin), first_column : max(0, right - self._margin)] == number
        return float(seen.sum()) / float(whole) if whole else 0.0
