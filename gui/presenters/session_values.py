"""Takes values out of a document that a person may have edited: each is checked, and what is wrong says where it is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from engine.errors import InferoscopeError
from gui.texts import text

T = TypeVar("T")
Check = Callable[[Any], T]
"""Gives the value in its type; raises ValueError with what would have been right."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Fields:
    """One object of the document.

    Args:
        value: What stands there.
        place: Where that is, as a person finds it ("tiles[2].thresholds").
        warnings: Takes what is left out.
    """

    def __init__(self, value: Any, place: str, warnings: list[str]) -> None:
        if not isinstance(value, dict):
            raise wrong(place, text("SessionFile", "an object in braces"))
        self._values: dict[str, Any] = dict(value)
        self._place = place
        self._warnings = warnings

    def take(self, name: str, check: Check[T], default: T | None = None) -> T:
        """A value; the default where the name is absent.

        Raises:
            InferoscopeError: The value is wrong, or absent without a default.
        """
        if name not in self._values:
            if default is None:
                raise wrong(self.place_of(name), text("SessionFile", "that it is there"))
            return default
        value = self._values.pop(name)
        try:
            return check(value)
        except ValueError as error:
            raise wrong(self.place_of(name), str(error)) from error

    def optional(self, name: str, check: Check[T]) -> T | None:
        """A value that may be null or absent.

        Raises:
            InferoscopeError: It is wrong.
        """
        if self._values.get(name) is None:
            self._values.pop(name, None)
            return None
        return self.take(name, check)

    def objects(self, name: str, most: int) -> list[Fields]:
        """The objects of a list.

        Raises:
            InferoscopeError: It is no list of objects, or too long.
        """
        place = self.place_of(name)
        values = self._values.pop(name, [])
        if not isinstance(values, list) or len(values) > most:
            raise wrong(place, text("SessionFile", "a list of at most {count}").format(count=most))
        return [Fields(value, f"{place}[{index}]", self._warnings) for index, value in enumerate(values)]

    def fields(self, name: str) -> Fields:
        """An object inside this one, empty where it is absent."""
        return Fields(self._values.pop(name, {}), self.place_of(name), self._warnings)

    def leave_rest(self) -> None:
        """What was not taken is not known: say so."""
        for name in self._values:
            self._warnings.append(
                text("SessionFile", "{place} is not known and was left out").format(place=self.place_of(name))
            )

    def warn(self, name: str, what: str) -> None:
        """Say something about a value."""
        self._warnings.append(f"{self.place_of(name)}: {what}")

    def place_of(self, name: str) -> str:
        """Where a value of this object is."""
        return f"{self._place}.{name[:60]}" if self._place else name[:60]


def wrong(place: str, expected: str) -> InferoscopeError:
    """A value is not what it has to be. The value itself is not told: it may be a secret."""
    return InferoscopeError(
        text("SessionFile", "The session file is damaged"),
        subject=place,
        expected=expected,
        remedy=text("SessionFile", "Choose another file"),
    )


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(text("SessionFile", "true or false"))
    return value


def number(least: float, most: float) -> Check[float]:
    """A number within bounds, both included."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not _within(value, least, most):
            raise ValueError(text("SessionFile", "a number from {least:g} to {most:g}").format(least=least, most=most))
        return float(value)

    return check


def whole(least: int, most: int) -> Check[int]:
    """A whole number within bounds, both included."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(
                text("SessionFile", "a whole number from {least} to {most}").format(least=least, most=most)
            )
        return value

    return check


def line(longest: int, *, empty: bool = True) -> Check[str]:
    """One line of text."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest or _CONTROL.search(value) or not (value or empty):
            raise ValueError(text("SessionFile", "a line of at most {count} letters").format(count=longest))
        return value

    return check


Choice = TypeVar("Choice", bound=StrEnum)


def choice(kind: type[Choice]) -> Check[Choice]:
    """One of an enumeration's values."""

    def check(value: Any) -> Choice:
        if not isinstance(value, str) or value not in list(kind):
            raise ValueError(text("SessionFile", "one of {choices}").format(choices=", ".join(kind)))
        return kind(value)

    return check


def numbers(least: int, most: int) -> Check[frozenset[int]]:
    """A list of whole numbers, as a set."""

    def check(value: Any) -> frozenset[int]:
        if not isinstance(value, list):
            raise ValueError(text("SessionFile", "a list of whole numbers"))
        return frozenset(whole(least, most)(item) for item in value)

    return check


def mapping(key: Check[Any], item: Check[T]) -> Check[Mapping[Any, T]]:
    """An object whose names and values all pass a check."""

    def check(value: Any) -> Mapping[Any, T]:
        if not isinstance(value, dict):
            raise ValueError(text("SessionFile", "an object in braces"))
        return {key(name): item(entry) for name, entry in value.items()}

    return check


def _within(value: float, least: float, most: float) -> bool:
    try:
        return math.isfinite(value) and least <= value <= most
    except OverflowError:  # an integer beyond all floats
        return False
