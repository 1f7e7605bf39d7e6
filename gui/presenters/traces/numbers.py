"""Exact numbers of a stretch of time: percentiles of single results, drops by cause."""

from __future__ import annotations

import numpy as np

from gui.presenters.traces.display import Row, Table, charts
from gui.presenters.traces.store import CAUSES, COLUMNS, DROP_COLUMNS, Float32, Span
from gui.texts import text

PERCENTILES = (50, 95, 99)
_DROPS = slice(COLUMNS.index(DROP_COLUMNS[0]), None)


def latency_table(stages_ms: Float32) -> Table:
    """Percentiles of each stage, and of their sum.

    Args:
        stages_ms: float32 (5, n), a column a result.
    """
    heads = tuple(f"p{p}" for p in PERCENTILES)
    count = stages_ms.shape[1]
    times = np.concatenate((stages_ms, stages_ms.sum(0, keepdims=True)))
    values = np.percentile(times, PERCENTILES, axis=1).T if count else np.full((len(times), 3), np.nan)
    cells = [tuple(_ms(float(v)) for v in row) for row in values]
    chart = next(chart for chart in charts() if chart.key == "latency")
    rows = tuple(Row(trace, v) for trace, v in zip((*chart.areas, *chart.lines), cells, strict=True))
    summary = text("Traces", "No results in this time.")
    if count:
        sentence = text("Traces", "{count} results. Total: median {p50}, 95 % within {p95}, 99 % within {p99} ms.")
        p50, p95, p99 = cells[-1]
        summary = sentence.format(count=count, p50=p50, p95=p95, p99=p99)
    return Table(heads, rows, summary, with_latest=True)


def drops_table(span: Span) -> Table:
    """How many frames got no result, by cause, the most frequent first; causes that never were are left out."""
    counts = np.zeros(len(CAUSES))
    for table in span.tiles.values():
        counts += np.nansum(table[_DROPS], axis=1, dtype=np.float64)
    traces = next(chart for chart in charts() if chart.key == "dropped").areas
    order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
    rows = tuple(Row(traces[i], (f"{counts[i]:.0f}",)) for i in order)
    summary = "; ".join(f"{row.trace.title}: {row.cells[0]}" for row in rows)
    return Table((text("Traces", "frames"),), rows, summary or text("Traces", "No frame was dropped in this time."))


def _ms(value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{value:.1f}" if value < 999.95 else f"{value:.0f}"
