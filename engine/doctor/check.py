"""What the self-test found out about one thing: data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from engine.errors import InferoscopeError


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It is not here, or cannot be used here, and need not be."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report.

    Attributes:
        area: "files", "folders", "video", "pictures", "drawing", "cameras" or "inference".
        title: What was checked ("OpenVINO · CPU · FP32").
        outcome: How it ended.
        found: What was seen, in few words.
        reason: Why it failed or was skipped, one sentence.
        cure: What to do about it, one sentence.
        elapsed_s: What it took.
        run: For the area "inference": the figures that docs/json.md describes.
    """

    area: str
    title: str
    outcome: Outcome
    found: str = ""
    reason: str = ""
    cure: str = ""
    elapsed_s: float = 0.0
    run: Mapping[str, Any] | None = None


def passed(area: str, title: str, found: str) -> Check:
    """It works."""
    return Check(area, title, Outcome.PASSED, found)


def failed(area: str, title: str, error: InferoscopeError) -> Check:
    """It does not work, and the error says why."""
    expected = f"; expected {error.expected}" if error.expected else ""
    return Check(area, title, Outcome.FAILED, reason=f"{error.what}{expected}", cure=error.remedy)


def skipped(area: str, title: str, reason: str, cure: str = "", run: Mapping[str, Any] | None = None) -> Check:
    """It could not be checked, which is no failure."""
    return Check(area, title, Outcome.SKIPPED, reason=reason, cure=cure, run=run)


def to_json(check: Check) -> dict[str, Any]:
    """A check as plain data."""
    return {**asdict(check), "outcome": check.outcome.value, "elapsed_s": round(check.elapsed_s, 3)}


def from_json(document: Mapping[str, Any]) -> Check:
    """The check that ``to_json`` wrote."""
    return Check(**{**document, "outcome": Outcome(document["outcome"])})
