"""How long a task took last time, so that a person knows how long to wait."""

from __future__ import annotations

import json
from pathlib import Path

from engine.folders import cache_folder, write_atomic

_MOST = 500
"""Tasks remembered; the oldest are forgotten."""


def _file() -> Path:
    return cache_folder() / "durations.json"


def last_duration_s(task: str) -> float | None:
    """Seconds that a task took last time, None where nothing is known."""
    seconds = _read().get(task)
    return float(seconds) if isinstance(seconds, int | float) else None


def remember_duration(task: str, seconds: float) -> None:
    """Keep how long a task took. Only a convenience: where it cannot be written, nothing is kept."""
    durations = _read()
    durations.pop(task, None)
    durations[task] = round(seconds, 3)
    kept = dict(list(durations.items())[-_MOST:])
    try:
        write_atomic(_file(), json.dumps(kept, indent=0).encode())
    except OSError:
        return


def _read() -> dict[str, float]:
    try:
        durations = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return durations if isinstance(durations, dict) else {}
