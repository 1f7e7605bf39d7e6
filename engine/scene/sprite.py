"""A bottle drawn once, with its shadow and its reflection on the belt, ready to be laid onto many frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.opencv import cv2
from engine.scene.bottle import Bottle
from engine.scene.drawing import Drawing
from engine.scene.look import Light
from engine.scene.solid import Box, Float, Layers

MASK_STEP = 4
"""The mask is so many times smaller than the picture."""
_REFLECTED = 0.34
"""Share of the bottle that the belt reflects."""


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A drawn bottle. Pixels are those of the sprite; y goes down.

    Attributes:
        picture: uint8 (H, W, 4): blue, green, red, each already multiplied by the opacity, and the opacity.
        foot: Pixel of the middle of the foot, x and y.
        box: Left, top, right, bottom of the bottle about the foot.
        defects: The same for the region of each defect, by class id.
        mask: bool (H / 4, W / 4): what belongs to the bottle itself.
    """

    picture: NDArray[np.uint8]
    foot: tuple[int, int]
    box: Box
    defects: dict[int, Box]
    mask: NDArray[np.bool_]


def draw_sprite(bottle: Bottle, scale: float, tilt: float, light: Light) -> Sprite:
    """Draw a bottle as it stands on the belt.

    Args:
        bottle: What to draw.
        scale: Pixels for one metre.
        tilt: Height of a level circle in widths.
        light: Where reflections lie, and the motion blur.
    """
    drawing = Drawing(bottle, scale, tilt, light)
    half, above = drawing.grid.foot
    side, below = int(0.6 * drawing.widest), int(_REFLECTED * bottle.size * scale)
    ground = _draw_ground(drawing, side, below)
    height, width = drawing.grid.shape
    standing = np.s_[:height, side : side + width]
    ground.colour[standing] *= (1.0 - drawing.layers.opacity)[..., None]
    ground.colour[standing] += drawing.layers.colour
    ground.opacity[standing] *= 1.0 - drawing.layers.opacity
    ground.opacity[standing] += drawing.layers.opacity
    picture = np.dstack([ground.colour, ground.opacity * 255.0])
    blur = max(1, round(light.blur_px * bottle.size * scale / 300.0))
    cover = np.zeros(ground.opacity.shape, np.float32)
    cover[standing] = drawing.cover
    small = cv2.resize(cover, None, fx=1 / MASK_STEP, fy=1 / MASK_STEP, interpolation=cv2.INTER_AREA)
    return Sprite(
        picture=np.clip(cv2.blur(picture, (blur, 1)) + 0.5, 0, 255).astype(np.uint8),
        foot=(half + side, above),
        box=drawing.grid.bounds(drawing.cover > 0.5),
        defects=drawing.defects,
        mask=small > 0.5,
    )


def _draw_ground(drawing: Drawing, side: int, below: int) -> Layers:
    """A shadow round the foot, and the lower part of the bottle upside down, fading; as wide as both need."""
    (half, foot), (height, width) = drawing.grid.foot, drawing.grid.shape
    ground = Layers((height + below, width + 2 * side))
    x = np.arange(-half - side, half + side + 1, dtype=np.float32)[None, :] / (1.25 * drawing.widest)
    v = np.arange(foot, foot - height - below, -1, dtype=np.float32)[:, None]
    away = np.sqrt(x**2 + (v / (1.5 * drawing.widest * drawing.grid.tilt + 3.0)) ** 2)
    shadow = 0.62 * np.clip(1.35 - away, 0.0, 1.0) ** 1.2
    ground.lay((0, 0, 0), shadow)
    fade: Float = 0.42 * np.linspace(1.0, 0.0, below, dtype=np.float32) ** 1.7
    mirrored, place = np.s_[height - below : height], np.s_[height:, side : side + width]
    opacity = cv2.blur(drawing.layers.opacity[mirrored][::-1] * fade[:, None], (3, 7))
    colour = cv2.blur(drawing.layers.colour[mirrored][::-1] * fade[:, None, None], (3, 7))
    ground.colour[place] = ground.colour[place] * (1.0 - opacity)[..., None] + colour
    ground.opacity[place] = ground.opacity[place] * (1.0 - opacity) + opacity
    return ground
