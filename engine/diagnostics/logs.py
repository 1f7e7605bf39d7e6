"""Where the log of a running program is. All of them together stay below a limit, however many run."""

from __future__ import annotations

import os
from pathlib import Path

from engine.folders import data_folder

FILE_BYTES = 1_000_000
OLDER_FILES = (4, 1, 1, 1)
"""So many older files are kept beside the log of the first window that runs, the second .. : 11 MB in all."""
_LAST_BYTES = 64_000


def log_folder() -> Path:
    """Where the log files are."""
    return data_folder() / "log"


def log_name(number: int) -> str:
    """The file that one of the windows that run writes, from 1."""
    return "inferoscope.log" if number == 1 else f"inferoscope-{number}.log"


def last_lines(path: Path, count: int = 200) -> str:
    """The end of a log; "" where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-count:])
