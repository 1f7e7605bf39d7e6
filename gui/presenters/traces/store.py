"""Ten minutes of measurements in constant memory, however long the program runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.presenters.port import STAGES

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

CAUSES = ("superseded", "rate_limit", "no_model", "timeline", "stale", "failed", "hung")
"""Why frames got no result, as ``TileState.dropped`` names them."""
RATES = ("capture_hz", "inference_hz", "display_hz")
STAGE_COLUMNS = tuple(f"{stage}_ms" for stage in STAGES)
DROP_COLUMNS = tuple(f"dropped_{cause}" for cause in CAUSES)
ACCURACY = ("precision_percent", "recall_percent")
COLUMNS = (*RATES, *STAGE_COLUMNS, "total_ms", "age_ms", *ACCURACY, *DROP_COLUMNS)
"""What is kept of a tile. Rates in frames/s, times in ms; the age is the highest of half a second, precision and recall
are over the last two seconds, drops are frames since the sample before."""
PROGRAM_COLUMNS = ("cpu_percent", "memory_mb")
"""What is kept of the program: its share of all processor cores, and its resident size in 1,000,000 bytes."""

KEPT_SAMPLES = 6_000
"""Ten minutes at ten samples a second."""
_SPARE = 1_500
"""Samples that are added before the oldest are thrown away, all at once."""
_FIRST_RESULTS, _MOST_RESULTS = 2_048, 32_768
"""Results whose own times are kept, for exact percentiles: ten minutes at 54 a second."""


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """What was measured in a stretch of time.

    Attributes:
        first: Number of its first sample since the store was made.
        at_s: float64 (n,), on the monotonic clock, rising.
        tiles: Tile -> float32 (len(COLUMNS), n); NaN where nothing was measured.
        program: float32 (len(PROGRAM_COLUMNS), n).
    """

    first: int
    at_s: Float64
    tiles: Mapping[str, Float32]
    program: Float32


class TraceStore:
    """Samples of every tile and of the program, on one time axis, and the newest results of every tile.

    Arrays are a quarter longer than what is kept, so that each stretch of time lies in one piece. What ``span`` and
    ``results`` return changes at the next sample: use it at once, or copy it.
    """

    def __init__(self) -> None:
        self._capacity = KEPT_SAMPLES + _SPARE
        self._length = 0
        self._thrown_away = 0
        self._at_s: Float64 = np.zeros(self._capacity)
        self._program = _nothing(len(PROGRAM_COLUMNS), self._capacity)
        self._tiles: dict[str, Float32] = {}
        self._results: dict[str, _Results] = {}

    @property
    def nbytes(self) -> int:
        """Bytes in all arrays."""
        tables = sum(table.nbytes for table in (self._program, *self._tiles.values()))
        return self._at_s.nbytes + tables + sum(results.nbytes for results in self._results.values())

    def append(self, at_s: float, program: Sequence[float], tiles: Mapping[str, Sequence[float]]) -> None:
        """Add a sample. Tiles that are not in it are forgotten.

        Args:
            at_s: On the monotonic clock, not before the sample before.
            program: In the order of ``PROGRAM_COLUMNS``.
            tiles: Tile -> values in the order of ``COLUMNS``.
        """
        if self._length == self._capacity:
            self._throw_away_oldest()
        here = self._length
        self._at_s[here] = at_s
        self._program[:, here] = program
        for gone in self._tiles.keys() - tiles.keys():
            del self._tiles[gone]
            self._results.pop(gone, None)
        for tile_id, values in tiles.items():
            if tile_id not in self._tiles:
                self._tiles[tile_id] = _nothing(len(COLUMNS), self._capacity)
            self._tiles[tile_id][:, here] = values
        self._length += 1

    def add_results(self, tile_id: str, at_s: Sequence[float], stages_ms: Sequence[Sequence[float]]) -> None:
        """Keep the times of single results, oldest first; ``stages_ms`` in the order of ``STAGES``."""
        if at_s:
            self._results.setdefault(tile_id, _Results()).extend(np.array(at_s), np.array(stages_ms, np.float32).T)

    def span(self, from_s: float, to_s: float, tile_ids: Sequence[str]) -> Span:
        """What was measured between two moments, both included; tiles that are not known are left out."""
        oldest = max(0, self._length - KEPT_SAMPLES)
        times = self._at_s[oldest : self._length]
        begin = oldest + int(np.searchsorted(times, from_s, "left"))
        end = oldest + int(np.searchsorted(times, to_s, "right"))
        tiles = {i: self._tiles[i][:, begin:end] for i in tile_ids if i in self._tiles}
        return Span(self._thrown_away + begin, self._at_s[begin:end], tiles, self._program[:, begin:end])

    def results(self, from_s: float, to_s: float, tile_ids: Sequence[str]) -> Float32:
        """Times of single results, in ms.

        Returns:
            float32 (5, n), in the order of ``STAGES``; of several tiles, one after the other.
        """
        parts = [self._results[i].between(from_s, to_s) for i in tile_ids if i in self._results]
        return np.concatenate(parts, 1) if parts else np.zeros((len(STAGES), 0), np.float32)

    def _throw_away_oldest(self) -> None:
        thrown = self._length - KEPT_SAMPLES
        self._at_s[:KEPT_SAMPLES] = self._at_s[thrown:].copy()
        for table in (self._program, *self._tiles.values()):
            table[:, :KEPT_SAMPLES] = table[:, thrown:].copy()
            table[:, KEPT_SAMPLES:] = np.nan
        self._length = KEPT_SAMPLES
        self._thrown_away += thrown


class _Results:
    """The newest results of one tile. Grows up to a bound, then writes over the oldest."""

    def __init__(self) -> None:
        self._at_s: Float64 = np.zeros(_FIRST_RESULTS)
        self._stages_ms: Float32 = np.zeros((len(STAGES), _FIRST_RESULTS), np.float32)
        self._length = 0

    @property
    def nbytes(self) -> int:
        return self._at_s.nbytes + self._stages_ms.nbytes

    def extend(self, at_s: Float64, stages_ms: Float32) -> None:
        at_s, stages_ms = at_s[-_FIRST_RESULTS:], stages_ms[:, -_FIRST_RESULTS:]
        if self._length + len(at_s) > len(self._at_s):
            self._make_room()
        here = slice(self._length, self._length + len(at_s))
        self._at_s[here], self._stages_ms[:, here] = at_s, stages_ms
        self._length += len(at_s)

    def between(self, from_s: float, to_s: float) -> Float32:
        times = self._at_s[: self._length]
        begin, end = np.searchsorted(times, from_s, "left"), np.searchsorted(times, to_s, "right")
        return self._stages_ms[:, begin:end]

    def _make_room(self) -> None:
        """Twice the room, or a quarter of it freed where that is not allowed any more."""
        size = len(self._at_s)
        if size < _MOST_RESULTS:
            self._at_s = np.concatenate((self._at_s, np.zeros(size)))
            self._stages_ms = np.concatenate((self._stages_ms, np.zeros_like(self._stages_ms)), 1)
            return
        kept = size - size // 4
        self._at_s[:kept] = self._at_s[self._length - kept : self._length].copy()
        self._stages_ms[:, :kept] = self._stages_ms[:, self._length - kept : self._length].copy()
        self._length = kept


def _nothing(rows: int, columns: int) -> Float32:
    return np.full((rows, columns), np.nan, np.float32)
