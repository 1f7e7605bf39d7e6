"""The INT8 variant that runs where INT8 is asked of a float model: looked for in few places, believed by its origin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.cards import ModelCard
from engine.errors import ModelError
from engine.library.identify import identify
from engine.library.model_file import read_model_file
from engine.optimise.build import variant_file
from engine.optimise.exported import exported_to
from engine.optimise.keeping import kept
from engine.optimise.likeness import differences
from engine.optimise.shelf import shelf_of
from engine.optimise.variant import Recipe, VariantKind, origin_in


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


def _places(card: ModelCard, kind: VariantKind) -> Iterator[Path]:
    """Where a variant may lie."""
    yield from (finding.path for finding in kept(shelf_of(card.sha256)) if finding.name == kind.name)
    yield from exported_to(card.sha256, kind)
    yield variant_file(card, kind, card.path.parent)


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
