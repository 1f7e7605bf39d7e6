"""A stretch of measurements as few enough points to draw, without hiding a peak."""

from __future__ import annotations

import math

import numpy as np

from gui.presenters.traces.store import ACCURACY, COLUMNS, DROP_COLUMNS, PROGRAM_COLUMNS, RATES, Float32, Float64, Span

MOST_POINTS = 400
"""On a curve: more than a plot has pixels."""
_SAMPLES_HZ = 10
_RATE_OVER_S = 1.0
"""Drops are counted over so long."""

_TOTAL = COLUMNS.index("total_ms")
_TIMES = slice(COLUMNS.index("queue_ms"), _TOTAL + 1)
_ACCURACY = slice(COLUMNS.index(ACCURACY[0]), COLUMNS.index(ACCURACY[-1]) + 1)
_DROPS = slice(COLUMNS.index(DROP_COLUMNS[0]), None)

LEAD_S = 2 * _RATE_OVER_S
"""So much before the stretch is needed, too."""


def drops_per_second(table: Float32, at_s: Float64) -> Float32:
    """Frames dropped a second, by cause, over the second before each sample.

    Args:
        table: float32 (len(COLUMNS), n).
        at_s: float64 (n,).
    """
    drops = table[_DROPS]
    counted = np.cumsum(np.nan_to_num(drops), 1, dtype=np.float64)
    before = np.maximum(np.searchsorted(at_s, at_s - _RATE_OVER_S) - 1, 0)
    seconds = np.maximum(at_s - at_s[before], 1.0 / _SAMPLES_HZ)
    return np.where(np.isnan(drops), np.nan, (counted - counted[:, before]) / seconds).astype(np.float32)


def thinned(span: Span, from_s: float) -> tuple[Float64, dict[str, Float32]]:
    """Times and values of the curves from a moment on.

    Several samples become one point where there are too many: the lowest rate, precision and recall, the stages of the
    slowest sample, the highest of everything else. Which samples go together depends on their number since the program
    began, so that a curve moves along without flickering.

    Args:
        span: Of one tile at most, with ``LEAD_S`` before ``from_s``.
        from_s: The first moment shown.

    Returns:
        float64 (m,) on the monotonic clock, and float32 (m,) for each of ``COLUMNS`` and ``PROGRAM_COLUMNS``, and for
        "dropped_hz", their sum; drops are frames a second here.
    """
    table = next(iter(span.tiles.values()), None)
    if table is None:
        table = np.full((len(COLUMNS), len(span.at_s)), np.nan, np.float32)
    table = np.concatenate((table[: _DROPS.start], drops_per_second(table, span.at_s), span.program))
    begin = int(np.searchsorted(span.at_s, from_s))
    at_s, table = span.at_s[begin:], table[:, begin:]
    shown_s = float(at_s[-1] - at_s[0]) if len(at_s) else 0.0
    every = max(1, math.ceil(shown_s * _SAMPLES_HZ / MOST_POINTS - 0.05), math.ceil(len(at_s) / (2 * MOST_POINTS)))
    if every > 1:
        at_s, table = _grouped(at_s, table, -(span.first + begin) % every, every)
    values = dict(zip((*COLUMNS, *PROGRAM_COLUMNS), table, strict=True))
    return at_s, values | {"dropped_hz": table[_DROPS.start : len(COLUMNS)].sum(0)}


def _grouped(at_s: Float64, table: Float32, skip: int, every: int) -> tuple[Float64, Float32]:
    points = (len(at_s) - skip) // every
    used = slice(skip, skip + points * every)
    groups = table[:, used].reshape(len(table), points, every)
    grouped = np.fmax.reduce(groups, 2)
    for rows in (slice(len(RATES)), _ACCURACY):
        grouped[rows] = np.fmin.reduce(groups[rows], 2)
    slowest = np.nan_to_num(groups[_TOTAL], nan=-1.0).argmax(1)
    grouped[_TIMES] = np.take_along_axis(groups[_TIMES], slowest[None, :, None], 2)[:, :, 0]
    return at_s[used].reshape(points, every)[:, -1], grouped
