"""One sample of a tile, and of the program."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import psutil

from engine.agreement import Agreement
from engine.capture.source import SourceState
from gui.presenters.port import STAGES, TileState, Timing
from gui.presenters.traces.store import ACCURACY, CAUSES, COLUMNS, PROGRAM_COLUMNS

NOTHING = (math.nan,) * len(COLUMNS)
"""The sample of a tile that does not stream: lines break."""

_TIMES = slice(COLUMNS.index("queue_ms"), COLUMNS.index("total_ms") + 1)
_AGE = COLUMNS.index("age_ms")
_ACCURACY = slice(_AGE + 1, _AGE + 1 + len(ACCURACY))
_HELD_S = 2.0
"""So long the times of the last result stand for a slow model, until the next one comes."""
_AGES = 5
"""Samples of which the highest age counts: half a second."""
_PROGRAM_EVERY_S = 1.0


class Process(Protocol):
    """What is asked of ``psutil.Process``."""

    def cpu_percent(self) -> float:
        """Percent of one core since the last call."""

    def memory_info(self) -> Any:
        """``rss`` is the resident size in bytes."""


class TileMeter:
    """Remembers of a tile what the next sample is measured against."""

    def __init__(self) -> None:
        self._stages_ms: tuple[float, ...] = (math.nan,) * len(STAGES)
        self._result_at_s = -math.inf
        self._dropped: dict[str, int] | None = None
        self._ages_ms: deque[float] = deque(maxlen=_AGES)

    def sample(self, state: TileState, timings: Sequence[Timing], now_s: float) -> tuple[float, ...]:
        """Values in the order of ``COLUMNS``."""
        if not state.open:
            self._result_at_s, self._dropped = -math.inf, None
            self._ages_ms.clear()
            return NOTHING
        if timings:
            self._stages_ms = tuple(map(statistics.median, zip(*(t.stages_ms for t in timings), strict=True)))
            self._result_at_s = now_s
        elif now_s - self._result_at_s > _HELD_S:
            self._stages_ms = (math.nan,) * len(STAGES)
        return (
            state.capture_hz,
            state.inference_hz,
            state.display_hz,
            *self._stages_ms,
            sum(self._stages_ms),
            self._age_ms(state),
            *_percent(state.accuracy),
            *self._drops(state),
        )

    def _age_ms(self, state: TileState) -> float:
        """The age grows from frame to frame and falls back: its peaks tell how old the picture gets."""
        if state.age_s is None or _stands(state):
            self._ages_ms.clear()
            return math.nan
        self._ages_ms.append(1000.0 * state.age_s)
        return max(self._ages_ms)

    def _drops(self, state: TileState) -> tuple[float, ...]:
        """Frames dropped since the last sample. A stream that was opened anew counts from 0 again."""
        now = {cause: state.dropped.get(cause, 0) for cause in CAUSES}
        before, self._dropped = self._dropped or now, now
        return tuple(float(n - before[c] if n >= before[c] else n) for c, n in now.items())


def _stands(state: TileState) -> bool:
    """Whether a film rests, paused or at its end: its picture grows no older."""
    is_film = state.info is not None and not state.info.live
    return is_film and (state.paused or state.status.state is SourceState.ENDED)


def _percent(counts: Agreement | None) -> tuple[float, float]:
    """In the order of ``ACCURACY``."""
    shares = (None, None) if counts is None else (counts.precision, counts.recall)
    precision, recall = (math.nan if share is None else 100.0 * share for share in shares)
    return precision, recall


def together(samples: Collection[Sequence[float]], accuracies: Iterable[Agreement | None] = ()) -> Sequence[float]:
    """Several tiles as one.

    Rates and drops are added up, times are of the slowest tile, the age is the highest. Precision and recall are those
    of all objects of all tiles that tell a truth, so a tile with many objects counts for more.
    """
    table = np.array(list(samples))
    if np.isnan(table[:, 0]).all():
        return NOTHING
    whole = np.nansum(table, 0)
    slowest = np.nan_to_num(table[:, _TIMES.stop - 1], nan=-1.0).argmax()
    whole[_TIMES] = table[slowest, _TIMES]
    whole[_AGE] = np.fmax.reduce(table[:, _AGE])
    whole[_ACCURACY] = _percent(sum((counts for counts in accuracies if counts is not None), Agreement()))
    return tuple(map(float, whole))


class ProgramMeter:
    """Asks the system once a second, which is what it costs a core 0.1 ms for.

    Args:
        process: None for this one.
    """

    def __init__(self, process: Process | None = None) -> None:
        self._process = process or psutil.Process()
        self._cores = psutil.cpu_count() or 1
        self._process.cpu_percent()  # the first answer is always 0
        self._asked_s: float | None = None
        self._last: tuple[float, ...] = (math.nan,) * len(PROGRAM_COLUMNS)

    def sample(self, now_s: float) -> tuple[float, ...]:
        """Values in the order of ``PROGRAM_COLUMNS``."""
        if self._asked_s is None:
            self._asked_s = now_s
        if now_s - self._asked_s >= _PROGRAM_EVERY_S:
            self._asked_s = now_s
            self._last = (self._process.cpu_percent() / self._cores, self._process.memory_info().rss / 1e6)
        return self._last
