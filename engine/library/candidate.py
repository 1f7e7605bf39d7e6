"""One guess at what a model is, with what speaks for and against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.cards import ColourOrder, Fit, Task

Triple = tuple[float, float, float]

UNIT: Triple = (255.0, 255.0, 255.0)
"""Scale that makes 0 to 1."""

RAW: Triple = (1.0, 1.0, 1.0)
"""Scale that leaves 0 to 255."""

NO_MEAN: Triple = (0.0, 0.0, 0.0)

IMAGENET_MEAN: Triple = (123.675, 116.28, 103.53)
IMAGENET_SCALE: Triple = (58.395, 57.12, 57.375)
"""Mean and standard deviation of ImageNet, RGB, 0 to 255 (torchvision.transforms documentation)."""


@dataclass(frozen=True, slots=True)
class Convention:
    """How an exporter's own tools turn a picture into the input, unless the file says otherwise."""

    fit: Fit = Fit.LETTERBOX_CENTRE
    pad_bgr: tuple[int, int, int] = (114, 114, 114)
    colour_order: ColourOrder = ColourOrder.RGB
    mean: Triple = NO_MEAN
    scale: Triple = UNIT
    size: int = 640
    size_multiple: int = 32


@dataclass(slots=True)
class Candidate:
    """A family that could read the outputs, and how likely it is.

    Attributes:
        family: Key of ``engine.decoders.table``.
        title: The name that people know.
        task: What the model then answers.
        roles, options: For the decoder.
        convention: How pictures become inputs.
        classes: Number of classes as far as the outputs tell.
        known_sets: Keys of ``class_names.KNOWN_SETS`` that may name the classes.
        evidence: What speaks for it.
        questions: What a person would have to say.
        warnings: What a person should know.
    """

    family: str
    title: str
    task: Task
    roles: dict[str, str]
    options: dict[str, Any] = field(default_factory=dict)
    convention: Convention = field(default_factory=Convention)
    classes: int | None = None
    known_sets: tuple[str, ...] = ()
    evidence: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _doubt: float = 1.0
    _share: float = 1.0

    @property
    def score(self) -> float:
        """How likely the guess is by itself, 0 to 1."""
        return (1.0 - self._doubt) * self._share

    def support(self, weight: float, sentence: str) -> None:
        """Something speaks for it: the doubt shrinks by ``weight`` (0 to 1)."""
        self._doubt *= 1.0 - weight
        self.evidence.append(sentence)

    def oppose(self, weight: float) -> None:
        """Something speaks against it: all that speaks for it counts less by ``weight`` (0 to 1)."""
        self._share *= 1.0 - weight
