"""The traces as a table for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime

from gui.presenters.traces.store import COLUMNS, PROGRAM_COLUMNS, Span


def csv_table(span: Span, names: Mapping[str, str], utc_offset_s: float) -> bytes:
    """UTF-8, comma separated, a row a sample, the unit of each column at the end of its head.

    Columns of a tile carry its name where there are several. A cell is empty where nothing was measured.

    Args:
        span: Copied: nobody writes it any more.
        names: Tile -> its name.
        utc_offset_s: Added to the monotonic clock it gives seconds since 1970.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    several = len(span.tiles) > 1
    heads = [f"{c} {_one_line(names[i])}" if several else c for i in span.tiles for c in COLUMNS]
    table.writerow(("time", *PROGRAM_COLUMNS, *heads))
    columns = [row.tolist() for block in (span.program, *span.tiles.values()) for row in block]
    for at_s, *values in zip(span.at_s.tolist(), *columns, strict=True):
        table.writerow((_iso(at_s + utc_offset_s), *(_cell(v) for v in values)))
    return out.getvalue().encode("utf-8", "replace")


def _iso(utc_s: float) -> str:
    return datetime.fromtimestamp(utc_s, UTC).astimezone().isoformat(timespec="milliseconds")


def _cell(value: float) -> str:
    return "" if value != value else f"{value:.3f}".rstrip("0").rstrip(".")  # noqa: PLR0124 - only NaN differs


def _one_line(name: str) -> str:
    return " ".join(name.split())
