"""A bottling line, drawn frame by frame, that knows what is on each frame.

A frame depends on the look, the seed and its number alone. After ``FRAMES`` frames the film begins again, without a
seam.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.opencv import cv2
from engine.results import Detections
from engine.scene.bottle import BOTTLE, choose_bottle
from engine.scene.hall import PHASES, Image, draw_surroundings
from engine.scene.look import Look
from engine.scene.solid import Box
from engine.scene.sprite import MASK_STEP, Sprite, draw_sprite
from engine.scene.view import camera_of
from engine.scene.visibility import Outlines

FRAMES = 1800
RATE_HZ = 30.0
LEAST_VISIBLE = 0.4
"""Truth speaks only of what is visible by so much."""
LEAST_SIDE = 14 / 512
"""And whose shorter side, inside the picture, is so many widths of the picture."""
_MARGIN = 8
"""The scene is drawn so many pixels wider at each side, so that the camera can tremble."""


@dataclass(frozen=True, slots=True, eq=False)
class SceneFrame:
    """One frame and what is on it.

    Attributes:
        image: uint8 (H, W, 3), BGR.
        truth: Every bottle and every defect that is visible by at least 40 %, the nearest first; scores are 1, and the
            boxes of one bottle share its ``track_id``.
    """

    image: Image
    truth: Detections


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    """A bottle on a frame: where its foot is, in pixels with the margin, and how many times its sprite is enlarged."""

    sprite: Sprite
    track_id: int
    x: float
    y: float
    zoom: float

    def place(self, box: Box) -> Box:
        """A box about the foot, in pixels with the margin."""
        left, top, right, bottom = box
        return (
            self.x + left * self.zoom,
            self.y + top * self.zoom,
            self.x + right * self.zoom,
            self.y + bottom * self.zoom,
        )

    def outline(self) -> tuple[NDArray[np.bool_], int, int]:
        """Its mask as it stands there, and where the mask's corner lies; in pixels of the outlines."""
        mask = cv2.resize(
            self.sprite.mask.view(np.uint8), None, fx=self.zoom, fy=self.zoom, interpolation=cv2.INTER_NEAREST
        ).view(np.bool_)
        left = round((self.x - self.sprite.foot[0] * self.zoom) / MASK_STEP)
        return mask, left, round((self.y - self.sprite.foot[1] * self.zoom) / MASK_STEP)


