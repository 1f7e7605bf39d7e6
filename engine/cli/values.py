"""Values of options, for argparse: what may be typed, and what a person is told otherwise."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A whole number within bounds, both included."""
    expected = f"a whole number from {least}" + ("" if most is None else f" to {most}")

    def read(text: str) -> int:
        # int() takes "1_0" and numbers of any length; nobody means these.
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise argparse.ArgumentTypeError(f"expected {expected}")
        number = int(text)
        if number < least or (most is not None and number > most):
            raise argparse.ArgumentTypeError(f"expected {expected}")
        return number

    return read


def number(expected: str, fits: Callable[[float], bool]) -> Callable[[str], float]:
    """A number that fits; ``expected`` says which one does."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not fits(value):
            raise argparse.ArgumentTypeError(f"expected {expected}")
        return value

    return read


share = number("a number from 0 to 1", lambda value: 0 <= value <= 1)
positive = number("a number above 0", lambda value: 0 < value < 1e6)
not_negative = number("a number from 0", lambda value: 0 <= value < 1e9)


def size(text: str) -> tuple[int, int]:
    """Width and height in pixels, such as 1280x720."""
    width, _, height = text.lower().partition("x")
    try:
        return whole(1, 65535)(width), whole(1, 65535)(height)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError("expected a size such as 1280x720") from None
