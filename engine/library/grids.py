"""The arithmetic of detection heads: how many candidates a picture size gives at which strides."""

from __future__ import annotations

from dataclasses import dataclass

_PYRAMIDS = (
    (8, 16, 32),
    (8, 16, 32, 64),
    (4, 8, 16, 32),
    (16, 32),
    (8, 16),
    (8, 16, 32, 64, 128),
    (32,),
    (16,),
    (8,),
    (4,),
)
"""Sets of strides in use, the usual ones first."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Strides and anchors a cell that explain a number of candidates."""

    strides: tuple[int, ...]
    anchors: int
    cells: tuple[int, ...]

    @property
    def sum_text(self) -> str:
        """The sum as a person would check it: "3 x (80x80 + 40x40 + 20x20)"."""
        inner = " + ".join(str(n) for n in self.cells)
        return f"{self.anchors} x ({inner})" if self.anchors > 1 else inner

    @property
    def strides_text(self) -> str:
        """Strides as a person would name them: "8, 16, 32"."""
        return ", ".join(map(str, self.strides))


def cells(size: tuple[int, int], stride: int) -> int:
    """Cells of a (height, width) picture at a stride, partly covered ones included."""
    return -(-size[0] // stride) * -(-size[1] // stride)


def explain(candidates: int | None, size: tuple[int, int], anchors: tuple[int, ...] = (1,)) -> Grid | None:
    """The strides at which a (height, width) picture gives so many candidates, None where none fit."""
    for per_cell in anchors:
        for strides in _PYRAMIDS:
            counts = tuple(cells(size, stride) for stride in strides)
            if candidates == per_cell * sum(counts):
                return Grid(strides, per_cell, counts)
    return None


def stride_of(candidates: int | None, size: tuple[int, int]) -> int | None:
    """The one stride at which a (height, width) picture gives so many cells, None where none does."""
    return next((s for s in (4, 8, 16, 32, 64, 128) if candidates == cells(size, s)), None)
