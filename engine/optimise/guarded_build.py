"""Builds the INT8 variant that the guard finds, or says what to run instead."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.backends.table import load_backend
from engine.cards import ModelCard, Precision
from engine.errors import CancelledError
from engine.optimise.alike import FAINT, Likeness, compare
from engine.optimise.build import layers, quantise, variant_file, work_folder
from engine.optimise.calibration import Calibration
from engine.optimise.guard import Attempt, Goal, Guarded
from engine.optimise.guard_search import search
from engine.optimise.one_lane import OneLane, card_of_variant, speed_up
from engine.optimise.variant import BuildControl, Layer, Quantisation, Recipe, Variant, VariantKind
from engine.results import Result

_BACKENDS = {Recipe.OPENVINO_INT8: "openvino", Recipe.ONNX_INT8: "onnxruntime"}
"""Who runs a variant while it is searched for: the runtime that it is made for."""
Accuracy = Callable[[ModelCard], float]
"""Mean average precision of a model on labelled pictures, 0 to 1."""

_SEARCHED = 50
"""Held-out frames to search by; a choice is confirmed by all of them."""
_HALVES = (Precision.BF16, Precision.FP16)


@dataclass(frozen=True, slots=True)
class FloatChoice:
    """The original in another float precision; ``speed_up`` is against FP32."""

    precision: Precision
    likeness: Likeness
    speed_up: float


@dataclass(frozen=True, slots=True)
class GuardedBuild:
    """What came of a guarded quantisation.

    Attributes:
        variant: The INT8 variant; None where none is worth it.
        guarded: What the search has found.
        choices: The original in the other precisions that its layers can be computed in here.
        goal: What was allowed.
    """

    variant: Variant | None
    guarded: Guarded
    choices: tuple[FloatChoice, ...]
    goal: Goal

    @property
    def verdict(self) -> str:
        """What was found, and what to run instead where that is better, as one sentence."""
        least = self.guarded.best.speed_up if self.guarded.best else 1.0
        better = [c for c in self.choices if c.speed_up > least and c.likeness.holds(self.goal.agreement)]
        if better:
            best = max(better, key=lambda choice: choice.speed_up)
            verdict, name, speed_up = self.guarded.verdict, best.precision.upper(), best.speed_up
            return f"{verdict}; the original in {name} runs {speed_up:.2f} times as fast on one thread as in FP32"
        return self.guarded.verdict if self.guarded.best else f"{self.guarded.verdict}; keep the original"


def quantise_guarded(
    card: ModelCard,
    kind: VariantKind,
    calibration: Calibration,
    goal: Goal,
    *,
    output: Path,
    control: BuildControl,
    accuracy: Accuracy | None = None,
) -> GuardedBuild:
    """Search for the fastest INT8 variant within the limit, and build it where there is one.

    Args:
        card: The original, in float.
        kind: onnx-int8 or openvino-int8.
        calibration: Frames to calibrate with, and frames to judge by.
        goal: What is allowed.
        output: File to write, .onnx or .xml as the kind has it.
        control: Told how far it is; can stop it.
        accuracy: Measures on labelled pictures, where there are some; then that decides what is allowed.

    Raises:
        ModelError: It cannot be quantised, or nothing can be told from the frames; with the reason.
        BackendError: The runtime cannot run it.
        SinkError: The file cannot be written.
        CancelledError: Nobody wants it any more.
    """
    with model_quantiser(card, kind, calibration, control, accuracy=accuracy) as quantiser:
        guarded = search(quantiser, goal, control)
        choices = quantiser.float_choices()
    variant = None
    if guarded.best is not None:
        variant = quantise(card, kind, guarded.best.quantisation, calibration, output=output, control=control)
    return GuardedBuild(variant, guarded, choices, goal)


@contextmanager
def model_quantiser(
    card: ModelCard,
    kind: VariantKind,
    calibration: Calibration,
    control: BuildControl,
    *,
    accuracy: Accuracy | None = None,
) -> Iterator[ModelQuantiser]:
    """A quantiser with its original running and a folder to work in.

    Raises:
        BackendError: The runtime cannot run the original.
        SinkError: The folder cannot be made.
        CancelledError: Nobody wants it any more.
    """
    original = OneLane(card, control.cancelled, backend=_BACKENDS[kind.recipe])
    with closing(original), work_folder() as folder:
        yield ModelQuantiser(
            card, kind, calibration, control=control, original=original, folder=folder, accuracy=accuracy
        )


class ModelQuantiser:
    """``guard.Quantiser`` on a real model: builds in a child, looks and times here.

    Args:
        card: The original.
        kind: onnx-int8 or openvino-int8.
        calibration: Frames.
        control: Can stop it.
        original: The original, running.
        folder: Where they are built, one after the other.
        accuracy: Measures on labelled pictures.
    """

    def __init__(
        self,
        card: ModelCard,
        kind: VariantKind,
        calibration: Calibration,
        *,
        control: BuildControl,
        original: OneLane,
        folder: Path,
        accuracy: Accuracy | None = None,
    ) -> None:
        self._card = card
        self._kind = kind
        self._calibration = calibration
        self._control = control
        self._original = original
        self._file = variant_file(card, kind, folder)
        self._accuracy = accuracy
        self._map = accuracy(card) if accuracy else 0.0
        self._expected = self._look(original, range(len(calibration.held_out)))

    def layers(self) -> Sequence[Layer]:
        """What there is to quantise."""
        return layers(self._card, self._kind, _Unheard(self._control))

    def measure(self, quantisation: Quantisation, *, thoroughly: bool) -> Attempt:
        """Build one, compare it and time it."""
        quantise(
            self._card,
            self._kind,
            quantisation,
            self._calibration,
            output=self._file,
            control=_Unheard(self._control),
        )
        card = card_of_variant(self._card, self._file)
        likeness, gained = self._measured(card, Precision.FP32, thoroughly)
        map_lost = self._map - self._accuracy(card) if self._accuracy else None
        return Attempt(quantisation, likeness, gained, map_lost)

    def float_choices(self) -> tuple[FloatChoice, ...]:
        """The original in the half precisions that its layers are really computed in here."""
        device = next(one for one in load_backend(self._backend).devices() if one.name == "CPU")
        usable = [info.precision for info in device.precisions if info.usable]
        return tuple(
            FloatChoice(precision, *self._measured(self._card, precision, thoroughly=True))
            for precision in _HALVES
            if precision in usable
        )

    @property
    def _backend(self) -> str:
        return _BACKENDS[self._kind.recipe]

    def _measured(self, card: ModelCard, precision: Precision, thoroughly: bool) -> tuple[Likeness, float]:
        numbers = _chosen(len(self._expected), len(self._expected) if thoroughly else _SEARCHED)
        lane = OneLane(card, self._control.cancelled, backend=self._backend, precision=precision)
        with closing(lane):
            likeness = compare(self._look(lane, numbers), [self._expected[number] for number in numbers])
            return likeness, speed_up(self._original, lane)

    def _look(self, lane: OneLane, numbers: Container[int]) -> list[Result]:
        """What is found on the held-out frames of these numbers."""
        found = []
        for number, picture in enumerate(self._calibration.pictures()):
            if self._control.cancelled():
                raise CancelledError
            if number in numbers:
                found.append(lane.look(picture, FAINT))
        return found


def _chosen(count: int, most: int) -> list[int]:
    """So many numbers below ``count`` at most, spread evenly."""
    most = min(count, most)
    return [number * count // most for number in range(most)]


class _Unheard:
    """Lets a build be stopped, but keeps its phases from being told in between those of the search."""

    def __init__(self, control: BuildControl) -> None:
        self._control = control
        self.cancelled = control.cancelled
        self.wait = control.wait

    def progress(self, _phase: str, _share: float | None = None) -> None:
        """Stop where nobody wants it any more."""
        if self._control.cancelled():
            raise CancelledError
