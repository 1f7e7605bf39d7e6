"""Looks to train on: everything of the scene drawn by chance, much further apart than the demo itself is.

Sets of textures above ``HELD_OUT`` are never trained on, nor is set 0, the demo's.
"""

from __future__ import annotations

import numpy as np

from engine.scene import Light, Look, Traffic, View

HELD_OUT = 1_000_000
WIDTH, HEIGHT = 512, 288


def random_look(rng: np.random.Generator, *, held_out: bool) -> Look:
    """A look of 512x288 pixels, about one in six near to the demo's own."""
    textures = 1 + int(rng.integers(HELD_OUT)) + (HELD_OUT if held_out else 0)
    if rng.random() < 0.16:
        return Look(width=WIDTH, height=HEIGHT, textures=textures, traffic=Traffic(kinds=20))
    return Look(
        width=WIDTH,
        height=HEIGHT,
        view=_random_view(rng),
        traffic=_random_traffic(rng),
        light=_random_light(rng),
        textures=textures,
        belt=_colour(rng, 30, 150),
        wall=_colour(rng, 20, 200),
        accent=_colour(rng, 20, 240),
        clutter=float(rng.uniform(0.1, 1.8)),
    )


def _random_view(rng: np.random.Generator) -> View:
    return View(
        focal=float(rng.uniform(1.36, 2.2)),
        height=float(rng.uniform(0.2, 0.75)),
        distance=float(rng.uniform(1.35, 1.5)),
        belt_line=float(rng.uniform(0.72, 0.97)),
        turn=float(rng.uniform(-22, 22)),
        tremble_px=float(rng.uniform(0, 4)),
    )


def _random_traffic(rng: np.random.Generator) -> Traffic:
    rows = ((0.055, -0.05), (0.055, -0.05), (0.0,), (0.085, 0.0, -0.085))[rng.integers(4)]
    return Traffic(
        rows=rows,
        pitch=float(rng.uniform(0.088, 0.2)),
        empty=float(rng.uniform(0.0, 0.4)),
        flawed=float(rng.uniform(0.4, 0.8)),
        kinds=20,
        step=float(rng.uniform(0.003, 0.006) * rng.choice((-1, 1))),
    )


def _random_light(rng: np.random.Generator) -> Light:
    return Light(
        exposure=float(rng.uniform(0.55, 1.4)),
        drift=float(rng.uniform(0.0, 0.35)),
        tint=(float(rng.uniform(0.82, 1.18)), 1.0, float(rng.uniform(0.82, 1.18))),
        softbox=float(rng.uniform(0.3, 0.7) * rng.choice((-1, 1))),
        gloss=float(rng.uniform(0.2, 1.0)),
        noise=float(rng.uniform(0.0, 6.0)),
        blur_px=float(rng.uniform(0.0, 6.0)),
    )


def _colour(rng: np.random.Generator, low: int, high: int) -> tuple[int, int, int]:
    """A colour that is not far from grey, as halls are."""
    grey = rng.uniform(low, high)
    blue, green, red = np.clip(grey * rng.uniform(0.7, 1.3, 3), 0, 255).astype(int).tolist()
    return blue, green, red
