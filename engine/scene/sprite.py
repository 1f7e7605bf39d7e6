"""One bottle drawn once, with its shadow and its reflection, ready to be laid onto many frames.

A bottle is a solid of revolution seen a little from above. A pixel at ``x`` beside the axis and ``v`` above its foot
lies on the wall at ``t = x / radius``; the wall's normal has the depth ``z = sqrt(1 - t * t)``, and since the near side
of a level circle lies lower in the picture, the pixel shows the height ``v + tilt * radius * z``. So the foot, the
liquid, the label and the cap all get their curves from one formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.opencv import cv2
from engine.scene.bottle import CRACK, LOW_FILL, MISSING_CAP, SKEWED_LABEL, Bottle
from engine.scene.label import HEIGHT_PX, WIDTH_PX, draw_label
from engine.scene.look import Light

Float = NDArray[np.float32]
Box = tuple[float, float, float, float]

MASK_STEP = 4
"""The mask is so many times smaller than the picture."""
_REFLECTED = 0.34
"""Share of the bottle's height that the belt reflects."""


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
    foot: tuple[float, float]
    box: Box
    defects: dict[int, Box]
    mask: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Wall:
    """The wall of a solid, pixel by pixel, each float32 (H, W).

    Attributes:
        cover: 1 inside, 0 outside, between on the edge.
        t: Place across, -1 to 1.
        z: Depth of the normal, 0 at the edge to 1 in the middle.
        y: Height of the wall that is seen, in pixels.
        radius: In pixels.
    """

    cover: Float
    t: Float
    z: Float
    y: Float
    radius: Float


def draw_bottle(bottle: Bottle, scale: float, tilt: float, light: Light) -> Sprite:
    """Draw a bottle.

    Args:
        bottle: What to draw.
        scale: Pixels for one metre.
        tilt: Height of a level circle in widths.
        light: Where reflections lie, and the motion blur.
    """
    return _Drawing(bottle, scale, tilt, light).sprite()


