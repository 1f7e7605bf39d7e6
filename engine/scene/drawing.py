"""One bottle, from the glass behind to the reflections in front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.opencv import cv2
from engine.scene.bottle import CRACK, LOW_FILL, MISSING_CAP, SKEWED_LABEL, Bottle
from engine.scene.label import HEIGHT_PX, WIDTH_PX, draw_label
from engine.scene.look import Light
from engine.scene.solid import Box, Float, Grid, Layers, Wall

_LOWEST_THREAD = 0.855
"""Height of the neck's thread: without a cap that is where the region of the missing one begins."""


class Drawing:
    """Draws a bottle once.

    Args:
        bottle: What to draw.
        scale: Pixels for one metre.
        tilt: Height of a level circle in widths.
        light: Where reflections lie.

    Attributes:
        grid: Its pixels.
        layers: The paint.
        cover: float32 (H, W), 1 where the bottle is.
        defects: Bounds of the region of each defect about the foot, by class id.
    """

    def __init__(self, bottle: Bottle, scale: float, tilt: float, light: Light) -> None:
        self._bottle, self._light = bottle, light
        self._rng = np.random.default_rng(bottle.design)
        self._tall = bottle.size * scale
        heights, radii = zip(*bottle.shape.profile, strict=True)
        self._heights = np.linspace(0.0, self._tall, 128)
        table = np.interp(self._heights, np.multiply(heights, self._tall), np.multiply(radii, self._tall))
        # Where the profile bends it is rounded.
        self._radii = cv2.GaussianBlur(table[:, None], (1, 9), 0, borderType=cv2.BORDER_REPLICATE)[:, 0]
        self.widest = float(self._radii.max())
        self.grid = Grid(int(self.widest) + 3, int(self._tall * 1.08) + 6, int(self.widest * tilt) + 3, tilt)
        self.layers = Layers(self.grid.shape)
        self.defects: dict[int, Box] = {}
        wall = self.grid.wall(0.0, self._tall, self._radius)
        self._draw_glass(wall)
        self._draw_label(wall)
        if CRACK in bottle.defects:
            self._draw_crack(wall)
        self._draw_reflections(wall)
        self.cover = np.maximum(wall.cover, self._draw_mouth() if MISSING_CAP in bottle.defects else self._draw_cap())

    def _radius(self, y: Float) -> Float:
        return np.interp(y, self._heights, self._radii).astype(np.float32)

    def _radius_at(self, y: float) -> float:
        return float(np.interp(y, self._heights, self._radii))

    def _draw_glass(self, wall: Wall) -> None:
        level = self._bottle.level * self._tall
        glass, liquid = np.array(self._bottle.glass, np.float32), np.array(self._bottle.liquid, np.float32)
        full = np.clip(level - wall.y + 0.5, 0.0, 1.0)
        thick = (1.0 - wall.z) ** 1.4
        tone = (0.42 + 0.62 * wall.z) * (1.06 - 0.12 * wall.t)
        colour = full[..., None] * (liquid * 0.78 + glass * 0.22) + (1.0 - full[..., None]) * glass
        self.layers.lay(
            colour * tone[..., None],
            wall.cover * (full * (0.93 - 0.05 * wall.z) + (1.0 - full) * (0.42 + 0.5 * thick)),
        )
        self._draw_surface(wall, level, liquid)
        if LOW_FILL in self._bottle.defects:
            radius, depth = self._radius_at(level), self.grid.tilt * self._radius_at(level)
            self.defects[LOW_FILL] = (-radius, -self._bottle.shape.fill * self._tall, radius, depth - level)

    def _draw_surface(self, wall: Wall, level: float, liquid: Float) -> None:
        """The liquid's top: a level disc, lighter than the liquid, with a bright rim in front."""
        self.layers.lay(liquid * 1.15 + 34, self.grid.disc(level, self._radius_at(level)) * wall.cover * 0.85)
        rim = np.exp(-(((wall.y - level) / 1.3) ** 2))
        self.layers.lay(liquid * 0.5 + 120, wall.cover * rim * 0.7)

    def _draw_label(self, wall: Wall) -> None:
        bottle = self._bottle
        low, high = (edge * self._tall for edge in bottle.shape.label)
        radius = self._radius_at((low + high) / 2)
        along, up = (np.arcsin(wall.t) + bottle.facing) * radius, wall.y - (low + high) / 2
        cos, sin = np.cos(bottle.skew), np.sin(bottle.skew)
        right, rise = along * cos + up * sin, up * cos - along * sin
        zoom = HEIGHT_PX / (high - low)
        texture = cv2.GaussianBlur(draw_label(self._rng), (0, 0), max(0.3 * zoom, 0.3))
        map_x = ((right / (2.2 * radius) + 0.5) * WIDTH_PX).astype(np.float32)
        map_y = (HEIGHT_PX / 2 - rise * zoom).astype(np.float32)
        found = cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR).astype(np.float32)
        opacity = found[..., 3] / 255.0 * wall.cover
        tone = (0.36 + 0.66 * wall.z) * (1.04 - 0.14 * wall.t)
        self.layers.lay(found[..., :3] * tone[..., None], opacity)
        if SKEWED_LABEL in bottle.defects:
            self.defects[SKEWED_LABEL] = self.grid.bounds(opacity > 0.5)

    def _draw_crack(self, wall: Wall) -> None:
        """A star of jagged branches above the label: bright where the glass is broken, dark beside it."""
        rng, foot = self._rng, np.array(self.grid.foot)
        height = (self._bottle.shape.label[1] + rng.uniform(0.05, 0.11)) * self._tall
        radius = self._radius_at(height)
        centre = np.array([rng.uniform(-0.4, 0.4) * radius, height - self.grid.tilt * radius])
        reach = self._tall * rng.uniform(0.1, 0.135)
        first = rng.uniform(0, 2 * np.pi)
        ink = np.zeros(self.grid.shape, np.uint8)
        for turn in np.arange(6) * np.pi / 3:
            points = foot + self._branch(centre, first + turn, reach * rng.uniform(0.7, 1.0)) * (1, -1)
            fixed = np.round(points * 16).astype(np.int32)
            cv2.polylines(ink, [fixed], False, 255, max(1, round(self._tall / 170)), cv2.LINE_AA, 4)
        impact = np.round(foot + centre * (1, -1)).astype(int).tolist()
        cv2.circle(ink, impact, max(2, round(self._tall / 80)), 255, -1, cv2.LINE_AA)
        line = ink.astype(np.float32) / 255.0 * wall.cover
        self.layers.lay((16, 16, 16), np.roll(line, (1, 1), (0, 1)) * wall.cover * 0.75)
        self.layers.lay((246, 246, 246), line * 0.95)
        self.defects[CRACK] = self.grid.bounds(line > 0.3)

    def _branch(self, start: NDArray[np.float64], angle: float, length: float) -> NDArray[np.float64]:
        """Points of a line of four pieces, each turned a little against the one before."""
        turns = angle + np.cumsum(self._rng.uniform(-0.5, 0.5, 4))
        steps = np.stack([np.cos(turns), np.sin(turns)], axis=1) * length / 4
        return np.asarray(start + np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)]))

    def _draw_reflections(self, wall: Wall) -> None:
        """A soft box on one side, a thin light on the other: they follow the wall from the foot to the neck."""
        side, share = self._light.softbox, wall.y / self._tall
        window = np.clip((share - 0.04) * 18, 0, 1) * np.clip((0.97 - share) * 18, 0, 1)
        broad = np.exp(-(((wall.t - side) / 0.11) ** 4)) * (0.55 + 0.45 * np.sin(share * 9.0) ** 2)
        thin = 0.6 * np.exp(-(((wall.t + np.sign(side) * 0.8) / 0.05) ** 2))
        low, high = self._bottle.shape.label
        strength = self._light.gloss * np.where((share > low) & (share < high), 0.3, 0.8)
        self.layers.lay((250, 250, 250), wall.cover * window * (broad + thin) * strength.astype(np.float32))

    def _draw_cap(self) -> Float:
        """A crown cork or a screw cap. Returns how much of each pixel it covers."""
        crown, colour = self._bottle.crown, np.array(self._bottle.cap, np.float32)
        high = self._tall * (1.02 if crown else 1.03)
        low = high - self._tall * (0.055 if crown else self._bottle.shape.cap)
        radius = self._radius_at(self._tall) * (1.24 if crown else 1.14)
        wall = self.grid.wall(low, high, lambda v: np.full_like(v, radius))
        ridges = 1.0 + (0.16 if crown else 0.09) * np.cos(np.arcsin(wall.t) * 22.0)
        shine = 135.0 * self._light.gloss * np.exp(-(((wall.t - self._light.softbox * 0.8) / 0.16) ** 2))
        tone = (0.3 + 0.72 * wall.z) * ridges
        self.layers.lay(colour * tone[..., None] + shine[..., None], wall.cover)
        lid = self.grid.disc(high, radius)
        self.layers.lay(colour * 1.1 + 26, lid)
        return np.maximum(wall.cover, lid)

    def _draw_mouth(self) -> Float:
        """What a missing cap leaves: the thread of the neck, the rim, the dark inside. Returns what the rim covers."""
        radius, glass = self._radius_at(self._tall), np.array(self._bottle.glass, np.float32)
        neck = self.grid.wall(0.9 * self._tall, 0.985 * self._tall, lambda v: np.full_like(v, radius * 1.06))
        thread = 0.25 + 0.25 * np.sin(neck.y / self._tall * 190.0 + neck.t * 1.5)
        self.layers.lay(glass * 0.55 + 90, neck.cover * thread)
        rim = self.grid.disc(self._tall, radius * 1.08)
        self.layers.lay(glass * 0.5 + 120, rim * 0.95)
        self.layers.lay(glass * 0.22, self.grid.disc(self._tall, radius * 0.72) * 0.95)
        width = 1.5 * radius
        self.defects[MISSING_CAP] = (-width, -1.035 * self._tall, width, -_LOWEST_THREAD * self._tall)
        return rim
