"""What was found of the variants that were built on this computer, kept on the shelf of their original."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from engine.cards import Precision
from engine.folders import write_atomic
from engine.optimise.alike import Likeness
from engine.optimise.candidate import ORIGINAL
from engine.optimise.plan import Finding
from engine.optimise.report import WorstFrame
from engine.optimise.shelf import read_shelf, write_shelf
from engine.sinks.disk import refusal


def kept(shelf: Path) -> tuple[Finding, ...]:
    """What was found of the variants on a shelf whose files are still there, the original first."""
    told = read_shelf(shelf)
    try:
        findings = [_finding(entry, shelf) for entry in told["findings"]] if told else []
    except (KeyError, TypeError, ValueError):
        return ()
    return tuple(finding for finding in findings if finding.name == ORIGINAL or finding.path.is_file())


def keep(shelf: Path, original: Path, findings: Sequence[Finding]) -> None:
    """Remember what was found; what is known of others on this shelf stays.

    Args:
        shelf: The folder.
        original: What variants were made from, as a person's models call it.
        findings: Those that were measured.

    Raises:
        SinkError: The disk refuses.
    """
    measured = {finding.name for finding in findings}
    others = [finding for finding in kept(shelf) if finding.name not in measured]
    ordered = sorted((*findings, *others), key=lambda finding: finding.name != ORIGINAL)
    try:
        write_shelf(shelf, original, [_document(finding, shelf) for finding in ordered])
    except OSError as error:
        raise refusal(shelf, error) from error


def _document(finding: Finding, shelf: Path) -> dict[str, Any]:
    """A finding; its pictures go into files beside it."""
    ran = "-".join((finding.name, finding.backend, re.sub(r"\W", "_", finding.device), finding.precision))
    worst = [_keep_pictures(frame, shelf, f"{ran}-{number}") for number, frame in enumerate(finding.worst)]
    return {**asdict(replace(finding, worst=())), "path": str(finding.path), "worst": worst}


def _keep_pictures(frame: WorstFrame, shelf: Path, stem: str) -> dict[str, Any]:
    for which, content in (("original", frame.original), ("variant", frame.variant)):
        write_atomic(shelf / "frames" / f"{stem}-{which}.jpg", content)
    return {"name": frame.name, "place": frame.place, "frame": frame.frame, "agreement": frame.agreement, "stem": stem}


def _finding(entry: Mapping[str, Any], shelf: Path) -> Finding:
    likeness = Likeness(**{**entry["likeness"], "by_frame": tuple(entry["likeness"]["by_frame"])})
    worst = tuple(_worst(told, shelf) for told in entry["worst"])
    path, precision = Path(entry["path"]), Precision(entry["precision"])
    return Finding(**{**entry, "path": path, "precision": precision, "likeness": likeness, "worst": worst})


def _worst(told: Mapping[str, Any], shelf: Path) -> WorstFrame:
    pictures = [_picture(shelf / "frames" / f"{told['stem']}-{which}.jpg") for which in ("original", "variant")]
    return WorstFrame(told["name"], told["place"], told["frame"], told["agreement"], *pictures)


def _picture(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} is gone") from error