class Scene:
    """Draws frames. Not for several threads at once: bottles are drawn when they first come, and kept.

    Args:
        look: What it looks like.
        seed: Which bottles come, and in which order.
    """

    def __init__(self, look: Look | None = None, seed: int = 0) -> None:
        self.look = look or Look()
        self._seed = seed
        self._camera = camera_of(self.look)
        self._empty: list[Image] = [
            np.pad(empty, ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN), (0, 0)), mode="edge")
            for empty in draw_surroundings(self.look, self._camera)
        ]
        self._sprites: dict[int, Sprite] = {}
        self._draw_places()
        self._draw_light()

    def frame(self, number: int) -> SceneFrame:
        """Draw frame ``number``, from 0; any number is taken modulo ``FRAMES``."""
        number %= FRAMES
        standing = self._standing(number)
        picture: Image = self._empty[number % PHASES].copy()
        for bottle in standing:
            _lay_sprite(picture, bottle)
        shift_x, shift_y = self._tremble(number)
        return SceneFrame(self._expose(picture, number, shift_x, shift_y), self._truth(standing, shift_x, shift_y))

    def _draw_places(self) -> None:
        """Where on the belt each bottle of the film stands, and which it is."""
        traffic = self.look.traffic
        self._length = abs(traffic.step) * FRAMES
        per_row = round(self._length / traffic.pitch)
        rng = np.random.default_rng((self._seed, self.look.textures, 3))
        slots = np.arange(per_row) * (self._length / per_row)
        shape = (len(traffic.rows), per_row)
        # Below 1: most stand away from the middle of their place, and some touch the next one.
        offset = rng.uniform(-1, 1, shape)
        spare = max(0.0, traffic.pitch - 0.085) / 2
        along = slots + np.sign(offset) * np.abs(offset) ** 0.6 * spare + rng.uniform(0, traffic.pitch, (shape[0], 1))
        across = np.array(traffic.rows)[:, None] + rng.uniform(-0.008, 0.008, shape)
        present = rng.random(shape) >= traffic.empty
        self._along, self._across = along[present], across[present]
        rounds = math.ceil(present.size / traffic.kinds)
        order = np.concatenate([rng.permutation(traffic.kinds) for _ in range(rounds)])
        self._kind = order[: present.size].reshape(shape[::-1]).T[present]
        self._ids = np.arange(1, along.size + 1).reshape(shape)[present]

    def _draw_light(self) -> None:
        """A map of light, twice as wide as the picture, that slides past; and a sheet of noise to be cut from."""
        light, height, width = self.look.light, self._empty[0].shape[0], self._empty[0].shape[1]
        angle = np.linspace(0, 2 * np.pi, 2 * width, endpoint=False)
        wave = np.sin(angle * 2) * 0.6 + np.sin(angle * 6 + 1.0) * 0.4
        gain = light.exposure * (1.0 + light.drift * wave)[None, :, None] * np.array(light.tint)
        lean = np.linspace(1.04, 0.94, height)[:, None, None]
        self._gain = np.clip(gain * lean * 128.0, 0, 255).astype(np.uint8)
        self._gain = np.concatenate([self._gain, self._gain[:, :width]], axis=1)
        rng = np.random.default_rng((self._seed, 5))
        grain = rng.normal(0.0, light.noise, (self.look.height + 64, self.look.width + 64, 3))
        self._brighter = np.clip(grain + 0.5, 0, 255).astype(np.uint8)
        self._darker = np.clip(0.5 - grain, 0, 255).astype(np.uint8)

    def _standing(self, number: int) -> list[_Standing]:
        """Bottles that may be seen, the farthest first."""
        camera, look = self._camera, self.look
        along = np.mod(self._along + look.traffic.step * number + self._length / 2, self._length) - self._length / 2
        seen = np.flatnonzero(np.abs(along) < camera.half_view)
        along, across = along[seen], self._across[seen]
        x, y = camera.project(along, across)
        zoom = camera.scale(along, across) / camera.nearest_scale
        order = np.argsort(zoom)
        return [
            _Standing(
                self._sprite(int(self._kind[seen[i]])),
                int(self._ids[seen[i]]),
                float(x[i]) + _MARGIN,
                float(y[i]) + _MARGIN,
                float(zoom[i]),
            )
            for i in order
        ]

    def _sprite(self, kind: int) -> Sprite:
        if kind not in self._sprites:
            bottle = choose_bottle((self.look.textures, self._seed, kind), self.look.traffic.flawed)
            self._sprites[kind] = draw_sprite(bottle, self._camera.nearest_scale, self._camera.tilt, self.look.light)
        return self._sprites[kind]

    def _tremble(self, number: int) -> tuple[float, float]:
        """How far the picture is shifted, in pixels: waves whose periods divide the film."""
        size = self.look.view.tremble_px * self.look.width / 960
        turn = 2 * math.pi * number / FRAMES
        x = 0.6 * math.sin(turn * 97) + 0.3 * math.sin(turn * 211 + 1) + 0.1 * math.sin(turn * 397 + 2)
        y = 0.6 * math.sin(turn * 83 + 3) + 0.3 * math.sin(turn * 239 + 4) + 0.1 * math.sin(turn * 419 + 5)
        return x * size, y * size

    def _expose(self, picture: Image, number: int, shift_x: float, shift_y: float) -> Image:
        """Light, tremble and noise."""
        height, width = self.look.height, self.look.width
        slide = round(2 * picture.shape[1] * number / FRAMES)
        cv2.multiply(picture, self._gain[:, slide : slide + picture.shape[1]], dst=picture, scale=1 / 128)
        centre = (picture.shape[1] / 2 - 0.5 - shift_x, picture.shape[0] / 2 - 0.5 - shift_y)
        image: Image = np.empty((height, width, 3), np.uint8)
        cv2.getRectSubPix(picture, (width, height), centre, image)
        left, top = (number * 37) % 64, (number * 23) % 64
        cv2.add(image, self._brighter[top : top + height, left : left + width], dst=image)
        cv2.subtract(image, self._darker[top : top + height, left : left + width], dst=image)
        return image

    def _truth(self, standing: list[_Standing], shift_x: float, shift_y: float) -> Detections:
        boxes, classes, ids = [], [], []
        outlines = Outlines(self._empty[0].shape, _MARGIN)
        for bottle in standing:
            outlines.paint(*bottle.outline())
        for place in range(len(standing) - 1, -1, -1):
            bottle = standing[place]
            for kind, box in ((BOTTLE, bottle.sprite.box), *bottle.sprite.defects.items()):
                placed = bottle.place(box)
                if outlines.visible(place, placed) >= LEAST_VISIBLE:
                    boxes.append(placed)
                    classes.append(kind)
                    ids.append(bottle.track_id)
        shift = np.array([shift_x - _MARGIN, shift_y - _MARGIN] * 2, np.float32)
        xyxy = np.array(boxes, np.float32).reshape(-1, 4) + shift
        xyxy[:, 0::2] = np.clip(xyxy[:, 0::2], 0, self.look.width)
        xyxy[:, 1::2] = np.clip(xyxy[:, 1::2], 0, self.look.height)
        sides = (xyxy[:, 2:] - xyxy[:, :2]).min(axis=1)
        truth = Detections(
            xyxy, np.ones(len(xyxy), np.float32), np.array(classes, np.int32), track_id=np.array(ids, np.int32)
        )
        return truth[sides >= LEAST_SIDE * self.look.width]


def _lay_sprite(picture: Image, bottle: _Standing) -> None:
    """Lay a sprite onto the picture, enlarged and moved by parts of a pixel."""
    sprite, zoom = bottle.sprite, bottle.zoom
    height, width = sprite.picture.shape[:2]
    x, y = bottle.x - sprite.foot[0] * zoom, bottle.y - sprite.foot[1] * zoom
    left, top = max(0, math.floor(x)), max(0, math.floor(y))
    right = min(picture.shape[1], math.ceil(x + width * zoom))
    bottom = min(picture.shape[0], math.ceil(y + height * zoom))
    if right <= left or bottom <= top:
        return
    move = np.array([[zoom, 0, x - left], [0, zoom, y - top]])
    warped = cv2.warpAffine(sprite.picture, move, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    behind = picture[top:bottom, left:right]
    passing = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(warped, 3)), cv2.COLOR_GRAY2BGR)
    cv2.multiply(behind, passing, dst=behind, scale=1 / 255)
    cv2.add(behind, cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR), dst=behind)
