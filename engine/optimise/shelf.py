"""The variants that were built on this computer, by the SHA-256 of their original, and what was found of each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engine.cards import Precision
from engine.folders import data_folder, write_atomic
from engine.optimise.alike import Likeness
from engine.optimise.candidate import ORIGINAL
from engine.optimise.plan import Finding
from engine.optimise.report import WorstFrame
from engine.sinks.disk import refusal

_FILE = "findings.json"
_VERSION = 1
_LARGEST = 2**24


def variants_home() -> Path:
    """Folder of all variants; one folder a model below it."""
    return data_folder() / "variants"


def is_variant(model: Path) -> bool:
    """Whether a file is on a shelf: made by the program of another model."""
    return model.parent.parent == variants_home()


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was made of one model.

    Attributes:
        sha256: Of the original.
        original: What a person's models call it.
        variants: Name -> file, those that are still there.
    """

    sha256: str
    original: Path
    variants: Mapping[str, Path]


def shelves() -> tuple[Shelf, ...]:
    """Everything that was built on this computer. Looks at the disk."""
    try:
        folders = sorted(folder for folder in variants_home().iterdir() if folder.is_dir())
    except OSError:
        return ()  # Nothing was built yet.
    return tuple(shelf for folder in folders if (shelf := _shelf(folder)) is not None and shelf.variants)


def _shelf(folder: Path) -> Shelf | None:
    told = _read(folder)
    try:
        entries = [(str(entry["name"]), Path(entry["path"])) for entry in told["findings"]] if told else []
    except (KeyError, TypeError):
        return None
    there = {name: path for name, path in entries if name != ORIGINAL and path.is_file()}
    return Shelf(folder.name, Path(told["original"]), there) if told else None


def shelf_of(sha256: str) -> Path:
    """Folder of the variants of a model; it need not exist."""
    return variants_home() / sha256


def original_of(model: Path) -> Path | None:
    """The model that a file on a shelf was made from, as it was called there; None for any other file."""
    if not is_variant(model):
        return None
    told = _read(model.parent)
    return Path(told["original"]) if told else None


def kept(shelf: Path) -> tuple[Finding, ...]:
    """What was found of the variants on a shelf whose files are still there, the original first."""
    told = _read(shelf)
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
        entries = [_document(finding, shelf) for finding in ordered]
        document = {"version": _VERSION, "original": str(original), "findings": entries}
        write_atomic(shelf / _FILE, json.dumps(document, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise refusal(shelf, error) from error


def _read(shelf: Path) -> Mapping[str, Any] | None:
    """What stands in the file, None where there is none that can be read: then everything is measured again."""
    try:
        path = shelf / _FILE
        if path.stat().st_size > _LARGEST:
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) and told.get("version") == _VERSION and "original" in told else None


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
