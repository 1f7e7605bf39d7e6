"""The cells of a feature pyramid, in the order in which anchor-free heads list them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.results import Float32


def grid_cells(height: int, width: int, strides: Iterable[int]) -> tuple[Float32, Float32]:
    """Every cell of every level: level by level in the order of ``strides``, row by row, left to right.

    A level has ``ceil(length / stride)`` cells along a side, as padded convolutions of stride 2 make them.

    Args:
        height: Canvas height in pixels.
        width: Canvas width in pixels.
        strides: Pixels from one cell to the next, for each level.

    Returns:
        Column and row of each cell, float32 (N, 2), counted in cells; its stride in pixels, float32 (N, 1).
    """
    cells, pixels = [], []
    for stride in strides:
        row, column = np.indices((-(-height // stride), -(-width // stride)), np.float32)
        cells.append(np.stack((column.ravel(), row.ravel()), axis=1))
        pixels.append(np.full((row.size, 1), stride, np.float32))
    return np.concatenate(cells), np.concatenate(pixels)
