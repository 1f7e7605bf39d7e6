"""A report as a person at a terminal reads it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from engine.optimise.candidate import Spread
from engine.optimise.report import Entry, Report, Way, is_allowed

_MEGABYTE = 1e6
_WIDTH = 120
_HEADINGS = ("", "runs as", "inferences/s", "frames/s", "latency ms", "CPU ms", "memory", "agreement", "mAP", "size")
_FOOTNOTE = (
    "inferences/s: the runtime alone, all lanes. frames/s: from picture to result, all lanes, as in the live view. "
    "latency: from picture to result, one lane, half and 95 % of all. CPU: for a frame. x: times the first line, "
    "measured in turn."
)


def lines(report: Report) -> Iterator[str]:
    """The report, line by line, without line ends."""
    yield f"{report.model} on {report.machine}"
    if report.source:
        found = report.original.likeness.expected if report.original.likeness else 0
        about = f"{report.frames} frames of {report.source} ({found} found there)"
        yield f"agreement: with what the original finds in FP32, on {about}; at least {report.limit:g}"
    yield ""
    yield from _table(report)
    yield ""
    yield from textwrap.wrap(_FOOTNOTE, _WIDTH)
    if report.refused:
        yield ""
        yield from _refusals(report)
    if report.recommendation:
        yield ""
        yield from textwrap.wrap(report.recommendation.sentence, _WIDTH)


def _table(report: Report) -> Iterator[str]:
    rows = [_HEADINGS, *(_row(report, entry, way) for entry, way in report.ways())]
    used = [i for i in range(len(_HEADINGS)) if any(row[i] for row in rows[1:])]
    widths = {i: max(len(row[i]) for row in rows) for i in used}
    for row in rows:
        yield "  ".join(_cell(row[i], i, widths[i]) for i in used).rstrip()


def _cell(text: str, column: int, width: int) -> str:
    return text.ljust(width) if column < 2 else text.rjust(width)


def _row(report: Report, entry: Entry, way: Way) -> Sequence[str]:
    timing, figures = way.timing, way.timing.figures
    outside = "" if is_allowed(entry, way, report.original, report.limit) or way.likeness is None else " !"
    return (
        entry.name,
        ", ".join((entry.badge(way), *timing.candidate.chosen)),
        f"{_number(figures.inferences_per_s)} {_ratio(timing.speed)}",
        f"{_number(figures.frames_per_s)} {_ratio(timing.live_speed)}",
        f"{figures.latency_p50_ms:.1f} / {figures.latency_p95_ms:.1f}",
        f"{figures.cpu_ms:.1f}",
        f"{timing.peak_memory_bytes / _MEGABYTE:.0f} MB",
        f"{way.likeness.agreement:.3f}{outside}" if way.likeness else "",
        "" if way.map is None else f"{way.map:.3f}",
        f"{entry.model_bytes / _MEGABYTE:.1f} MB",
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _ratio(spread: Spread) -> str:
    return f"{spread.median:.2f}x"


def _refusals(report: Report) -> Iterator[str]:
    for each in report.refused:
        place = f" on {each.place}" if each.place else ""
        yield from textwrap.wrap(f"not {each.name}{place}: {each.reason}", _WIDTH, subsequent_indent="    ")
