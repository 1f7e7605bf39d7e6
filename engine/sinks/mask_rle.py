"""Masks as run lengths in COCO's compressed form.

Layout: ``{"size": [height, width], "counts": text}``. Counts are the lengths of runs of 0 and 1 in turn, beginning with
0, down the columns; ``pycocotools.mask.decode`` reads the text (https://github.com/cocodataset/cocoapi,
common/maskApi.c).
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from engine.results import Mask


class Rle(TypedDict):
    """A mask in COCO's compressed form."""

    size: list[int]
    counts: str


def encode_rle(mask: Mask, left: int, top: int, width: int, height: int) -> Rle:
    """Encode a mask that covers a part of a picture, without making one of the whole picture.

    Args:
        mask: bool (h, w).
        left: Column of the picture in which its first column lies.
        top: Row of the picture in which its first row lies.
        width: Of the picture, which holds the whole mask.
        height: Of the picture.
    """
    from pycocotools.mask import frPyObjects

    changes = _changes(mask)
    columns, rows = np.divmod(changes, mask.shape[0] + 1)
    borders = (columns + left) * height + rows + top
    # A run that ends at the bottom goes on where the next column begins with one.
    joined = np.flatnonzero(borders[2::2] == borders[1:-1:2])
    borders = np.delete(borders, np.concatenate([2 * joined + 1, 2 * joined + 2]))
    counts = np.diff(borders, prepend=0, append=width * height).tolist()
    if counts[-1] == 0:
        counts.pop()
    packed = frPyObjects({"size": [height, width], "counts": counts}, height, width)["counts"]
    return {"size": [height, width], "counts": packed if isinstance(packed, str) else packed.decode("ascii")}


def _changes(mask: Mask) -> NDArray[np.intp]:
    """Where runs of 1 begin and end, in turn, down the columns, each of which has a 0 below it."""
    height, width = mask.shape
    below = np.zeros((width, height + 1), np.bool_)
    below[:, :height] = mask.T
    flat = below.ravel()
    return np.flatnonzero(np.concatenate([flat[:1], flat[1:] != flat[:-1]]))
