"""What stands still: the hall behind, and the belt, drawn once for each phase of its travel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.opencv import cv2
from engine.scene.look import Look
from engine.scene.view import Camera

Image = NDArray[np.uint8]

PHASES = 10
"""The belt looks the same again after so many frames."""
HALF_BELT = 0.15
"""Half the width of the belt, in metres."""
_STRIP_PX = 1500
"""Pixels for one metre in the picture of the belt."""
_EDGES = (-0.42, 0.75)
"""What the picture of the belt spans across, in metres: the frame in front, the belt, the floor behind."""


def draw_surroundings(look: Look, camera: Camera) -> list[Image]:
    """The empty scene, once for each phase: uint8 (H, W, 3)."""
    rng = np.random.default_rng((look.textures, 7))
    hall = _draw_hall(look, rng)
    floor = _floor_maps(look, camera)
    travel = look.traffic.step * PHASES
    strip = _draw_strip(look, abs(travel), rng)
    scenes = [_lay_floor(hall, strip, floor, look.traffic.step * phase) for phase in range(PHASES)]
    for scene in scenes:
        _draw_rail(scene, look, camera)
    return scenes


def _draw_hall(look: Look, rng: np.random.Generator) -> Image:
    """A wall with tanks, pipes and lamps, out of focus."""
    height, width = look.height, look.width
    up = np.linspace(1.15, 0.6, height)[:, None, None]
    across = 1.0 + 0.12 * np.cos(np.linspace(-2.2, 3.0, width))[None, :, None]
    hall: Image = np.clip(np.array(look.wall) * up * across, 0, 255).astype(np.uint8)
    for _ in range(int(look.clutter * 9)):
        _draw_tank(hall, look, rng)
    for _ in range(int(look.clutter * 8)):
        _draw_pipe(hall, look, rng)
    cv2.GaussianBlur(hall, (0, 0), width / 130, dst=hall)
    lamps = np.zeros_like(hall)
    for _ in range(int(look.clutter * 16)):
        _draw_lamp(lamps, look, rng)
    cv2.add(hall, cv2.GaussianBlur(lamps, (0, 0), width / 420), dst=hall)
    return hall


def _draw_tank(hall: Image, look: Look, rng: np.random.Generator) -> None:
    """An upright cylinder with a light edge and a dark one."""
    width = int(rng.uniform(0.06, 0.2) * look.width)
    left, top = int(rng.uniform(-0.1, 1.0) * look.width), int(rng.uniform(-0.1, 0.35) * look.height)
    colour = np.array(look.accent if rng.random() < 0.3 else look.wall) * rng.uniform(0.7, 1.5)
    t = np.linspace(-1, 1, width)
    tone = 0.45 + 0.6 * np.sqrt(1 - t * t) + 0.5 * np.exp(-(((t + 0.45) / 0.16) ** 2))
    right, left, first = min(left + width, look.width), max(left, 0), max(0, -left)
    if right > left:
        hall[max(top, 0) :, left:right] = np.clip(colour * tone[first : first + right - left, None], 0, 255)


def _draw_pipe(hall: Image, look: Look, rng: np.random.Generator) -> None:
    y = int(rng.uniform(0.02, 0.6) * look.height)
    thick = int(rng.uniform(0.006, 0.03) * look.height) + 2
    colour = np.clip(np.array(look.wall) * rng.uniform(0.5, 1.8), 0, 255)
    if rng.random() < 0.7:
        cv2.line(hall, (0, y), (look.width, y + int(rng.integers(-8, 9))), colour.tolist(), thick)
        cv2.line(hall, (0, y - thick // 3), (look.width, y - thick // 3), (colour * 0.5 + 110).tolist(), 1 + thick // 5)
    else:
        x = int(rng.uniform(0, 1) * look.width)
        cv2.line(hall, (x, 0), (x, look.height), colour.tolist(), thick)


def _draw_lamp(lamps: Image, look: Look, rng: np.random.Generator) -> None:
    """A lamp out of focus: a soft disc."""
    centre = (int(rng.uniform(0, 1) * look.width), int(rng.uniform(0.02, 0.5) * look.height))
    tints = ((120, 200, 255), (255, 214, 150), (170, 255, 190), (230, 235, 240), look.accent)
    colour = np.array(tints[rng.integers(len(tints))]) * rng.uniform(0.15, 0.5)
    cv2.circle(lamps, centre, int(rng.uniform(0.006, 0.02) * look.width), colour.tolist(), -1, cv2.LINE_AA)


def _floor_maps(look: Look, camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Along and across of every pixel below the edge where the belt's plane meets the hall, and that row."""
    top = int(min(camera.project(np.array([-1.5, 1.5]), np.array(_EDGES[1]))[1]))
    top = int(np.clip(top, 0, look.height - 2))
    y, x = np.mgrid[top : look.height, 0 : look.width].astype(np.float64)
    return *camera.ground(x, y), top


