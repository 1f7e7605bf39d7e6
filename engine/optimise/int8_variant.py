"""The INT8 variant that runs where INT8 is asked of a float model: looked for in few places, believed by its origin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from engine.cards import ModelCard
from engine.errors import ModelError
from engine.folders import write_atomic
from engine.library.identify import identify
from engine.library.model_file import read_model_file
from engine.optimise.build import variant_file
from engine.optimise.likeness import differences
from engine.optimise.shelf import kept, shelf_of
from engine.optimise.variant import Recipe, VariantKind, origin_in
from engine.sinks.disk import refusal

_FILE = "exported.json"
_VERSION = 1
_MOST_PLACES = 8
_LARGEST = 2**20


def int8_kinds(backend: str) -> tuple[VariantKind, ...]:
    """The INT8 variants that a backend runs, the one that is made for it first."""
    recipes = (Recipe.OPENVINO_INT8, Recipe.ONNX_INT8) if backend == "openvino" else (Recipe.ONNX_INT8,)
    return tuple(VariantKind(recipe) for recipe in recipes)


def find_int8(card: ModelCard, backend: str) -> ModelCard | None:
    """The INT8 variant of a model that a backend runs, None where there is none.

    It lies on the model's shelf, where ``export`` has put it, or beside the model. Its file must say that it was made
    of this very model, and it must be taken for what the model is.
    """
    for kind in int8_kinds(backend):
        for path in dict.fromkeys(_places(card, kind)):
            found = _believed(path, card, kind)
            if found is not None:
                return found
    return None


def remember_export(sha256: str, kind: VariantKind, path: Path) -> None:
    """Remember where a variant lies that was built into a person's folder.

    Args:
        sha256: Of its original.
        kind: Which variant.
        path: Its file.

    Raises:
        SinkError: The disk refuses.
    """
    file = shelf_of(sha256) / _FILE
    places = _exported(sha256)
    others = [place for place in places.get(kind.name, []) if place != str(path.absolute())]
    places[kind.name] = [str(path.absolute()), *others][:_MOST_PLACES]
    try:
        write_atomic(file, json.dumps({"version": _VERSION, "places": places}, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise refusal(file, error) from error


def _places(card: ModelCard, kind: VariantKind) -> Iterator[Path]:
    """Where a variant may lie."""
    yield from (finding.path for finding in kept(shelf_of(card.sha256)) if finding.name == kind.name)
    yield from (Path(place) for place in _exported(card.sha256).get(kind.name, []))
    yield variant_file(card, kind, card.path.parent)


def _exported(sha256: str) -> dict[str, list[str]]:
    """Name of a variant -> where it was exported to, the newest first; empty where nothing can be read."""
    file = shelf_of(sha256) / _FILE
    try:
        told = json.loads(file.read_text(encoding="utf-8")) if file.stat().st_size <= _LARGEST else {}
        places = told["places"] if told["version"] == _VERSION else {}
        return {str(name): [str(place) for place in each] for name, each in places.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _believed(path: Path, card: ModelCard, kind: VariantKind) -> ModelCard | None:
    """The card of a file that is this variant of this model; None for anything else."""
    try:
        if not path.is_file():
            return None
        origin = origin_in(read_model_file(path).graph.metadata)
        if origin is None or (origin.source_sha256, origin.recipe) != (card.sha256, kind.name):
            return None
        found = identify(path)
    except (ModelError, OSError):
        return None  # Damaged, or not to be read: as if it were not there.
    return None if differences(card, found) else found
