"""Builds variants one after the other, and measures what each has lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.cards import ModelCard
from engine.errors import CancelledError, InferoscopeError, ModelError
from engine.library.identify import identify
from engine.optimise.alike import Likeness
from engine.optimise.build import build, refuse, remove, variant_file
from engine.optimise.calibration import Calibration
from engine.optimise.guard import Goal
from engine.optimise.guarded_build import GuardedBuild, quantise_guarded
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
    goal: Goal | None = None,
    accuracy: MeasureAccuracy | None = None,
) -> Iterator[Proven | Refused]:
    """Build variants; one that cannot be built is refused and keeps no other from being built.

    Args:
        card: The original.
        kinds: Which variants.
        folder: Where they go; what has the same name there is replaced.
        control: Told how far it is; can stop it.
        calibration: Frames to quantise with and to compare on.
        goal: What a quantised variant may lose, and how long to search for it; None to quantise everything that can be.
        accuracy: Measures it where there are labels.

    Raises:
        CancelledError: Nobody wants them any more.
    """
    judge = Judge(card, calibration, control) if calibration is not None else None
    for kind in kinds:
        try:
            output = variant_file(card, kind, folder)
            variant = build_within(goal, card, kind, calibration, output=output, control=control, accuracy=accuracy)
            yield _prove(variant, judge, accuracy, control)
        except CancelledError:
            raise
        except InferoscopeError as error:
            yield Refused(kind, error)


def build_within(
    goal: Goal | None,
    card: ModelCard,
    kind: VariantKind,
    calibration: Calibration | None,
    *,
    output: Path,
    control: BuildControl,
    accuracy: MeasureAccuracy | None = None,
) -> Variant:
    """Build a variant; a quantised one so that it keeps within a limit.

    Args:
        goal: What a quantised variant may lose, and how long to search for it; None to quantise everything that can be.
        card: The original.
        kind: Which variant.
        calibration: Frames, for a quantised one.
        output: File to write, .onnx or .xml as the kind has it.
        control: Told how far it is; can stop it.
        accuracy: Measures it where there are labels, and then decides what is allowed.

    Raises:
        ModelError: None is worth it, or it cannot be built.
        SinkError: The file cannot be written.
        CancelledError: Nobody wants it any more.
    """
    if kind.is_int8 and goal is not None and calibration is not None:
        refuse(card, kind)
        found = quantise_guarded(card, kind, calibration, goal, output=output, control=control, accuracy=accuracy)
        return _worth(found, card, kind)
    return build(card, kind, calibration, output=output, control=control)


def _worth(found: GuardedBuild, card: ModelCard, kind: VariantKind) -> Variant:
    """The quantised variant that was found.

    Raises:
        ModelError: None is worth it.
    """
    if found.variant is None:
        remedy = "Allow more to be lost, or choose another variant"
        raise ModelError(f"{kind.name}: {found.verdict}", subject=card.path.name, remedy=remedy)
    return replace(found.variant, notes=(*found.variant.notes, found.verdict))


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