class _Drawing:
    """The layers of one bottle, from the glass behind to the reflections in front."""

    def __init__(self, bottle: Bottle, scale: float, tilt: float, light: Light) -> None:
        self._bottle, self._tilt, self._light = bottle, tilt, light
        self._rng = np.random.default_rng(bottle.design)
        self._tall = bottle.size * scale
        widest = max(radius for _, radius in bottle.shape.profile) * self._tall
        half, above = int(widest * 1.6) + 4, int(self._tall * 1.08) + 6
        below = int(self._tall * _REFLECTED + widest * tilt) + 4
        self._foot = (half, above)
        self._x = np.arange(-half, half + 1, dtype=np.float32)[None, :]
        self._v = np.arange(above, -below - 1, -1, dtype=np.float32)[:, None]
        self._colour = np.zeros((above + below + 1, 2 * half + 1, 3), np.float32)
        self._opacity = np.zeros((above + below + 1, 2 * half + 1), np.float32)
        self._defects: dict[int, Box] = {}

    def sprite(self) -> Sprite:
        """All layers, then what the belt shows of them."""
        wall = self._wall(0.0, 1.0, self._radius)
        self._draw_glass(wall)
        self._draw_label(wall)
        if CRACK in self._bottle.defects:
            self._draw_crack(wall)
        self._draw_reflections(wall)
        cover = np.maximum(wall.cover, self._draw_top())
        self._lay_on_belt()
        picture = np.dstack([self._colour, self._opacity[..., None] * 255.0])
        blur = max(1, round(self._light.blur_px * self._tall / 300.0))
        picture = cv2.blur(picture, (blur, 1)) if blur > 1 else picture
        small = cv2.resize(cover, None, fx=1 / MASK_STEP, fy=1 / MASK_STEP, interpolation=cv2.INTER_AREA)
        return Sprite(
            picture=np.clip(picture + 0.5, 0, 255).astype(np.uint8),
            foot=(float(self._foot[0]), float(self._foot[1])),
            box=self._box_of(cover > 0.5),
            defects=self._defects,
            mask=small > 0.5,
        )

    def _radius(self, y: Float) -> Float:
        heights, radii = zip(*self._bottle.shape.profile, strict=True)
        fine = np.linspace(0.0, 1.0, 128)
        smooth = cv2.GaussianBlur(np.interp(fine, heights, radii)[:, None], (1, 9), 0, borderType=cv2.BORDER_REPLICATE)
        return np.interp(y / self._tall, fine, smooth[:, 0]).astype(np.float32) * np.float32(self._tall)

    def _wall(self, low: float, high: float, radius_of: object) -> _Wall:
        """The wall between two heights, in heights of the bottle."""
        radius = self._radius(self._v) if radius_of == self._radius else np.full_like(self._v, float(radius_of))  # type: ignore[arg-type]
        t = np.clip(self._x / radius, -1.0, 1.0)
        z = np.sqrt(1.0 - t * t)
        sag = self._tilt * radius * z
        y = self._v + sag
        edge = np.clip(radius - np.abs(self._x) + 0.5, 0.0, 1.0)
        # The far rim of the mouth is seen too: the top is a whole ellipse, the foot half of one.
        inside = np.clip(y - low * self._tall + 0.5, 0.0, 1.0) * np.clip(
            high * self._tall + sag - self._v + 0.5, 0.0, 1.0
        )
        shape = np.broadcast_shapes(t.shape, self._v.shape)
        return _Wall(edge * inside, t, z, y, np.broadcast_to(radius, shape))

    def _lay(self, colour: Float, opacity: Float) -> None:
        """Lay a layer over what is there; ``colour`` is 0 to 255 and not yet multiplied by the opacity."""
        keep = 1.0 - opacity
        self._colour = self._colour * keep[..., None] + colour * opacity[..., None]
        self._opacity = self._opacity * keep + opacity

    def _draw_glass(self, wall: _Wall) -> None:
        bottle = self._bottle
        level = bottle.level * self._tall
        glass, liquid = np.float32(bottle.glass), np.float32(bottle.liquid)
        full = np.clip(level - wall.y + 0.5, 0.0, 1.0)
        thick = (1.0 - wall.z) ** 1.4
        empty_opacity = 0.42 + 0.5 * thick
        tone = (0.42 + 0.62 * wall.z) * (1.06 - 0.12 * wall.t)
        body = liquid * 0.78 + glass * 0.22
        colour = full[..., None] * body + (1.0 - full[..., None]) * glass
        opacity = wall.cover * (full * (0.93 - 0.05 * wall.z) + (1.0 - full) * empty_opacity)
        self._lay(np.clip(colour * tone[..., None], 0, 255), opacity.astype(np.float32))
        self._draw_surface(wall, level, liquid)
        if LOW_FILL in bottle.defects:
            self._mark_low_fill(level)

    def _draw_surface(self, wall: _Wall, level: float, liquid: Float) -> None:
        """The liquid's top: a level ellipse, lighter than the liquid, with a bright rim in front."""
        radius = self._radius(np.float32([level]))[0]
        depth = self._tilt * radius
        across = self._x / radius
        ellipse = 1.0 - across**2 - ((self._v - level) / max(depth, 1.0)) ** 2
        disc = np.clip(ellipse * depth * 0.5 + 0.5, 0.0, 1.0) * wall.cover
        self._lay(np.broadcast_to(np.clip(liquid * 1.15 + 34, 0, 255), self._colour.shape), disc * 0.85)
        front = wall.cover * np.exp(-(((wall.y - level) / 1.3) ** 2))
        self._lay(np.broadcast_to(np.clip(liquid * 0.5 + 120, 0, 255), self._colour.shape), front * 0.7)

    def _mark_low_fill(self, level: float) -> None:
        full = self._bottle.shape.fill * self._tall
        radius = float(self._radius(np.float32([level]))[0])
        self._defects[LOW_FILL] = (-radius, -full, radius, -level + self._tilt * radius)

    def _draw_label(self, wall: _Wall) -> None:
        bottle = self._bottle
        low, high = (edge * self._tall for edge in bottle.shape.label)
        radius = float(self._radius(np.float32([(low + high) / 2]))[0])
        along = (np.arcsin(wall.t) + bottle.facing) * radius
        up = wall.y - (low + high) / 2
        cos, sin = np.cos(bottle.skew), np.sin(bottle.skew)
        right, rise = along * cos + up * sin, up * cos - along * sin
        zoom = HEIGHT_PX / (high - low)
        wide = 2.2 * radius
        map_x = (right / wide + 0.5) * WIDTH_PX
        map_y = HEIGHT_PX / 2 - rise * zoom
        texture = cv2.GaussianBlur(draw_label(self._rng), (0, 0), max(0.3 * zoom, 0.3))
        found = cv2.remap(texture, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR)
        opacity = found[..., 3].astype(np.float32) / 255.0 * wall.cover
        tone = (0.36 + 0.66 * wall.z) * (1.04 - 0.14 * wall.t)
        self._lay(found[..., :3].astype(np.float32) * tone[..., None], opacity)
        if SKEWED_LABEL in bottle.defects:
            self._defects[SKEWED_LABEL] = self._box_of(opacity > 0.5)

    def _draw_crack(self, wall: _Wall) -> None:
        """A star of jagged branches between label and neck: bright where the glass is broken, dark beside it."""
        rng, label_top = self._rng, self._bottle.shape.label[1]
        height = label_top + rng.uniform(0.05, 0.11)
        radius = float(self._radius(np.float32([height * self._tall]))[0])
        centre = np.array([rng.uniform(-0.4, 0.4) * radius, height * self._tall - self._tilt * radius])
        reach = self._tall * rng.uniform(0.1, 0.135)
        first = rng.uniform(0, 2 * np.pi)
        lines = [self._branch(centre, first + turn, reach * rng.uniform(0.7, 1.0)) for turn in np.arange(6) * np.pi / 3]
        lines = [np.stack([line[:, 0] + self._foot[0], self._foot[1] - line[:, 1]], axis=1) for line in lines]
        ink = np.zeros(self._opacity.shape, np.uint8)
        points = [np.round(line * 16).astype(np.int32) for line in lines]
        cv2.polylines(ink, points, False, 255, max(1, round(self._tall / 170)), cv2.LINE_AA, 4)
        cv2.circle(ink, tuple(np.round(lines[0][0]).astype(int)), max(2, round(self._tall / 80)), 255, -1, cv2.LINE_AA)
        line = ink.astype(np.float32) / 255.0 * wall.cover
        dark = np.roll(line, (1, 1), (0, 1)) * wall.cover
        self._lay(np.full_like(self._colour, 16.0), dark * 0.75)
        self._lay(np.full_like(self._colour, 246.0), line * 0.95)
        self._defects[CRACK] = self._box_of(line > 0.3)

    def _branch(self, start: NDArray[np.float64], angle: float, length: float) -> NDArray[np.float64]:
        turns = angle + np.cumsum(self._rng.uniform(-0.5, 0.5, 4))
        steps = np.stack([np.cos(turns), np.sin(turns)], axis=1) * length / 4
        return start + np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])

    def _draw_reflections(self, wall: _Wall) -> None:
        """A soft box on one side, a thin light on the other: they follow the wall from the foot to the neck."""
        light, share = self._light, wall.y / self._tall
        window = np.clip((share - 0.04) * 18, 0, 1) * np.clip((0.97 - share) * 18, 0, 1)
        broad = np.exp(-(((wall.t - light.softbox) / 0.11) ** 4)) * (0.55 + 0.45 * np.sin(share * 9.0) ** 2)
        thin = 0.6 * np.exp(-(((wall.t + np.sign(light.softbox) * 0.8) / 0.05) ** 2))
        on_label = (share > self._bottle.shape.label[0]) & (share < self._bottle.shape.label[1])
        strength = light.gloss * np.where(on_label, 0.3, 0.8)
        self._lay(np.full_like(self._colour, 250.0), wall.cover * window * (broad + thin) * strength)

    def _draw_top(self) -> Float:
        """The cap, or the open mouth. Returns how much of each pixel it covers."""
        mouth = float(self._radius(np.float32([self._tall]))[0])
        cap = self._bottle.shape.cap
        if MISSING_CAP in self._bottle.defects:
            self._draw_mouth(mouth)
            width, high = 1.5 * mouth, 0.035 * self._tall
            self._defects[MISSING_CAP] = (-width, -self._tall - high, width, -(1.0 - 0.145) * self._tall)
            return np.zeros_like(self._opacity)
        high = 1.0 + (0.02 if self._bottle.crown else 0.03)
        radius = mouth * (1.24 if self._bottle.crown else 1.14)
        low = high - (0.055 if self._bottle.crown else cap)
        wall = self._wall(low, high, radius)
        angle = np.arcsin(wall.t)
        ridges = 1.0 + (0.16 if self._bottle.crown else 0.09) * np.cos(angle * 22.0)
        shine = 0.9 * np.exp(-(((wall.t - self._light.softbox * 0.8) / 0.16) ** 2)) * self._light.gloss
        tone = (0.3 + 0.72 * wall.z) * ridges
        colour = np.float32(self._bottle.cap) * tone[..., None] + 150.0 * shine[..., None]
        self._lay(np.clip(colour, 0, 255), wall.cover)
        lid = self._ellipse(high * self._tall, radius)
        self._lay(np.broadcast_to(np.clip(np.float32(self._bottle.cap) * 1.1 + 26, 0, 255), self._colour.shape), lid)
        return np.maximum(wall.cover, lid)

    def _draw_mouth(self, radius: float) -> None:
        """The thread of the neck, the rim, and the dark inside."""
        wall = self._wall(0.9, 0.985, radius * 1.06)
        thread = wall.cover * (0.25 + 0.25 * np.sin(wall.y / self._tall * 190.0 + wall.t * 1.5))
        self._lay(np.clip(np.float32(self._bottle.glass) * 0.55 + 90, 0, 255) * np.ones_like(self._colour), thread)
        rim = np.clip(np.float32(self._bottle.glass) * 0.5 + 120, 0, 255)
        self._lay(np.broadcast_to(rim, self._colour.shape), self._ellipse(self._tall, radius * 1.08) * 0.95)
        inside = np.float32(self._bottle.glass) * 0.22
        self._lay(np.broadcast_to(inside, self._colour.shape), self._ellipse(self._tall, radius * 0.72) * 0.95)

    def _ellipse(self, height: float, radius: float) -> Float:
        """How much of each pixel a level disc covers."""
        depth = max(self._tilt * radius, 1.0)
        distance = np.sqrt((self._x / radius) ** 2 + ((self._v - height) / depth) ** 2)
        return np.clip((1.0 - distance) * depth + 0.5, 0.0, 1.0)

    def _lay_on_belt(self) -> None:
        """What the belt shows: a shadow round the foot, and the lower part of the bottle upside down, fading."""
        foot = self._foot[1]
        colour, opacity = self._colour, self._opacity
        below = self._colour.shape[0] - foot
        drop = 2 * int(self._tilt * self._radius(np.float32([0.0]))[0])
        mirror_c, mirror_o = np.zeros_like(colour), np.zeros_like(opacity)
        rows = min(below - drop, foot)
        fade = 0.42 * np.linspace(1.0, 0.0, rows, dtype=np.float32) ** 1.7
        mirror_c[foot + drop : foot + drop + rows] = colour[foot - rows : foot][::-1] * fade[:, None, None]
        mirror_o[foot + drop : foot + drop + rows] = opacity[foot - rows : foot][::-1] * fade[:, None]
        mirror_c, mirror_o = cv2.blur(mirror_c, (3, 7)), cv2.blur(mirror_o, (3, 7))
        radius = self._radius(np.float32([0.0]))[0]
        away = np.sqrt((self._x / (radius * 1.25)) ** 2 + (self._v / (radius * self._tilt * 1.5 + 3)) ** 2)
        shadow = (0.62 * np.clip(1.35 - away, 0.0, 1.0) ** 1.2).astype(np.float32)
        keep = 1.0 - mirror_o
        ground_c, ground_o = mirror_c, mirror_o + shadow * keep
        self._colour = colour + ground_c * (1.0 - opacity[..., None])
        self._opacity = opacity + ground_o * (1.0 - opacity)

    def _box_of(self, inside: NDArray[np.bool_]) -> Box:
        """Bounds of the pixels that are set, about the foot."""
        columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
        left, top = float(columns[0] - self._foot[0]), float(rows[0] - self._foot[1])
        return left, top, float(columns[-1] + 1 - self._foot[0]), float(rows[-1] + 1 - self._foot[1])
