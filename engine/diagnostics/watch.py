"""Watches over a running program: however it dies, what can be known of that is a report at the next start."""

from __future__ import annotations

import faulthandler
import logging
import traceback
from datetime import datetime
from io import FileIO
from pathlib import Path

from engine.diagnostics.logs import log_folder, log_name
from engine.diagnostics.reports import CRASH, FAULT, heading, report_folder, write_report
from engine.file_lock import is_still_there, lock

_log = logging.getLogger(__name__)

WINDOW, COMMAND = "window", "command"
MOST = {WINDOW: 4, COMMAND: 8}
"""So many programs of a kind are watched at the same time."""
_MOST_BYTES = 256_000
_MOST_FAULTS = 3
_END_OF_HEADING = b"\n\n"


class Watch:
    """One of the programs that run at the same time, known by its kind and number.

    Each has a file that is locked as long as it runs; the runtime's handler of fatal errors writes there. A clean end
    removes it. What is left of a process that is gone becomes a report when the next program starts; a file that has
    nothing but its heading belonged to a process that was killed, or to a computer that lost its power.

    Args:
        kind: ``WINDOW`` or ``COMMAND``.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._file: FileIO | None = None
        self._faults: set[tuple[str, str]] = set()
        self.number = 0
        """From 1; 0 where it is not watched."""
        self.killed = 0
        """So many were killed since the last start, or the computer lost its power."""

    def start(self) -> None:
        """Make reports of what died before, and watch from now on unless very many are watched already.

        Raises:
            OSError: The folder cannot be written.
        """
        report_folder().mkdir(parents=True, exist_ok=True)
        for number in range(1, MOST[self._kind] + 1):
            if self._file is not None and not _path(self._kind, number).exists():
                continue
            file = _take(self._kind, number)
            if file is None:
                continue
            try:
                self._harvest(file, number)
            except OSError:
                file.close()
                raise
            if self._file is None:
                self._begin(file, number)
            else:
                _remove(file)

    def _begin(self, file: FileIO, number: int) -> None:
        file.seek(0)
        file.truncate()
        file.write(heading(self._kind).encode())
        faulthandler.enable(file)
        self._file, self.number = file, number

    def _harvest(self, file: FileIO, number: int) -> None:
        """Make a report of what is left of another process."""
        file.seek(0)
        words = file.read(_MOST_BYTES)
        if not words:
            return
        if not words.partition(_END_OF_HEADING)[2].strip():
            self.killed += 1
            return
        at = datetime.fromtimestamp(Path(str(file.name)).stat().st_mtime).astimezone()
        window = self._kind == WINDOW
        log = log_folder() / log_name(number) if window else None
        write_report(CRASH, at, words.decode("utf-8", "replace"), log, new=window)

    def write_down(self, error: BaseException) -> None:
        """Keep a report of an error that nobody caught: one for each place, a few in all. Never raises."""
        trace = traceback.extract_tb(error.__traceback__)
        place = (type(error).__name__, str(trace[-1:]))
        if place in self._faults or len(self._faults) >= _MOST_FAULTS:
            return
        self._faults.add(place)
        words = heading(self._kind) + "".join(traceback.format_exception(error))
        log = log_folder() / log_name(self.number) if self._kind == WINDOW and self.number else None
        try:
            write_report(FAULT, datetime.now().astimezone(), words, log)
        except OSError as refusal:
            _log.error("No report of it can be written: %s", refusal)

    def end(self) -> None:
        """The program ends as it should. Twice is once."""
        if self._file is not None:
            faulthandler.disable()
            _remove(self._file)
        self._file = None


def _path(kind: str, number: int) -> Path:
    return report_folder() / f"{kind}-{number}.running"


def _take(kind: str, number: int) -> FileIO | None:
    """The file of a number, None where a program that runs has it."""
    file = FileIO(_path(kind, number), "ab+")
    if lock(file) and is_still_there(file):
        return file
    file.close()
    return None


def _remove(file: FileIO) -> None:
    """Give a number back. Windows removes no file that is open."""
    path = Path(str(file.name))
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        file.close()
        path.unlink(missing_ok=True)
    file.close()
