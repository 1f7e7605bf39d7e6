"""Where variants lie that were built into a person's own folders, by the SHA-256 of their original."""

from __future__ import annotations

import json
from pathlib import Path

from engine.errors import SinkError
from engine.folders import absolute, cache_folder, write_atomic
from engine.optimise.shelf import is_variant, shelf_of
from engine.optimise.variant import VariantKind
from engine.sinks.disk import refusal

_FILE = "exported.json"
_VERSION = 1
_MOST_PLACES = 8
_LARGEST = 2**20


def exported_to(sha256: str, kind: VariantKind) -> tuple[Path, ...]:
    """Where a variant of a model was built to, the newest first. It may be there no more, or be another file now."""
    return tuple(Path(place) for place in _places(sha256).get(kind.name, []))


def remember_export(sha256: str, kind: VariantKind, path: Path) -> str:
    """Remember where a variant lies, but for one on a shelf or in a work folder.

    Args:
        sha256: Of its original.
        kind: Which variant.
        path: Its file.

    Returns:
        What a person should know where the disk refuses; the variant itself is as good without. Else "".
    """
    place = absolute(path)
    if is_variant(place) or place.is_relative_to(absolute(cache_folder())):
        return ""
    places = _places(sha256)
    others = [other for other in places.get(kind.name, []) if other != str(place)]
    places[kind.name] = [str(place), *others][:_MOST_PLACES]
    file = shelf_of(sha256) / _FILE
    try:
        write_atomic(file, json.dumps({"version": _VERSION, "places": places}, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        return f"Where it lies is not remembered: {_reason(file, error)}"
    return ""


def _reason(file: Path, error: OSError) -> str:
    refused: SinkError = refusal(file, error)
    return f"{refused.what} ({refused.subject})"


def _places(sha256: str) -> dict[str, list[str]]:
    """Name of a variant -> places, the newest first; empty where nothing can be read."""
    file = shelf_of(sha256) / _FILE
    try:
        told = json.loads(file.read_text(encoding="utf-8")) if file.stat().st_size <= _LARGEST else {}
        places = told["places"] if told["version"] == _VERSION else {}
        return {str(name): [str(place) for place in each] for name, each in places.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
