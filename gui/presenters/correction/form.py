"""Everything about a model that a person can correct, as fields of a form: a pure function of its card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from engine.cards import ColourOrder, Fit, InputSpec, ModelCard
from engine.decoders.table import DECODERS
from engine.library.correcting import FAMILY
from gui.presenters.correction.words import family_words, input_words, option_words
from gui.presenters.model_words import colour_words, fit_words, numbers
from gui.texts import text

INPUT_KEYS = ("size", "batch", "fit", "pad", "colour", "mean", "scale")
"""Settings that every family has."""


class FieldKind(StrEnum):
    """How a setting is changed."""

    CHOICE = "choice"
    SWITCH = "switch"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FieldState:
    """One setting as it is shown.

    Attributes:
        key: As ``engine.library.correcting`` knows it.
        title, tip: What it is, and what it does.
        kind: How it is changed.
        value: As a correction writes it.
        choices: (value, what it is called), where one is chosen.
        said: It is the person's word, not the program's.
        fixed: Why it cannot be changed, "" where it can.
    """

    key: str
    title: str
    tip: str
    kind: FieldKind
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    said: bool = False
    fixed: str = ""


def fields(card: ModelCard | None, settings: Mapping[str, str]) -> tuple[FieldState, ...]:
    """The form.

    Args:
        card: What the model is taken for, None where it could not be identified: only its family can be said then.
        settings: What the person said, which is shown as it was written.
    """
    found = [_family(card), *([] if card is None else [*_input(card.input), *_options(card.options)])]
    return tuple(replace(f, value=settings[f.key], said=True) if f.key in settings else f for f in found)


def _family(card: ModelCard | None) -> FieldState:
    choices = tuple((family, family_words(family)) for family in DECODERS)
    tip = text("Correction", "Decides how the numbers that the model gives are read.")
    unknown = (("", text("Correction", "unknown")),) if card is None else ()
    title, value = text("Correction", "Family"), card.family if card else ""
    return FieldState(FAMILY, title, tip, FieldKind.CHOICE, value, (*unknown, *choices))


def _input(spec: InputSpec) -> Iterator[FieldState]:
    values = {
        "size": f"{spec.width}x{spec.height}",
        "batch": str(spec.batch),
        "fit": spec.fit.value,
        "pad": numbers(spec.pad_bgr),
        "colour": spec.colour_order.value,
        "mean": numbers(spec.mean),
        "scale": numbers(spec.scale),
    }
    choices = {
        "fit": tuple((fit.value, fit_words(fit)) for fit in Fit),
        "colour": tuple((order.value, colour_words(order)) for order in ColourOrder),
    }
    for key in INPUT_KEYS:
        title, tip = input_words(key)
        kind = FieldKind.CHOICE if key in choices else FieldKind.TEXT
        yield FieldState(key, title, tip, kind, values[key], choices.get(key, ()), fixed=_fixed(key, spec))


def _fixed(key: str, spec: InputSpec) -> str:
    free = set(spec.free_axes)
    if (key == "size" and not free & {"height", "width"}) or (key == "batch" and "batch" not in free):
        return text("Correction", "The file fixes it.")
    return ""


def _options(options: Mapping[str, Any]) -> Iterator[FieldState]:
    for key, value in options.items():
        title, tip = option_words(key)
        if isinstance(value, bool):
            yield FieldState(key, title, tip, FieldKind.SWITCH, "true" if value else "false")
        elif key == "box_format":
            yield FieldState(key, title, tip, FieldKind.CHOICE, str(value), _BOX_FORMATS)
        else:
            shown = ",".join(str(v) for v in value) if isinstance(value, (tuple, list)) else str(value)
            yield FieldState(key, title, tip, FieldKind.TEXT, shown)


_BOX_FORMATS = (("xyxy", "x1 y1 x2 y2"), ("yxyx", "y1 x1 y2 x2"))
