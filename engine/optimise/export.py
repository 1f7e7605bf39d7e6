"""Builds variants one after the other, and measures what each has lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.cards import ModelCard
from engine.errors import CancelledError, InferoscopeError
from engine.library.identify import identify
from engine.optimise.alike import Likeness
from engine.optimise.build import build, remove, variant_file
from engine.optimise.calibration import Calibration
from engine.optimise.judge import Judge, try_out
from engine.optimise.variant import BuildControl, Variant, VariantKind

MeasureAccuracy = Callable[[ModelCard], float]
"""Mean average precision of a model on labelled pictures, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A variant that was built and runs, with what was measured of it (None where there was nothing to do it on)."""

    variant: Variant
    likeness: Likeness | None
    map: float | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A variant that is not to be had of this model, and why."""

    kind: VariantKind
    error: InferoscopeError


def export(
    card: ModelCard,
    kinds: Sequence[VariantKind],
    folder: Path,
    control: BuildControl,
    *,
    calibration: Calibration | None = None,
    accuracy: MeasureAccuracy | None = None,
) -> Iterator[Proven | Refused]:
    """Build variants; one that cannot be built is refused and keeps no other from being built.

    Args:
        card: The original.
        kinds: Which variants.
        folder: Where they go; what has the same name there is replaced.
        control: Told how far it is; can stop it.
        calibration: Frames to quantise with and to compare on.
        accuracy: Measures it where there are labels.

    Raises:
        CancelledError: Nobody wants them any more.
    """
    judge = Judge(card, calibration, control) if calibration is not None else None
    for kind in kinds:
        try:
            variant = build(card, kind, calibration, output=variant_file(card, kind, folder), control=control)
            yield _prove(variant, judge, accuracy, control)
        except CancelledError:
            raise
        except InferoscopeError as error:
            yield Refused(kind, error)


def _prove(variant: Variant, judge: Judge | None, accuracy: MeasureAccuracy | None, control: BuildControl) -> Proven:
    """Measure a variant; one that does not come through it is removed again."""
    try:
        card = identify(variant.path)
        try_out(card, control)
        likeness = judge.likeness(card) if judge is not None else None
        return Proven(variant, likeness, accuracy(card) if accuracy is not None else None)
    except InferoscopeError:
        remove(variant.path)
        raise
