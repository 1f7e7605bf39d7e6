"""What a bottle is: its shape, its colours, its label, and what is wrong with it. Chosen by chance, drawn elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLASS_NAMES = ("bottle", "missing_cap", "skewed_label", "low_fill", "crack")
"""Classes of the truth, by class id. Every one but the first is a defect."""
BOTTLE, MISSING_CAP, SKEWED_LABEL, LOW_FILL, CRACK = range(len(CLASS_NAMES))


@dataclass(frozen=True, slots=True)
class Shape:
    """A form of bottle. ``profile`` holds (height, radius), both in heights of the bottle without its cap.

    Attributes:
        height: Metres.
        profile: From the base to the mouth.
        fill: Height of the liquid when full.
        label: Lower and upper edge of the label.
        cap: Height of the cap.
    """

    height: float
    profile: tuple[tuple[float, float], ...]
    fill: float
    label: tuple[float, float]
    cap: float


SHAPES = (
    Shape(  # wine
        0.285,
        ((0, 0.128), (0.02, 0.136), (0.56, 0.136), (0.63, 0.122), (0.69, 0.078), (0.73, 0.062), (1, 0.06)),
        0.70, (0.12, 0.43), 0.1,
    ),
    Shape(  # burgundy
        0.28,
        ((0, 0.134), (0.02, 0.142), (0.45, 0.142), (0.56, 0.122), (0.68, 0.082), (0.78, 0.063), (1, 0.06)),
        0.69, (0.1, 0.39), 0.09,
    ),
    Shape(  # beer
        0.25,
        ((0, 0.134), (0.03, 0.146), (0.54, 0.146), (0.62, 0.128), (0.73, 0.08), (0.8, 0.07), (1, 0.066)),
        0.73, (0.14, 0.42), 0.07,
    ),
    Shape(  # soda with a waist
        0.245,
        ((0, 0.13), (0.03, 0.148), (0.14, 0.15), (0.3, 0.134), (0.45, 0.15), (0.56, 0.143), (0.7, 0.092), (0.8, 0.074),
         (1, 0.07)),
        0.74, (0.16, 0.42), 0.085,
    ),
    Shape(  # water
        0.27,
        ((0, 0.13), (0.03, 0.142), (0.6, 0.142), (0.69, 0.126), (0.78, 0.08), (0.82, 0.067), (1, 0.064)),
        0.75, (0.22, 0.5), 0.085,
    ),
    Shape(  # sauce, short and wide
        0.205,
        ((0, 0.18), (0.04, 0.195), (0.5, 0.195), (0.62, 0.172), (0.74, 0.108), (0.8, 0.092), (1, 0.088)),
        0.73, (0.12, 0.41), 0.105,
    ),
)  # fmt: skip

_GLASS = ((38, 86, 150), (52, 118, 58), (214, 218, 212), (176, 118, 44), (196, 208, 184), (60, 60, 148))
_LIQUID = ((24, 52, 112), (18, 26, 62), (60, 150, 214), (44, 110, 236), (40, 40, 170), (132, 196, 140), (206, 174, 120))
_CAPS = ((52, 48, 208), (44, 158, 236), (196, 192, 188), (70, 150, 66), (176, 92, 40), (46, 44, 42), (110, 196, 224))


@dataclass(frozen=True, slots=True)
class Bottle:
    """One bottle to be drawn. Colours are blue, green, red; heights in heights of the bottle; angles in radians.

    Attributes:
        defects: Class ids of what is wrong.
        level: Height of the liquid.
        skew: Turn of the label in its plane.
        facing: Turn of the bottle about its axis; 0 shows the middle of the label.
        design: Seed of the label's picture and of the crack's course.
    """

    shape: Shape
    size: float
    glass: tuple[int, int, int]
    liquid: tuple[int, int, int]
    cap: tuple[int, int, int]
    crown: bool
    defects: frozenset[int]
    level: float
    skew: float
    facing: float
    design: tuple[int, ...]


def choose_bottle(seed: tuple[int, ...], flawed: float) -> Bottle:
    """The bottle of a seed; ``flawed`` is the chance that something is wrong with it."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[rng.integers(len(SHAPES))]
    defects = _choose_defects(rng, flawed)
    level = shape.fill + rng.uniform(-0.012, 0.012)
    if LOW_FILL in defects:
        level = shape.label[1] + rng.uniform(0.02, 0.55) * (shape.fill - shape.label[1] - 0.15)
    skew = rng.uniform(-0.025, 0.025)
    if SKEWED_LABEL in defects:
        skew = float(rng.choice((-1, 1))) * rng.uniform(0.16, 0.34)
    return Bottle(
        shape=shape,
        size=shape.height * rng.uniform(0.94, 1.06),
        glass=_shade(rng, _GLASS),
        liquid=_shade(rng, _LIQUID),
        cap=_shade(rng, _CAPS),
        crown=bool(rng.random() < 0.4),
        defects=defects,
        level=float(level),
        skew=float(skew),
        facing=float(rng.uniform(-0.3, 0.3)),
        design=(*seed, 1),
    )


def _choose_defects(rng: np.random.Generator, flawed: float) -> frozenset[int]:
    if rng.random() >= flawed:
        return frozenset()
    count = 2 if rng.random() < 0.15 else 1
    return frozenset(int(kind) for kind in rng.permutation(np.arange(1, len(CLASS_NAMES)))[:count])


def _shade(rng: np.random.Generator, palette: tuple[tuple[int, int, int], ...]) -> tuple[int, int, int]:
    """A colour of a palette, a little other than it stands there."""
    colour = np.array(palette[rng.integers(len(palette))]) + rng.uniform(-16, 16, 3)
    blue, green, red = (int(value) for value in np.clip(colour * rng.uniform(0.85, 1.15), 8, 247))
    return blue, green, red
