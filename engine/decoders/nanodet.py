"""NanoDet and NanoDet-Plus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import ModelCard, Thresholds
from engine.decoders.activations import logit, sigmoid, softmax
from engine.decoders.candidates import detections, each_picture, every_class, read_output, without_overlap
from engine.decoders.grid import grid_cells
from engine.frames import CanvasGeometry
from engine.results import Detections, Float32, Int32, Result


class NanoDetDecoder:
    """Scores per cell and class, and for each side of a box a distribution over 0 to reg_max strides from the cell.

    Layout as RangiLyu/nanodet exports it (``tools/export_onnx.py``): NanoDet gives scores and distributions of each
    stride apart (``nanodet/model/head/nanodet_head.py``, ``NanoDetHead.forward_single``), NanoDet-Plus joins all
    (``nanodet_plus_head.py``, ``NanoDetPlusHead._forward_onnx``). Boxes as in ``get_bboxes`` of ``gfl_head.py`` and
    ``nanodet_plus_head.py``: NanoDet measures from the middle of a cell, NanoDet-Plus from its top left corner. Each
    class that reaches the threshold counts, as in their ``multiclass_nms``.
    """

    def __init__(self, card: ModelCard) -> None:
        options, size = card.options, card.input
        self._roles = card.roles
        self._classes = int(options["classes"])
        self._bins = int(options["reg_max"]) + 1
        self._logits = bool(options["sigmoid"])
        self._strides = tuple(int(stride) for stride in options["strides"])
        self._middle = np.float32(0.5 if options["cell_centre"] else 0.0)
        levels = [self._strides] if "output" in self._roles else [(stride,) for stride in self._strides]
        self._grids = [grid_cells(size.height, size.width, level) for level in levels]

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        heads = [zip(scores, sides, strict=True) for scores, sides in self._read(outputs)]
        pictures = each_picture(geometries, zip(*heads, strict=True))
        return [self._decode_picture(levels, geometry, thresholds) for geometry, levels in pictures]

    def _read(self, outputs: Mapping[str, NDArray[Any]]) -> list[tuple[Float32, Float32]]:
        """Scores (B, N, C) and distributions (B, N, 4 * bins) of each grid."""
        counts = [len(cells) for cells, _ in self._grids]
        widths = (self._classes, 4 * self._bins)
        if "output" in self._roles:
            joined = read_output(outputs, self._roles["output"], (None, counts[0], sum(widths)))
            return [(joined[..., : widths[0]], joined[..., widths[0] :])]
        return [
            (
                read_output(outputs, self._roles[f"scores_{stride}"], (None, count, widths[0])),
                read_output(outputs, self._roles[f"boxes_{stride}"], (None, count, widths[1])),
            )
            for stride, count in zip(self._strides, counts, strict=True)
        ]

    def _decode_picture(
        self, levels: tuple[tuple[Float32, Float32], ...], geometry: CanvasGeometry, thresholds: Thresholds
    ) -> Detections:
        found = [
            self._candidates(scores, sides, grid, thresholds.confidence)
            for (scores, sides), grid in zip(levels, self._grids, strict=True)
        ]
        xyxy, score, class_id = (np.concatenate(column) for column in zip(*found, strict=True))
        rows = without_overlap(xyxy, score, class_id, geometry, thresholds)
        return detections(rows, xyxy, score, class_id, geometry)

    def _candidates(
        self, scores: Float32, sides: Float32, grid: tuple[Float32, Float32], confidence: float
    ) -> tuple[Float32, Float32, Int32]:
        """Boxes (M, 4) in canvas pixels, scores (M,) and classes (M,) of one grid."""
        rows, score, class_id = every_class(scores, logit(confidence) if self._logits else confidence)
        cells, stride = grid
        chosen, place = np.unique(rows, return_inverse=True)
        shares = softmax(sides[chosen].reshape(-1, 4, self._bins))
        distance = shares @ np.arange(self._bins, dtype=np.float32) * stride[chosen]
        anchor = (cells[chosen] + self._middle) * stride[chosen]
        xyxy = np.concatenate((anchor - distance[:, :2], anchor + distance[:, 2:]), axis=1, dtype=np.float32)
        return xyxy[place], sigmoid(score) if self._logits else score, class_id
