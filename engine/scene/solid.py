"""Solids of revolution seen a little from above, and layers of paint on them.

A pixel at ``x`` beside the axis and ``v`` above the foot lies on the wall at ``t = x / radius``; the wall's normal has
the depth ``z = sqrt(1 - t * t)``, and since the near side of a level circle lies lower in the picture, the pixel shows
the height ``v + tilt * radius * z``. So foot, liquid, label and cap all get their curves from one formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float32]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Wall:
    """The wall of a solid, pixel by pixel; each float32 (H, W).

    Attributes:
        cover: 1 inside, 0 outside, between on the edge.
        t: Place across, -1 to 1.
        z: Depth of the normal, 0 at the edge to 1 in the middle.
        y: Height of the wall that is seen, in pixels.
    """

    cover: Float
    t: Float
    z: Float
    y: Float


class Grid:
    """Pixels about an axis that stands upright.

    Args:
        half: Pixels at each side of the axis.
        above, below: Pixels above and below the foot.
        tilt: Height of a level circle in widths.
    """

    def __init__(self, half: int, above: int, below: int, tilt: float) -> None:
        self.foot = (half, above)
        self.tilt = tilt
        self.x = np.arange(-half, half + 1, dtype=np.float32)[None, :]
        self.v = np.arange(above, -below - 1, -1, dtype=np.float32)[:, None]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.v.shape[0], self.x.shape[1]

    def wall(self, low: float, high: float, radius_at: Callable[[Float], Float]) -> Wall:
        """The wall between two heights in pixels; ``radius_at`` gives the radius at heights, both in pixels."""
        radius = radius_at(self.v)
        t = np.clip(self.x / radius, -1.0, 1.0)
        z = np.sqrt(1.0 - t * t)
        sag = self.tilt * radius * z
        y = self.v + sag
        edge = np.clip(radius - np.abs(self.x) + 0.5, 0.0, 1.0)
        # The far rim of the top is seen too: the top is a whole ellipse, the foot half of one.
        inside = np.clip(y - low + 0.5, 0.0, 1.0) * np.clip(high + sag - self.v + 0.5, 0.0, 1.0)
        return Wall(edge * inside, t, z, y)

    def disc(self, height: float, radius: float) -> Float:
        """How much of each pixel a level disc covers."""
        depth = max(self.tilt * radius, 1.0)
        distance = np.sqrt((self.x / radius) ** 2 + ((self.v - height) / depth) ** 2)
        return np.asarray(np.clip((1.0 - distance) * depth + 0.5, 0.0, 1.0), np.float32)

    def bounds(self, inside: NDArray[np.bool_]) -> Box:
        """Left, top, right and bottom of the pixels that are set, about the foot."""
        columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
        left, top = float(columns[0] - self.foot[0]), float(rows[0] - self.foot[1])
        return left, top, float(columns[-1] + 1 - self.foot[0]), float(rows[-1] + 1 - self.foot[1])


class Layers:
    """Paint, layer over layer.

    Attributes:
        colour: float32 (H, W, 3), blue, green, red, 0 to 255, already multiplied by the opacity.
        opacity: float32 (H, W), 0 to 1.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.colour = np.zeros((*shape, 3), np.float32)
        self.opacity = np.zeros(shape, np.float32)

    def lay(self, colour: ArrayLike, opacity: NDArray[np.floating[Any]]) -> None:
        """Lay one over what is there; ``colour``, (3,) or (H, W, 3), is not yet multiplied by ``opacity``."""
        paint = np.clip(np.asarray(colour, np.float32), 0.0, 255.0)
        self.colour *= (1.0 - opacity)[..., None]
        self.colour += paint * opacity[..., None]
        self.opacity *= 1.0 - opacity
        self.opacity += opacity
