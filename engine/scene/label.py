"""Pictures of labels, drawn by chance: a ground, a band, an emblem, a name and small print."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.opencv import cv2

WIDTH_PX, HEIGHT_PX = 240, 150
_NAMES = (
    "AURA",
    "NORD",
    "LUMA",
    "VITA",
    "ONDA",
    "SOL",
    "MIRA",
    "ALBA",
    "KORA",
    "TERRA",
    "FONTE",
    "BRIX",
    "ZEST",
    "OAK",
)
_PAPERS = (
    (236, 240, 242),
    (214, 232, 240),
    (60, 46, 40),
    (92, 44, 30),
    (52, 52, 170),
    (70, 120, 50),
    (60, 190, 232),
    (200, 160, 90),
)
_INKS = (
    (40, 34, 30), (46, 40, 168), (120, 62, 24), (54, 110, 46), (28, 110, 190), (236, 238, 240), (90, 190, 226),
)  # fmt: skip
_FONTS = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX)


def draw_label(rng: np.random.Generator) -> NDArray[np.uint8]:
    """uint8 (150, 240, 4): blue, green, red and opacity; opaque but for a rim that keeps its edges smooth."""
    paper = _pick(rng, _PAPERS)
    inks = sorted(_INKS, key=lambda ink: -float(np.abs(np.subtract(ink, paper)).sum()))
    ink, second = inks[rng.integers(2)], inks[2 + rng.integers(2)]
    picture = np.empty((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    picture[:] = paper
    _draw_band(picture, rng, second)
    _draw_emblem(picture, rng, ink, second)
    _draw_name(picture, rng, ink)
    _draw_small_print(picture, rng, ink)
    if rng.random() < 0.6:
        cv2.rectangle(picture, (5, 5), (WIDTH_PX - 6, HEIGHT_PX - 6), second, 3, cv2.LINE_AA)
    opaque = np.zeros((HEIGHT_PX, WIDTH_PX, 1), np.uint8)
    opaque[1:-1, 1:-1] = 255
    return np.concatenate([picture, opaque], axis=2)


def _pick(rng: np.random.Generator, colours: tuple[tuple[int, int, int], ...]) -> tuple[int, int, int]:
    return colours[rng.integers(len(colours))]


def _draw_band(picture: NDArray[np.uint8], rng: np.random.Generator, colour: tuple[int, int, int]) -> None:
    top = int(rng.choice((0, 14, 96, 118)))
    height = int(rng.integers(14, 34))
    kind = rng.integers(3)
    if kind == 0:
        picture[top : top + height] = colour
    elif kind == 1:
        picture[:, WIDTH_PX // 2 - height : WIDTH_PX // 2 + height] = colour
    else:
        corner = np.array([[0, HEIGHT_PX], [0, HEIGHT_PX - 50], [WIDTH_PX, HEIGHT_PX - 20], [WIDTH_PX, HEIGHT_PX]])
        cv2.fillPoly(picture, [corner.astype(np.int32)], colour, cv2.LINE_AA)


def _draw_emblem(
    picture: NDArray[np.uint8], rng: np.random.Generator, ink: tuple[int, int, int], second: tuple[int, int, int]
) -> None:
    centre, size = (WIDTH_PX // 2 + int(rng.integers(-20, 21)), 42), int(rng.integers(16, 28))
    kind = rng.integers(3)
    if kind == 0:
        cv2.circle(picture, centre, size, ink, -1, cv2.LINE_AA)
        cv2.circle(picture, centre, size * 2 // 3, second, -1, cv2.LINE_AA)
    elif kind == 1:
        angles = np.arange(10) * np.pi / 5 - np.pi / 2
        radius = np.where(np.arange(10) % 2, size * 0.45, size * 1.1)
        star = np.stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)], axis=1)
        cv2.fillPoly(picture, [star.astype(np.int32)], ink, cv2.LINE_AA)
    else:
        cv2.ellipse(picture, centre, (size * 2, size), 0, 0, 360, ink, 4, cv2.LINE_AA)


def _draw_name(picture: NDArray[np.uint8], rng: np.random.Generator, ink: tuple[int, int, int]) -> None:
    name, font = _NAMES[rng.integers(len(_NAMES))], _FONTS[rng.integers(len(_FONTS))]
    (width, height), _ = cv2.getTextSize(name, font, 1.0, 2)
    scale = min(0.78 * WIDTH_PX / width, 1.9)
    origin = (int((WIDTH_PX - width * scale) / 2), 88 + int(height * scale / 2))
    cv2.putText(picture, name, origin, font, scale, ink, 4, cv2.LINE_AA)


def _draw_small_print(picture: NDArray[np.uint8], rng: np.random.Generator, ink: tuple[int, int, int]) -> None:
    for line in range(int(rng.integers(1, 4))):
        half = int(rng.integers(24, 70))
        y = 116 + 9 * line
        cv2.line(picture, (WIDTH_PX // 2 - half, y), (WIDTH_PX // 2 + half, y), ink, 2, cv2.LINE_AA)
