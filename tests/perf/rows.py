"""A line of the table that ``bench.py`` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, what came of it, and whether that is good enough."""

    what: str
    reached: str
    goal: str
    met: bool
