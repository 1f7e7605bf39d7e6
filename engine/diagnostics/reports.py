"""Reports of what failed, as files: a few, each of a bounded size, without what is private."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from engine.diagnostics.identity import own_identity
from engine.diagnostics.logs import last_lines
from engine.folders import data_folder, write_atomic

CRASH, FAULT = "crash", "fault"
"""The process died, or something went wrong in it that nobody had thought of and it went on."""
_MOST = 10
_MOST_BYTES = 256_000
_MOST_CHARACTERS = 100_000
_TIME = "%Y%m%d-%H%M%S-%f"
_NEW = ".unread.txt"


@dataclass(frozen=True, slots=True)
class Report:
    """What was written down.

    Attributes:
        path: The file.
        at: When it happened, in local time.
        kind: ``CRASH`` or ``FAULT``.
    """

    path: Path
    at: datetime
    kind: str


def report_folder() -> Path:
    """Where the reports are."""
    return data_folder() / "crash"


def heading(kind: str) -> str:
    """What every report begins with: which program, where, when."""
    began = datetime.now().astimezone().isoformat(timespec="seconds")
    frozen = " (installed)" if getattr(sys, "frozen", False) else ""
    return (
        f"Inferoscope {version('inferoscope')}{frozen}, {kind}\n"
        f"Python {platform.python_version()}, {platform.platform()}\n"
        f"Began {began}, process {os.getpid()}\n\n"
    )


def write_report(kind: str, at: datetime, words: str, log: Path | None, *, new: bool = True) -> Path:
    """Keep a report, with the last lines of a log, and remove the oldest ones.

    Args:
        kind: ``CRASH`` or ``FAULT``.
        at: When it happened.
        words: What is known, with its heading.
        log: The log of the program that failed, None where it has none.
        new: Whether the next window tells of it.

    Raises:
        OSError: The folder cannot be written.
    """
    told = f"Happened {at.astimezone().isoformat(timespec='seconds')}\n{_first_lines(words)}"
    if log is not None:
        told += f"\n\nThe last lines of its log:\n{last_lines(log)}\n"
    name = f"{at.astimezone().strftime(_TIME)}-{os.getpid()}-{kind}{_NEW if new else '.txt'}"
    path = report_folder() / name
    write_atomic(path, own_identity().anonymiser().text(told).encode("utf-8", "replace")[:_MOST_BYTES])
    for old in all_reports()[:-_MOST]:
        old.path.unlink(missing_ok=True)
    return path


def _first_lines(words: str) -> str:
    """What fits, in whole lines: what is private is found by its whole line."""
    return words if len(words) <= _MOST_CHARACTERS else words[:_MOST_CHARACTERS].rpartition("\n")[0]


def all_reports() -> list[Report]:
    """Those that are kept, oldest first."""
    found = (_report(path) for path in report_folder().glob("*.txt"))
    return sorted((report for report in found if report is not None), key=lambda report: report.path.name)


def take_new() -> list[Report]:
    """Those that nobody has been told of; from now on they have. Of several windows that start, one alone gets each.

    Raises:
        OSError: The folder cannot be written: they would be told again at every start.
    """
    return [told for report in all_reports() if report.path.name.endswith(_NEW) and (told := _told(report))]


def _told(report: Report) -> Report | None:
    path = report.path.with_name(report.path.name.removesuffix(_NEW) + ".txt")
    try:
        report.path.rename(path)
    except FileNotFoundError:
        return None  # another window was there first
    return Report(path, report.at, report.kind)


def _report(path: Path) -> Report | None:
    stem = path.name.removesuffix(_NEW).removesuffix(".txt")
    try:
        return Report(path, datetime.strptime(stem[:22], _TIME).astimezone(), stem.rpartition("-")[2])
    except ValueError:
        return None  # no file of ours