def _draw_strip(look: Look, period: float, rng: np.random.Generator) -> Image:
    """One period of the belt from above: along is x. Plates with dark joints, rails at both sides."""
    width = max(8, round(period * _STRIP_PX))
    rows = round((_EDGES[1] - _EDGES[0]) * _STRIP_PX)
    across = np.linspace(_EDGES[0], _EDGES[1], rows)[:, None]
    along = np.linspace(0, 1, width, endpoint=False)[None, :]
    belt = np.array(look.belt, np.float64)
    joint = np.exp(-((np.minimum(along, 1 - along) * period / 0.0022) ** 2))
    ridge = 0.10 * np.cos(2 * np.pi * across / 0.03) ** 8
    plate = 1.0 + 0.10 * np.cos(2 * np.pi * along) + ridge - 0.62 * joint
    grain = rng.normal(0, 0.035, (rows, width))
    strip = belt * (plate + cv2.GaussianBlur(grain, (3, 1), 0))[..., None]
    edge = np.abs(across) - HALF_BELT
    steel = 118 + 80 * np.exp(-(((edge - 0.012) / 0.006) ** 2)) - 60 * np.exp(-((edge / 0.004) ** 2))
    strip = np.where((edge > 0)[..., None], steel[..., None] * (0.97, 0.99, 1.0), strip)
    front = np.clip((-across - HALF_BELT - 0.03) / 0.2, 0, 1)
    strip = np.where((across < -HALF_BELT - 0.03)[..., None], (74 - 52 * front)[..., None] * (1.05, 1.0, 0.94), strip)
    stripe = (across < -HALF_BELT - 0.05) & (across > -HALF_BELT - 0.066)
    strip = np.where(stripe[..., None], np.array(look.accent) * 0.8, strip)
    back = np.clip((across - HALF_BELT - 0.03) / 0.5, 0, 1)
    floor = np.array(look.wall) * (0.42 + 0.35 * back[..., None])
    strip = np.where((across > HALF_BELT + 0.03)[..., None], floor, strip)
    return np.clip(strip, 0, 255).astype(np.uint8)


def _lay_floor(
    hall: Image, strip: Image, floor: tuple[NDArray[np.float64], NDArray[np.float64], int], moved: float
) -> Image:
    along, across, top = floor
    map_x = np.mod((along - moved) * _STRIP_PX, strip.shape[1]).astype(np.float32)
    map_y = ((across - _EDGES[0]) * _STRIP_PX).astype(np.float32)
    wrapped = np.concatenate([strip, strip[:, :2]], axis=1)
    ground = cv2.remap(
        wrapped, map_x, np.nan_to_num(map_y, nan=-9.0), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    ground = cv2.blur(ground, (3, 1))
    seen = np.clip((_EDGES[1] - np.nan_to_num(across, nan=9.0)) / 0.25, 0, 1)[..., None]
    scene = hall.copy()
    scene[top:] = (ground * seen + hall[top:] * (1 - seen)).astype(np.uint8)
    return scene


def _draw_rail(scene: Image, look: Look, camera: Camera) -> None:
    """The guide behind the bottles: a steel bar on posts."""
    along = np.linspace(-2.0, 2.0, 41)
    points = {up: np.stack(camera.project(along, np.array(HALF_BELT - 0.015), up), axis=1) for up in (0.0, 0.055, 0.06)}
    thick = max(2, round(0.011 * camera.focal_px / camera.distance))
    for low, high in zip(points[0.0][::4], points[0.055][::4], strict=True):
        _draw_line(scene, np.stack([low, high]), (58, 56, 54), max(1, thick // 2))
    _draw_line(scene, points[0.055], (120, 118, 116), thick)
    _draw_line(scene, points[0.06], (210, 208, 204), max(1, thick // 4))


def _draw_line(scene: Image, points: NDArray[np.float64], colour: tuple[int, int, int], thick: int) -> None:
    cv2.polylines(scene, [np.round(points * 16).astype(np.int32)], False, colour, thick, cv2.LINE_AA, 4)
