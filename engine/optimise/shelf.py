"""The variants that were built on this computer, by the SHA-256 of their original: where they lie."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.folders import data_folder, write_atomic
from engine.optimise.candidate import ORIGINAL

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
    told = read_shelf(folder)
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
    told = read_shelf(model.parent)
    return Path(told["original"]) if told else None


def read_shelf(shelf: Path) -> Mapping[str, Any] | None:
    """What stands in the file, None where there is none that can be read: then everything is measured again."""
    try:
        path = shelf / _FILE
        if path.stat().st_size > _LARGEST:
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) and told.get("version") == _VERSION and "original" in told else None


def write_shelf(shelf: Path, original: Path, findings: Sequence[Mapping[str, Any]]) -> None:
    """Write what ``read_shelf`` reads.

    Raises:
        OSError: The disk refuses.
    """
    document = {"version": _VERSION, "original": str(original), "findings": findings}
    write_atomic(shelf / _FILE, json.dumps(document, ensure_ascii=False, indent=1).encode())
