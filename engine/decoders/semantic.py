"""A class for every pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import ModelCard, Thresholds
from engine.decoders.candidates import each_picture, read_output
from engine.frames import CanvasGeometry
from engine.results import Float32, Int32, Result, SegmentationMap

_Cells = NDArray[np.intp]


class SemanticDecoder:
    """Logits (B, C, H, W) of which the largest wins, or class ids (B, H, W) or (B, 1, H, W) with ``labels``.

    Layouts of torchvision (``torchvision/models/segmentation/_utils.py``, ``_SimpleSegmentationModel.forward``) and
    transformers (``SegformerForSemanticSegmentation``, a quarter of the canvas), and of PaddleSeg
    (``tools/export.py``, argmax in the graph). The map stays at the model's resolution; where that is coarser than the
    canvas, so that the picture's edge runs through a cell, the nearest cells are taken.
    """

    def __init__(self, card: ModelCard) -> None:
        self._output = card.roles["output"]
        self._labels = bool(card.options["labels"])

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        pictures = each_picture(geometries, self._read(outputs))
        return [self._decode_picture(planes, geometry) for geometry, planes in pictures]

    def _read(self, outputs: Mapping[str, NDArray[Any]]) -> Float32:
        """Logits (B, C, H, W), or class ids as (B, 1, H, W)."""
        if not self._labels:
            return read_output(outputs, self._output, (None, None, None, None))
        maps = read_output(outputs, self._output, (None, None, None), (None, 1, None, None))
        return maps[:, None] if maps.ndim == 3 else maps

    def _decode_picture(self, planes: Float32, geometry: CanvasGeometry) -> SegmentationMap:
        region = geometry.seen_xyxy
        rows, columns = _seen_cells(region, geometry, planes.shape[1:])
        seen = planes[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        class_id = seen[0].astype(np.int32) if self._labels else _largest_plane(seen)
        return SegmentationMap(class_id[np.ix_(rows - rows[0], columns - columns[0])], region)


def _seen_cells(
    region: tuple[float, float, float, float], geometry: CanvasGeometry, shape: tuple[int, ...]
) -> tuple[_Cells, _Cells]:
    """Rows and columns of a map of this shape that show the region, which is in source pixels."""
    left, top, right, bottom = region
    rows_a_pixel, columns_a_pixel = shape[0] / geometry.canvas_height, shape[1] / geometry.canvas_width
    rows = _cells_between(
        (top * geometry.scale_y + geometry.offset_y) * rows_a_pixel,
        (bottom * geometry.scale_y + geometry.offset_y) * rows_a_pixel,
    )
    columns = _cells_between(
        (left * geometry.scale_x + geometry.offset_x) * columns_a_pixel,
        (right * geometry.scale_x + geometry.offset_x) * columns_a_pixel,
    )
    return rows, columns


def _cells_between(first: float, last: float) -> _Cells:
    """The cells nearest to an even division of a stretch, about one a cell and at least one."""
    count = max(1, round(last - first))
    return np.floor(first + (np.arange(count) + 0.5) * (last - first) / count).astype(np.intp)


def _largest_plane(planes: Float32) -> Int32:
    """Index of the largest of C planes at each place, the first of equals: float32 (C, H, W) -> int32 (H, W).

    Plane by plane: three to ten times faster than numpy's argmax over the outermost axis.
    """
    best = planes[0].copy()
    class_id = np.zeros(best.shape, np.uint16)
    for number, plane in enumerate(planes[1:], start=1):
        np.maximum(class_id, (plane > best) * np.uint16(number), out=class_id)
        np.maximum(best, plane, out=best)
    return class_id.astype(np.int32)
