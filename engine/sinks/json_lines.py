"""Results as JSON lines: one object a frame, also where nothing was found. See ``docs/results.md``."""

from __future__ import annotations

import json
from pathlib import Path

from engine.frames import Frame
from engine.sinks.line_file import LineFile
from engine.sinks.rows import result_record
from engine.sinks.sink import Progress, Shown, silent


class JsonLinesSink:
    """Writes ``docs/results.schema.json``, a line a frame, each there for others as soon as it is written.

    Args:
        path: Replaced when the first line is written.
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
        """Append one line for a result; nothing for a frame that no model has seen.

        Raises:
            SinkError: The disk does not take it; the file ends with the last whole line.
        """
        if isinstance(shown, Frame):
            return
        self._file.append(json.dumps(result_record(shown), ensure_ascii=False, allow_nan=False) + "\n")

    def close(self, progress: Progress = silent) -> None:
        """Close the file. Twice is once."""
        del progress  # It takes no time.
        self._file.close()
