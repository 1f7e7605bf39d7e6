"""A text file that grows by whole lines, so that it can be followed while it is written."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

from engine.sinks.disk import refusal


class LineFile:
    """Takes whole lines and hands each at once to the system: unbuffered, in one call.

    The file begins with its first line. Until then what stood there before is untouched, and a file that was made for
    nothing is removed again. Where the disk takes only a part of a line, that part is cut off again.

    Args:
        path: A file, or a pipe or device such as ``/dev/stdout``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: io.FileIO | None = None
        self._begun = False
        self._is_new = False
        self._can_cut = False

    @property
    def begun(self) -> bool:
        """Whether a line has been written."""
        return self._begun

    def open(self) -> None:
        """Make sure that the file can be written.

        Raises:
            SinkError: It cannot; nothing is left behind.
        """
        try:
            self._is_new = not self._path.exists()
            self._file = io.FileIO(self._path, "ab")
            self._can_cut = stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)
        except OSError as error:
            raise refusal(self._path, error) from error

    def append(self, lines: str) -> None:
        """Write whole lines, each ending with a line feed.

        Raises:
            SinkError: The disk does not take them; the file ends with the last whole line before them.
        """
        if self._file is None:
            raise ValueError(f"{self._path} is not open")
        try:
            if not self._begun and self._can_cut:
                self._file.truncate(0)
            self._begun = True
            self._write(self._file, lines.encode("utf-8", "replace"))
        except OSError as error:
            raise refusal(self._path, error) from error

    def close(self) -> None:
        """Close the file; one that was made for nothing is removed. Twice is once."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        if self._is_new and not self._begun:
            self._path.unlink(missing_ok=True)

    def _write(self, file: io.FileIO, content: bytes) -> None:
        whole = os.fstat(file.fileno()).st_size
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            if self._can_cut:
                file.truncate(whole)
            raise
