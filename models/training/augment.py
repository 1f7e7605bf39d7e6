"""Variety that rendering does not give: a frame is moved, scaled, mirrored, recoloured and spoilt, with its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataset import Image, Objects
from engine.opencv import cv2

LEAST_KEPT = 0.4
"""Share of a box that must stay inside the picture, as the scene's own truth has it for what hides an object."""

LEAST_SIDE_PX = 8.0
"""Shorter side of a box below which the object is not taught: one cell of the finest grid."""

_BLUE_GREEN_RED = np.array([0.114, 0.587, 0.299])  # Luma, ITU-R BT.601.
_NOISE = np.random.default_rng(0).standard_normal((1 << 21) + 1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Variety:
    """How much frames are varied; shares are probabilities, 0 to 1.

    Attributes:
        mirror: Share of mirrored frames; no class knows left from right.
        scale: Smallest and largest scale.
        shift: Largest move of the picture's centre, as a share of its size.
        contrast, brightness: Largest change, as a share of the whole range.
        saturation: Largest change, as a share of it.
        hue_rad: Largest turn of all hues.
        grey, blur, noise, jpeg, cut_out: Shares of frames that suffer it.
    """

    mirror: float = 0.5
    scale: tuple[float, float] = (0.7, 1.3)
    shift: float = 0.15
    contrast: float = 0.3
    brightness: float = 0.15
    saturation: float = 0.5
    hue_rad: float = 0.25
    grey: float = 0.04
    blur: float = 0.12
    noise: float = 0.25
    jpeg: float = 0.12
    cut_out: float = 0.15


def vary(picture: Image, truth: Objects, rng: np.random.Generator, variety: Variety) -> tuple[Image, Objects]:
    """A new picture of the same size, and the truth that is left."""
    picture, truth = move(picture, truth, random_move(picture.shape, rng, variety), rng)
    picture = np.asarray(cv2.transform(picture, random_colours(rng, variety)), np.uint8)
    if rng.random() < variety.blur:
        picture = _blur(picture, rng)
    if rng.random() < variety.noise:
        picture = _add_noise(picture, rng)
    if rng.random() < variety.jpeg:
        picture = _compress(picture, rng)
    if rng.random() < variety.cut_out:
        picture, truth = _cut_out(picture, truth, rng)
    return picture, truth


def random_move(shape: tuple[int, ...], rng: np.random.Generator, variety: Variety) -> NDArray[np.float64]:
    """Matrix (2, 3) that scales and mirrors about the centre, and shifts."""
    height, width = shape[:2]
    scale = np.exp(rng.uniform(*np.log(variety.scale)))
    shift = rng.uniform(-variety.shift, variety.shift, 2) * (width, height)
    across = -scale if rng.random() < variety.mirror else scale
    centre = np.array([width / 2, height / 2])
    return np.column_stack((np.diag([across, scale]), centre + shift - (across, scale) * centre))


def move(
    picture: Image, truth: Objects, matrix: NDArray[np.float64], rng: np.random.Generator
) -> tuple[Image, Objects]:
    """Move picture and truth by a matrix (2, 3) without rotation; what comes into view is of one colour."""
    height, width = picture.shape[:2]
    # A pixel's centre lies half a pixel from its corner, and truth counts from corners.
    by_centres = matrix + np.column_stack((np.zeros((2, 2)), matrix[:, :2].sum(1) / 2 - 0.5))
    border = rng.integers(0, 256, 3).tolist()
    moved = cv2.warpAffine(picture, by_centres, (width, height), flags=cv2.INTER_LINEAR, borderValue=border)
    corners = truth.boxes.reshape(-1, 2, 2) @ matrix[:, :2].T + matrix[:, 2]
    boxes = np.concatenate((corners.min(1), corners.max(1)), 1)
    return np.asarray(moved, np.uint8), keep_visible(boxes, truth.classes, width, height)


def keep_visible(boxes: NDArray[np.floating], classes: NDArray[np.int64], width: int, height: int) -> Objects:
    """Clip boxes to the picture; those that lose too much of themselves or are too small are dropped."""
    clipped = boxes.clip(0, (width, height, width, height))
    sides = clipped[:, 2:] - clipped[:, :2]
    whole = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    kept = (sides.prod(1) >= LEAST_KEPT * whole) & (sides.min(1, initial=np.inf) >= LEAST_SIDE_PX)
    return Objects(clipped[kept].astype(np.float32), classes[kept])


def random_colours(rng: np.random.Generator, variety: Variety) -> NDArray[np.float64]:
    """Matrix (3, 4) for BGR: contrast, brightness, saturation and hue at once, or grey.

    Hue turns about the grey axis by Rodrigues' formula; saturation is the distance from the luma.
    """
    grey = np.ones((3, 1)) * _BLUE_GREEN_RED
    saturation = 0.0 if rng.random() < variety.grey else 1 + rng.uniform(-variety.saturation, variety.saturation)
    angle = rng.uniform(-variety.hue_rad, variety.hue_rad)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    turn = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) / 3
    contrast = 1 + rng.uniform(-variety.contrast, variety.contrast)
    brightness = 255 * rng.uniform(-variety.brightness, variety.brightness) + 128 * (1 - contrast)
    mixed = contrast * (grey + saturation * (np.eye(3) - grey)) @ turn
    return np.column_stack((mixed, np.full(3, brightness)))


def _blur(picture: Image, rng: np.random.Generator) -> Image:
    """Out of focus, or moved sideways while exposed."""
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.4)), np.uint8)
    return np.asarray(cv2.blur(picture, (int(rng.integers(2, 6)), 1)), np.uint8)


def _add_noise(picture: Image, rng: np.random.Generator) -> Image:
    """Gaussian noise of every channel, cut from one long strip: drawing it anew would cost more than all the rest."""
    start = int(rng.integers(0, _NOISE.size - picture.size))
    noise = _NOISE[start : start + picture.size].reshape(picture.shape)
    noisy = picture + noise * np.float32(rng.uniform(1, 9))
    return np.asarray(np.clip(noisy, 0, 255, out=noisy), np.uint8)


def _compress(picture: Image, rng: np.random.Generator) -> Image:
    quality = int(rng.integers(25, 85))
    _, stored = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)


def _cut_out(picture: Image, truth: Objects, rng: np.random.Generator) -> tuple[Image, Objects]:
    """Hide some rectangles (DeVries and Taylor, Cutout, 2017); objects that they hide too much of are dropped."""
    height, width = picture.shape[:2]
    picture = picture.copy()
    hidden = np.zeros((height, width), np.uint8)
    for _ in range(rng.integers(1, 4)):
        size = rng.uniform(0.05, 0.2, 2) * (width, height)
        left, top = (rng.random(2) * ((width, height) - size)).astype(int)
        right, bottom = int(left + size[0]), int(top + size[1])
        picture[top:bottom, left:right] = rng.integers(0, 256, 3)
        hidden[top:bottom, left:right] = 1
    sums = cv2.integral(hidden)
    x1, y1, x2, y2 = np.rint(truth.boxes).astype(int).T
    lost = sums[y2, x2] - sums[y1, x2] - sums[y2, x1] + sums[y1, x1]
    kept = lost <= (1 - LEAST_KEPT) * (x2 - x1) * (y2 - y1)
    return picture, Objects(truth.boxes[kept], truth.classes[kept])
