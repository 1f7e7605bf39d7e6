"""What a person wants of a running stream, merged until its capture thread carries it out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go in a file: a frame, or the one on screen at a media time."""

    frame: int | None = None
    time_s: float | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything wanted at one moment. Carried out in the order of the attributes; an empty one only wakes.

    Attributes:
        retimed: The stream's options have changed.
        paused: Hold the picture, or go on; None leaves it.
        place: Go there.
        steps: Then so many frames further, or back.
        again: Analyse the held picture once more.
        connected: Do not wait for the next attempt to find a lost source.
    """

    retimed: bool = False
    paused: bool | None = None
    place: Place | None = None
    steps: int = 0
    again: bool = False
    connected: bool = False


def merge(earlier: Wish, later: Wish) -> Wish:
    """One wish that leads where the two lead one after the other: a new place makes earlier ways needless."""
    return Wish(
        retimed=earlier.retimed or later.retimed,
        paused=earlier.paused if later.paused is None else later.paused,
        place=later.place or earlier.place,
        steps=later.steps if later.place is not None else earlier.steps + later.steps,
        again=earlier.again or later.again,
        connected=earlier.connected or later.connected,
    )
