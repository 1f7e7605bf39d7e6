"""Pictures with planted results, and tiles in each of their states: for golden pictures and for measuring."""

from __future__ import annotations

from typing import Any

import numpy as np
from frame_results import make_detections, make_result
from numpy.typing import NDArray

from engine.frames import FrameResult
from engine.overlay import Style
from engine.results import Classification, Detections, SegmentationMap, mask_region
from gui.presenters.live import Look
from gui.presenters.port import Picture
from gui.presenters.tile_display import Banner, Loading, Remedy, TileDisplay, TileHealth
from gui.presenters.transport import TransportDisplay
from gui.presenters.workspace import Display

NAMES = ("person", "bicycle", "car", "motorbike", "bus", "train", "truck", "boat")
LOOK = Look(True, Style(), 13.0)
FILM = TransportDisplay(
    tile_id="1",
    file=True,
    enabled=True,
    playing=True,
    position=100,
    frames=1000,
    place="0:03.3 / 0:33.3   ·   101 of 1,000",
    speed=1.0,
    loop=True,
    every_frame=False,
    display=Display.IN_STEP,
    max_fps=None,
    analysed=True,
)
"""The bar of a film that plays."""


def street(width: int = 1280, height: int = 720) -> NDArray[np.uint8]:
    """A smooth coloured picture with a few edges, the same every time."""
    x, y = np.meshgrid(np.linspace(0.0, 1.0, width), np.linspace(0.0, 1.0, height))
    blue, green, red = 150 - 70 * y, 120 + 40 * np.sin(6 * x), 90 + 60 * y * x
    image = np.dstack([blue, green, red])
    image[(y > 0.62) & (np.abs(x - 0.5) < (y - 0.5))] = (88, 86, 84)
    image[(np.floor(x * 12) % 3 == 0) & (y < 0.55) & (y > 0.25)] *= 0.72
    return image.clip(0, 255).astype(np.uint8)


def crowd(width: int = 1280, height: int = 720, count: int = 50) -> Detections:
    """So many boxes spread over the picture, none of them alike."""
    random = np.random.default_rng(7)
    left, top = random.uniform(0, width * 0.85, count), random.uniform(height * 0.06, height * 0.8, count)
    right, bottom = left + random.uniform(0.03, 0.14, count) * width, top + random.uniform(0.05, 0.18, count) * height
    score = np.sort(random.uniform(0.3, 0.98, count))[::-1]
    classes = random.integers(0, len(NAMES), count)
    rows = zip(left, top, np.minimum(right, width), np.minimum(bottom, height), score, classes, strict=True)
    return make_detections(*rows)


def planted(result: Any, size: tuple[int, int] = (1280, 720), **more: Any) -> FrameResult:
    """A result on the street."""
    card = {"class_names": NAMES, **more.pop("card", {})}
    return make_result(result, image=street(*size), card=card, **more)


def boxes() -> FrameResult:
    return planted(
        make_detections((140, 300, 420, 560, 0.91, 2), (700, 220, 840, 610, 0.84, 0), (60, 20, 220, 90, 0.5, 7))
    )


def masks() -> FrameResult:
    rows = [(140.0, 300.0, 420.0, 560.0, 0.91, 2), (350.0, 250.0, 640.0, 480.0, 0.6, 4)]
    return planted(make_detections(*rows, masks=tuple(_ellipse(row[:4]) for row in rows)))


def _ellipse(box: tuple[float, ...]) -> NDArray[np.bool_]:
    left, top, right, bottom = mask_region(box)
    y, x = np.mgrid[-1 : 1 : (bottom - top) * 1j, -1 : 1 : (right - left) * 1j]
    return np.asarray(x * x + y * y <= 1.0)


def keypoints() -> FrameResult:
    points = np.array(
        [[[770, 250, 0.9], [770, 330, 0.9], [710, 420, 0.9], [830, 420, 0.9], [740, 580, 0.9], [800, 580, 0.9]]],
        np.float32,
    )
    found = make_detections((690, 220, 850, 610, 0.9, 0), keypoints=points)
    return planted(found, card={"skeleton": ((0, 1), (1, 2), (1, 3), (1, 4), (1, 5))})


def oriented() -> FrameResult:
    corners = np.array([[[300, 200], [620, 320], [560, 480], [240, 360]]], np.float32)
    return planted(make_detections((240, 200, 620, 480, 0.88, 6), corners=corners))


def classified() -> FrameResult:
    score = np.array([0.02, 0.05, 0.71, 0.1, 0.08, 0.01, 0.02, 0.01], np.float32)
    return planted(Classification(score), seen=(280.0, 0.0, 1000.0, 720.0))


def segmented() -> FrameResult:
    classes = np.zeros((64, 64), np.int32)
    classes[40:, 10:54] = 2
    classes[:20, 30:] = 4
    card = {"class_names": ("background", *NAMES[1:])}
    return planted(SegmentationMap(classes, (0.0, 0.0, 1280.0, 720.0)), card=card)


def crowded(size: tuple[int, int] = (1280, 720)) -> FrameResult:
    return planted(crowd(*size), size)


RESULTS = {
    "boxes": boxes,
    "masks": masks,
    "keypoints": keypoints,
    "oriented": oriented,
    "classified": classified,
    "segmented": segmented,
    "crowded": crowded,
}


def picture(result: FrameResult, behind_s: float = 0.0) -> Picture:
    return Picture(result.frame, result, behind_s)


def tile(health: TileHealth = TileHealth.LIVE, **more: Any) -> TileDisplay:
    """What a tile of the yard's camera says."""
    words = {
        TileHealth.LIVE: "Live",
        TileHealth.RECONNECTING: "Reconnecting",
        TileHealth.FAILED: "Not running",
        TileHealth.EMPTY: "Empty",
    }
    named = {
        "tile_id": "1",
        "name": "Yard camera",
        "state": words.get(health, health.value.title()),
        "age": "0.1 s old",
    }
    return TileDisplay(health=health, **{**named, **more})


STATES = {
    "live": tile(),
    "empty": tile(TileHealth.EMPTY, name="", age=""),
    "reconnecting": tile(
        TileHealth.RECONNECTING,
        age="Picture is 7 s old",
        old=True,
        banner=Banner("Reconnecting, try 3: connection refused, next in 4 s"),
    ),
    "model failed": tile(
        banner=Banner(
            "The model failed: the output has 84 channels where 85 were expected. The video goes on.",
            "yolo.onnx: the output has 84 channels.",
            severe=True,
            remedy=Remedy.RELOAD,
        )
    ),
    "password": tile(
        TileHealth.FAILED, age="", banner=Banner("This source wants a password.", severe=True, remedy=Remedy.PASSWORD)
    ),
    "loading": tile(loading=Loading("Model: Compiling for CPU, 3 s", 0.4)),
}
