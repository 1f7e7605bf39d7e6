"""Results as a table: a row for each thing that was found. See ``docs/results.md``."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.frames import Frame
from engine.sinks.line_file import LineFile
from engine.sinks.rows import result_record
from engine.sinks.sink import Progress, Shown, silent

COLUMNS = (
    "time",
    "media_time_s",
    "frame",
    "source",
    "configuration",
    "model",
    "backend",
    "devices",
    "precision",
    "class_id",
    "class_name",
    "score",
    "share",
    "left_px",
    "top_px",
    "right_px",
    "bottom_px",
    "track_id",
)

_FORMULA_SIGNS = ("=", "+", "-", "@")
"""A spreadsheet runs a cell that begins so (https://owasp.org/www-community/attacks/CSV_Injection)."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class CsvSink:
    """Writes UTF-8 with a header, commas, and line feeds; texts that a spreadsheet would run begin with an apostrophe.

    Args:
        path: Replaced when the first result comes.
    """

    def __init__(self, path: Path) -> None:
        self._file = LineFile(path)

    def open(self) -> None:
        """Make sure that the file can be written.

        Raises:
            SinkError: It cannot; nothing is left behind.
        """
        self._file.open()

    def write(self, shown: Shown) -> None:
        """Append a row for each thing that was found; nothing for a frame that no model has seen.

        Raises:
            SinkError: The disk does not take them; the file ends with the last whole row before this frame.
        """
        if isinstance(shown, Frame):
            return
        text = io.StringIO()
        table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        if not self._file.begun:
            table.writeheader()
        table.writerows(_rows(result_record(shown, masks=False)))
        self._file.append(text.getvalue())

    def close(self, progress: Progress = silent) -> None:
        """Close the file. Twice is once."""
        del progress  # It takes no time.
        self._file.close()


def _rows(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    configuration = record["configuration"]
    same = {
        "time": record["time"],
        "media_time_s": record["media_time_s"],
        "frame": record["frame"],
        "source": _harmless(record["source"]),
        "configuration": configuration["number"],
        "model": _harmless(configuration["model"]),
        "backend": configuration["backend"],
        "devices": _harmless("+".join(configuration["devices"])),
        "precision": configuration["precision"],
    }
    for thing in _things(record):
        box = dict(zip(("left_px", "top_px", "right_px", "bottom_px"), thing.get("box_xyxy_px", ()), strict=False))
        own = {key: thing[key] for key in ("class_id", "score", "share", "track_id") if key in thing}
        yield same | own | box | {"class_name": _harmless(thing["class_name"])}


def _things(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Objects, or the best classes, or the classes of a map."""
    found = record.get("detections") or record.get("classes") or record.get("segmentation", {}).get("classes", [])
    return list(found)


def _harmless(text: str) -> str:
    """The text on one line, and with an apostrophe in front where a spreadsheet would run it."""
    line = _CONTROL.sub(" ", text)
    return f"'{line}" if line.lstrip().startswith(_FORMULA_SIGNS) else line
