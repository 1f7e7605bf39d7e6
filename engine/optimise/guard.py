"""Guarded quantisation: what a person allows, what was tried, and what came of it. ``guard_search`` finds it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from engine.optimise.alike import Likeness
from engine.optimise.variant import Layer, Quantisation


@dataclass(frozen=True, slots=True)
class Goal:
    """What a person allows.

    Attributes:
        agreement: Least agreement with the original, 0 to 1: F1 of objects, see ``alike.Likeness``.
        seconds: How long the search may take.
        map_loss: Most that may be lost of the mean average precision, 0 to 1: decides where there are labels.
    """

    agreement: float = 0.95
    seconds: float = 1200.0
    map_loss: float = 0.01

    def allows(self, attempt: Attempt) -> bool:
        """Whether an attempt has lost no more than that."""
        return self.margin(attempt) >= 0

    def is_met(self, attempt: Attempt) -> bool:
        """Whether it is within the limit, and would be were nothing granted to scores that slip below the threshold.

        The strict F1 of n objects is 1 - e / 2n where e of them are missing or too many. At the limit, e counts rare
        events: its variance is its mean, 2n (1 - limit). So F1 must lie above the limit by its standard error,
        sqrt((1 - limit) / 2n), to prove anything.
        """
        likeness = attempt.likeness
        if attempt.map_lost is not None or likeness.at_threshold is None:
            return self.allows(attempt)
        error = math.sqrt((1 - self.agreement) / (2 * max(1, likeness.expected)))
        return self.allows(attempt) and likeness.at_threshold >= self.agreement + error

    def margin(self, attempt: Attempt) -> float:
        """How much more it could lose, negative where it has lost too much; in what the limit is in."""
        if attempt.map_lost is not None:
            return self.map_loss - attempt.map_lost
        return attempt.likeness.limit - self.agreement

    def stricter(self, by: float) -> Goal:
        """One that allows less."""
        return replace(self, agreement=min(1.0, self.agreement + by), map_loss=self.map_loss - by)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A quantised model that was built, looked at and timed.

    Attributes:
        quantisation: What stayed in float.
        likeness: To the original.
        speed_up: How many times as fast as the original in float, on one thread.
        map_lost: Mean average precision lost, negative where it has won; None where there are no labels.
    """

    quantisation: Quantisation
    likeness: Likeness
    speed_up: float
    map_lost: float | None = None


class Quantiser(Protocol):
    """Builds and measures quantised models."""

    def layers(self) -> Sequence[Layer]:
        """What there is, in the order of computation.

        Raises:
            ModelError: It cannot be quantised.
        """

    def measure(self, quantisation: Quantisation, *, thoroughly: bool) -> Attempt:
        """Build one, compare it with the original and time it.

        Args:
            quantisation: What stays in float.
            thoroughly: On all held-out frames, not on those alone that are for searching.

        Raises:
            ModelError: It cannot be built.
            CancelledError: Nobody wants it any more.
        """


@dataclass(frozen=True, slots=True)
class Guarded:
    """What a search has found.

    Attributes:
        best: The best trade within the limit, measured thoroughly; None where no INT8 variant is worth it.
        nearest: Where there is no best: of those that are faster, the one nearest to the limit; None if none is.
        frontier: The attempts than which none was both faster and more alike, fastest first.
        trials: How many were built.
        seconds: How long it took.
    """

    best: Attempt | None
    nearest: Attempt | None
    frontier: tuple[Attempt, ...]
    trials: int
    seconds: float

    @property
    def verdict(self) -> str:
        """One sentence for a person."""
        if self.best is not None:
            return f"INT8 runs {_found(self.best)}"
        if self.nearest is None:
            return "INT8 is no faster than the original here"
        nearest, scores = _found(self.nearest), f"{self.nearest.likeness.closeness:.1%}"
        return (
            "No INT8 variant within the limit is faster than the original; "
            f"the nearest runs {nearest} (places and scores to {scores})"
        )


def _found(one: Attempt) -> str:
    told = f"{one.speed_up:.2f} times as fast on one thread and agrees to {one.likeness.agreement:.1%}"
    if one.map_lost is None:
        return told
    if one.map_lost > 0:
        return f"{told}; its mean average precision is {one.map_lost:.3f} lower"
    return f"{told}; its mean average precision is {-one.map_lost:.3f} higher"
