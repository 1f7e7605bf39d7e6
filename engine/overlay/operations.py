"""Drawing operations: what is to be painted on a picture, as plain data.

Positions and sizes are source pixels (float, origin at the top left corner of the top left pixel); colours are
(red, green, blue), 0 to 255; opacities go from 0 (nothing) to 1 (covers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.overlay.palette import Colour
from engine.results import Int32
from engine.results import Mask as MaskArray

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Fill:
    """A filled rectangle."""

    box_xyxy: Box
    colour: Colour
    opacity: float


@dataclass(frozen=True, slots=True)
class Rectangle:
    """The outline of an upright box; the line is centred on its edge."""

    box_xyxy: Box
    colour: Colour
    width_px: float


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, joined to its start where it is closed."""

    points: tuple[Point, ...]
    closed: bool
    colour: Colour
    width_px: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    centre: Point
    radius_px: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text, centred in height in its box, beginning ``padding_px`` from the left edge.

    ``background`` fills the box; None leaves the picture as it is.
    """

    text: str
    box_xyxy: Box
    text_px: float
    padding_px: float
    colour: Colour
    background: Colour | None


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """Tints the picture where ``mask`` (bool, source pixels) is true; its top left pixel lies at (left, top)."""

    mask: MaskArray
    left: int
    top: int
    colour: Colour
    opacity: float


@dataclass(frozen=True, slots=True, eq=False)
class ClassMap:
    """Tints a part of the picture by the class of each pixel.

    Attributes:
        class_id: int32 (h, w), index into ``colours``; -1 leaves the picture as it is.
        region_xyxy: The part of the picture that the map covers, at any scale.
        colours: uint8 (C, 3), red, green, blue of each class.
        visible: bool (C,), False leaves the picture as it is.
        opacity: Of every class that is visible.
    """

    class_id: Int32
    region_xyxy: Box
    colours: NDArray[np.uint8]
    visible: NDArray[np.bool_]
    opacity: float


Operation = Fill | Rectangle | Path | Dot | Label | Mask | ClassMap
