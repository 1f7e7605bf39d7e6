"""A variant is taken for what its original is: the same family, task, class names, inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.cards import InputSpec, ModelCard
from engine.errors import ModelError
from engine.library.corrections import Correction, store_correction
from engine.library.identify import identify

NAMES_KEY = "names"

_NAMED_ALREADY = ("metadata", "numbers")
"""Where class names may come from that need not be written into a variant."""


def names_metadata(card: ModelCard) -> dict[str, str]:
    """Class names that lie beside the original or in a person's correction, for the variant's own metadata."""
    if card.class_names_from in _NAMED_ALREADY or not card.class_names:
        return {}
    return {NAMES_KEY: str(dict(enumerate(card.class_names)))}


def settle(card: ModelCard, path: Path) -> tuple[ModelCard, str]:
    """The card of a variant, which agrees with that of its original.

    What does not stand in the file (mean and scale from a file beside the original, a person's correction) is
    remembered on this computer, as a correction of the variant.

    Returns:
        The card, and a sentence where something had to be remembered.

    Raises:
        ModelError: The variant is another kind of model, or cannot be identified at all.
    """
    found = _identified(path)
    if found is not None and not differences(card, found):
        return found, ""
    correction = Correction(_settings(card), card.class_names, card.path.name)
    found = identify(path, correction=correction)
    different = differences(card, found)
    if different:
        raise ModelError(
            f"The variant would not be taken for what the original is: its {', '.join(different)} differ",
            subject=card.path.name,
            remedy="Choose another variant",
        )
    store_correction(found.sha256, correction)
    return found, "What is known of the original beside its file is remembered on this computer for the variant"


def _identified(path: Path) -> ModelCard | None:
    """The card by the file alone, None where what is known of the original is needed to say what it is."""
    try:
        return identify(path)
    except ModelError:
        return None


def differences(card: ModelCard, other: ModelCard) -> list[str]:
    """In what a person would notice two cards differ, in words."""
    facts = {
        "task": (card.task, other.task),
        "family": (card.family, other.family),
        "outputs": (dict(card.roles), dict(other.roles)),
        "decoder's options": (dict(card.options), dict(other.options)),
        "class names": (card.class_names, other.class_names),
        "key points": (card.keypoint_names, other.keypoint_names),
        "input": (_comparable(card.input), _comparable(other.input)),
        "names of inputs and outputs": (_tensor_names(card), _tensor_names(other)),
    }
    return [words for words, (one, another) in facts.items() if one != another]


def _comparable(spec: InputSpec) -> InputSpec:
    """An input without what formats write differently."""
    return replace(spec, free_axes=tuple(sorted(spec.free_axes)))


def _tensor_names(card: ModelCard) -> tuple[list[str], list[str]]:
    return [tensor.name for tensor in card.inputs], [tensor.name for tensor in card.outputs]


def _settings(card: ModelCard) -> Mapping[str, str]:
    """A correction that says all that may be corrected of a card."""
    spec = card.input
    options = {key: _as_text(value) for key, value in card.options.items() if isinstance(value, bool | int | tuple)}
    return {
        **options,
        "family": card.family,
        "size": f"{spec.width}x{spec.height}",
        "batch": str(spec.batch),
        "fit": spec.fit.value,
        "pad": ",".join(map(str, spec.pad_bgr)),
        "colour": spec.colour_order.value,
        "mean": ",".join(map(str, spec.mean)),
        "scale": ",".join(map(str, spec.scale)),
    }


def _as_text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
