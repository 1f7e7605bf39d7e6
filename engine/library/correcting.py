"""Applies a person's correction to a candidate and to the settled input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.cards import ColourOrder, Fit, InputSpec
from engine.errors import ModelError
from engine.library.candidate import Candidate, Triple
from engine.library.picture import LARGEST_BATCH, LARGEST_SIDE

_SMALLEST = 16

FAMILY = "family"


def correct_input(spec: InputSpec, settings: Mapping[str, str], subject: str) -> InputSpec:
    """The input with a person's settings.

    Raises:
        ModelError: A value makes no sense, or the file does not leave it free.
    """
    for key, value in settings.items():
        if key in _INPUT_SETTINGS:
            try:
                spec = _INPUT_SETTINGS[key](spec, value)
            except ValueError as error:
                raise ModelError(
                    f"{key}={value} cannot be used",
                    subject=subject,
                    expected=str(error),
                    remedy="Correct the model card",
                ) from error
    return spec


def correct_options(candidate: Candidate, settings: Mapping[str, str], subject: str) -> None:
    """Change options of the decoder in place.

    Raises:
        ModelError: There is no such setting, or its value has another type.
    """
    for key, value in settings.items():
        if key == FAMILY or key in _INPUT_SETTINGS:
            continue
        if key not in candidate.options:
            known = (FAMILY, *_INPUT_SETTINGS, "names", *candidate.options)
            raise ModelError(
                f"There is no setting {key!r}",
                subject=subject,
                expected=f"one of {', '.join(known)}",
                remedy="Choose one of these",
            )
        try:
            candidate.options[key] = _typed_like(candidate.options[key], value)
        except ValueError as error:
            raise ModelError(
                f"{key}={value} cannot be used", subject=subject, expected=str(error), remedy="Correct the model card"
            ) from error


def _typed_like(present: Any, text: str) -> Any:
    if isinstance(present, bool):
        if text.lower() not in ("true", "false"):
            raise ValueError("true or false")
        return text.lower() == "true"
    if isinstance(present, int):
        return _whole(text, 0, 1_000_000)
    if isinstance(present, tuple):
        return tuple(_whole(part, 1, 1_000_000) for part in text.split(","))
    return text


def _whole(text: str, least: int, most: int) -> int:
    if not text.strip().isdecimal() or not least <= int(text) <= most:
        raise ValueError(f"a whole number from {least} to {most}")
    return int(text)


def _triple(text: str) -> Triple:
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 3) or not all(abs(number) < 1e9 for number in numbers):
        raise ValueError("one number, or three with commas")
    first, second, third = numbers * 3 if len(numbers) == 1 else numbers
    return (first, second, third)


def _member(kind: Any, text: str) -> Any:
    try:
        return kind(text.lower())
    except ValueError:
        raise ValueError("one of " + ", ".join(member.value for member in kind)) from None


def _with_pad(spec: InputSpec, text: str) -> InputSpec:
    blue, green, red = _triple(text)
    if not all(0 <= channel <= 255 for channel in (blue, green, red)):
        raise ValueError("numbers from 0 to 255")
    return replace(spec, pad_bgr=(int(blue), int(green), int(red)))


def _with_scale(spec: InputSpec, text: str) -> InputSpec:
    scale = _triple(text)
    if 0.0 in scale:
        raise ValueError("numbers other than 0")
    return replace(spec, scale=scale)


def _with_batch(spec: InputSpec, text: str) -> InputSpec:
    batch = _whole(text, 1, LARGEST_BATCH)
    if batch != spec.batch and "batch" not in spec.free_axes:
        raise ValueError(f"{spec.batch}: the file fixes the batch")
    return replace(spec, batch=batch)


def _with_size(spec: InputSpec, text: str) -> InputSpec:
    width_text, _, height_text = text.lower().partition("x")
    width = _whole(width_text, _SMALLEST, LARGEST_SIDE)
    height = _whole(height_text or width_text, _SMALLEST, LARGEST_SIDE)
    for axis, wanted, present in (("width", width, spec.width), ("height", height, spec.height)):
        if wanted != present and axis not in spec.free_axes:
            raise ValueError(f"{spec.width}x{spec.height}: the file fixes the {axis}")
        if wanted != present and wanted % spec.size_multiple:
            raise ValueError(f"multiples of {spec.size_multiple}")
    return replace(spec, width=width, height=height)


_INPUT_SETTINGS: dict[str, Callable[[InputSpec, str], InputSpec]] = {
    "size": _with_size,
    "batch": _with_batch,
    "fit": lambda spec, text: replace(spec, fit=_member(Fit, text)),
    "pad": _with_pad,
    "colour": lambda spec, text: replace(spec, colour_order=_member(ColourOrder, text)),
    "mean": lambda spec, text: replace(spec, mean=_triple(text)),
    "scale": _with_scale,
}
"""Key -> the input with that setting; a ValueError says what would have been right."""
