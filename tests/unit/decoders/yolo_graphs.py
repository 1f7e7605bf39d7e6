"""Graphs that end as the YOLO exporters' do, fed with raw numbers under which known objects come out.

Written from the exporters' definitions: Ultralytics ``nn/modules/head.py`` and ``utils/tal.py`` (``make_anchors``,
``dist2bbox``, ``dist2rbox``), ultralytics/yolov5 ``models/yolo.py``, meituan/YOLOv6 ``models/effidehead.py`` and YOLOX
``models/yolo_head.py``; none of it knows our decoders.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from cards import make_card
from onnx_graphs import Array, Graph
from planted_scene import CANVAS_HEIGHT, CANVAS_WIDTH, SPEC, Picture, Thing

from engine.cards import ColourOrder, Fit, ModelCard

CLASSES, BINS, LEVELS = 3, 16, (8, 16, 32)
KEYPOINTS = ((0.25, 0.5, 0.9), (0.75, 0.125, 0.2))
"""Where keypoints lie in an object's box, in shares of its sides, and their scores."""
BACKGROUND = -9.0
Box = tuple[float, float, float, float]
Extra = Callable[[Thing, Box, tuple[float, float], int], Sequence[float]]


@dataclass(frozen=True)
class Answer:
    """A model's card, and what its graph answers in full and in half precision."""

    card: ModelCard
    run: Callable[..., dict[str, Array]]

    def outputs(self, *, half: bool = False) -> dict[str, Array]:
        return self.run(half=half)


def angle_of(thing: Thing) -> float:
    """Radians by which an object is turned where boxes are oriented."""
    return 0.3 + 0.5 * thing.class_id


def half_plane_of(thing: Thing) -> tuple[float, float]:
    """An object's mask is what lies on one side of a line through its middle: the line's normal."""
    return math.cos(1.0 + thing.class_id), math.sin(1.0 + thing.class_id)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _anchors() -> tuple[Array, Array]:
    """Middles of the cells in cells (2, N), and their strides (1, N)."""
    middles = [(x + 0.5, y + 0.5) for s in LEVELS for y in range(CANVAS_HEIGHT // s) for x in range(CANVAS_WIDTH // s)]
    strides = [s for s in LEVELS for _ in range((CANVAS_HEIGHT // s) * (CANVAS_WIDTH // s))]
    return np.array(middles, np.float32).T, np.array([strides], np.float32)


def _cell(box: Box) -> tuple[int, tuple[float, float], int]:
    """Number, middle in cells and stride of the cell that answers for this box of the canvas."""
    x1, y1, x2, y2 = box
    level = next(i for i, stride in enumerate(LEVELS) if max(x2 - x1, y2 - y1) < 12 * stride)
    stride = LEVELS[level]
    before = sum((CANVAS_HEIGHT // s) * (CANVAS_WIDTH // s) for s in LEVELS[:level])
    column, row = int((x1 + x2) / 2 // stride), int((y1 + y2) / 2 // stride)
    return before + row * (CANVAS_WIDTH // stride) + column, (column + 0.5, row + 0.5), stride


def _distances(box: Box, middle: tuple[float, float], stride: int, angle: float) -> list[float]:
    """From the cell's middle to left, top, right and bottom, in cells, along axes turned by the angle."""
    x1, y1, x2, y2 = (value / stride for value in box)
    dx, dy = (x1 + x2) / 2 - middle[0], (y1 + y2) / 2 - middle[1]
    along, across = dx * math.cos(angle) + dy * math.sin(angle), dy * math.cos(angle) - dx * math.sin(angle)
    width, height = x2 - x1, y2 - y1
    return [width / 2 - along, height / 2 - across, width / 2 + along, height / 2 + across]


def _bins(distance: float) -> list[float]:
    """Logits whose softmax has its mean at the distance."""
    shares = np.full(BINS, 1e-7)
    low = int(distance)
    shares[low] += 1 - (distance - low)
    shares[low + 1] += distance - low
    return list(np.log(shares))


@dataclass(frozen=True)
class _Raw:
    """What the last convolutions give: box distances, class logits, extras; each (B, channels, N)."""

    bins: Array
    distances: Array
    logits: Array
    extra: Array


def _plant(pictures: Sequence[Picture], extra: Extra, count: int, *, twins: bool, oriented: bool = False) -> _Raw:
    """Write objects into the raw numbers; a twin is a weaker answer of the next cell, for NMS to remove."""
    cells = _anchors()[1].shape[1]
    raw = _Raw(*(np.zeros((len(pictures), n, cells), np.float32) for n in (4 * BINS, 4, CLASSES, count)))
    raw.logits[:] = BACKGROUND
    for number, picture in enumerate(pictures):
        for thing in picture.things:
            box = picture.on_canvas(thing)
            cell, middle, stride = _cell(box)
            for step in (0, 1) if twins else (0,):
                place = (middle[0] + step, middle[1])
                distances = _distances(box, place, stride, angle_of(thing) if oriented else 0)
                raw.distances[number, :, cell + step] = distances
                raw.bins[number, :, cell + step] = [b for d in distances for b in _bins(min(max(d, 0), BINS - 1.01))]
                raw.logits[number, thing.class_id, cell + step] = _logit(thing.score * (1 - 0.2 * step))
                raw.extra[number, :, cell + step] = extra(thing, box, place, stride)
    return raw


def no_extra(*_: Any) -> list[float]:
    return []


def angle(thing: Thing, *_: Any) -> list[float]:
    return [_logit(angle_of(thing) / math.pi + 0.25)]


def keypoints(_thing: Thing, box: Box, middle: tuple[float, float], stride: int) -> list[float]:
    """As decoded by ``Pose.kpts_decode``: (2 * raw + anchor - 0.5) * stride, sigmoid of the score."""
    x1, y1, x2, y2 = box
    numbers = []
    for across, down, score in KEYPOINTS:
        x, y = (x1 + across * (x2 - x1)) / stride, (y1 + down * (y2 - y1)) / stride
        numbers += [(x - middle[0] + 0.5) / 2, (y - middle[1] + 0.5) / 2, _logit(score)]
    return numbers


def flat_keypoints(*arguments: Any) -> list[float]:
    """The same without scores."""
    numbers = keypoints(*arguments)
    return [number for i, number in enumerate(numbers) if i % 3 != 2]


def mask_coefficients(thing: Thing, box: Box, *_: Any) -> list[float]:
    """For prototypes x, y and 1: positive on one side of the line."""
    nx, ny = half_plane_of(thing)
    return [nx, ny, -nx * (box[0] + box[2]) / 2 - ny * (box[1] + box[3]) / 2]


def _prototypes(graph: Graph, count: int) -> str:
    """Planes of a quarter of the canvas' size: the x and the y of its pixels' middles in canvas pixels, and 1."""
    y, x = np.mgrid[2:CANVAS_HEIGHT:4, 2:CANVAS_WIDTH:4]
    return graph.constant(np.tile(np.stack((x, y, np.ones_like(x)))[None], (count, 1, 1, 1)))


# Ultralytics ----------------------------------------------------------------------------------------------------------


def _expectation(graph: Graph, raw: _Raw) -> str:
    """``DFL``: the mean of each side's distribution."""
    bins = graph.node("Softmax", graph.reshape(graph.constant(raw.bins), len(raw.bins), 4, BINS, -1), axis=2)
    weighted = graph.node("Mul", bins, graph.constant(np.arange(BINS).reshape(1, 1, BINS, 1)))
    return graph.node("ReduceSum", weighted, graph.constant([2], np.int64), keepdims=0)


def _upright(graph: Graph, distances: str, *, corners: bool) -> str:
    """``dist2bbox`` times stride: (B, 4, N), corners or centre and size."""
    middles, strides = (graph.constant(a) for a in _anchors())
    near, far = graph.split(distances, [2, 2], axis=1)
    first, last = graph.node("Sub", middles, near), graph.node("Add", middles, far)
    if not corners:
        centre = graph.node("Mul", graph.node("Add", first, last), graph.constant(0.5))
        first, last = centre, graph.node("Sub", last, first)
    return graph.node("Mul", graph.node("Concat", first, last, axis=1), strides)


def _turned(graph: Graph, distances: str, radians: str) -> str:
    """``dist2rbox`` times stride: (B, 4, N), centre and size."""
    middles, strides = (graph.constant(a) for a in _anchors())
    near, far = graph.split(distances, [2, 2], axis=1)
    half = graph.node("Mul", graph.node("Sub", far, near), graph.constant(0.5))
    x, y = graph.split(half, [1, 1], axis=1)
    cos, sin = graph.node("Cos", radians), graph.node("Sin", radians)
    turned_x = graph.node("Sub", graph.node("Mul", x, cos), graph.node("Mul", y, sin))
    turned_y = graph.node("Add", graph.node("Mul", x, sin), graph.node("Mul", y, cos))
    centre = graph.node("Add", graph.node("Concat", turned_x, turned_y, axis=1), middles)
    return graph.node("Mul", graph.node("Concat", centre, graph.node("Add", near, far), axis=1), strides)


def _keypoints(graph: Graph, raw: _Raw, dimensions: int) -> str:
    """``Pose.kpts_decode`` in export mode: (B, K * D, N)."""
    middles, strides = (graph.constant(a[None, None]) for a in _anchors())
    numbers = graph.reshape(graph.constant(raw.extra), len(raw.extra), len(KEYPOINTS), dimensions, -1)
    parts = graph.split(numbers, [2, 1], axis=2) if dimensions == 3 else [numbers]
    doubled = graph.node("Mul", parts[0], graph.constant(2.0))
    cells = graph.node("Add", doubled, graph.node("Sub", middles, graph.constant(0.5)))
    places = [graph.node("Mul", cells, strides)] + [graph.node("Sigmoid", part) for part in parts[1:]]
    joined = graph.node("Concat", *places, axis=2)
    return graph.reshape(joined, len(raw.extra), len(KEYPOINTS) * dimensions, -1)


def _columns(graph: Graph, raw: _Raw, task: str, *, end2end: bool) -> str:
    """``_inference``: boxes, class scores and extras, (B, 4 + C + E, N); YOLO26 has no distributions."""
    distances = graph.constant(raw.distances) if end2end else _expectation(graph, raw)
    scores = graph.node("Sigmoid", graph.constant(raw.logits))
    if task == "obb":
        share = graph.node("Sub", graph.node("Sigmoid", graph.constant(raw.extra)), graph.constant(0.25))
        radians = graph.node("Mul", share, graph.constant(math.pi))
        return graph.node("Concat", _turned(graph, distances, radians), scores, radians, axis=1)
    parts = [_upright(graph, distances, corners=end2end), scores]
    if task.startswith("pose"):
        parts.append(_keypoints(graph, raw, 2 if task == "pose_flat" else 3))
    elif task == "seg":
        parts.append(graph.constant(raw.extra))
    return graph.node("Concat", *parts, axis=1)


def _best_rows(graph: Graph, columns: str, extra: int, count: int = 300) -> str:
    """``postprocess``: the best ``count`` pairs of candidate and class, (B, count, 6 + E)."""
    rows = graph.node("Transpose", columns, perm=[0, 2, 1])
    boxes, scores, *rest = graph.split(rows, [4, CLASSES] + [extra] * bool(extra), axis=2)
    k = graph.constant([count], np.int64)
    best = graph.node("ReduceMax", scores, axes=[2], keepdims=0)
    _, first = graph.node("TopK", best, k, outputs=2, axis=1)
    first = graph.reshape(first, 0, count, 1)

    def gather(tensor: str, index: str, width: int) -> str:
        wide = graph.node("Expand", index, graph.constant([1, 1, width], np.int64))
        return graph.node("GatherElements", tensor, wide, axis=1)

    flat = graph.reshape(gather(scores, first, CLASSES), 0, count * CLASSES)
    score, pair = graph.node("TopK", flat, k, outputs=2, axis=1)
    classes = graph.constant(CLASSES, np.int64)
    candidate = graph.reshape(graph.node("Div", pair, classes), 0, count, 1)
    class_id = graph.node("Cast", graph.reshape(graph.node("Mod", pair, classes), 0, count, 1), to=1)
    index = graph.node("GatherElements", first, candidate, axis=1)
    parts = [gather(boxes, index, 4), graph.reshape(score, 0, count, 1), class_id]
    return graph.node("Concat", *parts, *(gather(tensor, index, extra) for tensor in rest), axis=2)


EXTRAS: dict[str, tuple[Extra, int]] = {
    "": (no_extra, 0),
    "seg": (mask_coefficients, 3),
    "pose": (keypoints, 3 * len(KEYPOINTS)),
    "pose_flat": (flat_keypoints, 2 * len(KEYPOINTS)),
    "obb": (angle, 1),
}


def ultralytics(
    pictures: Sequence[Picture], task: str = "", *, end2end: bool = False, transposed: bool = False
) -> Answer:
    """A model of YOLOv8's or YOLO26's layout for one of the tasks of ``EXTRAS``."""
    extra, count = EXTRAS[task]
    raw = _plant(pictures, extra, count, twins=not end2end, oriented=task == "obb")
    graph = Graph()
    output = _columns(graph, raw, task, end2end=end2end)
    if end2end:
        output = _best_rows(graph, output, count)
    elif transposed:
        output = graph.node("Transpose", output, perm=[0, 2, 1])
    tensors = {"output0": output}
    roles = {"output": "output0"}
    if task == "seg":
        tensors["output1"] = _prototypes(graph, len(pictures))
        roles["prototypes"] = "output1"
    family = ("yolo_end2end" if end2end else "yolov8") + (f"_{task.removesuffix('_flat')}" if task else "")
    options: dict[str, Any] = {} if end2end else {"classes": CLASSES, "transposed": transposed}
    if task.startswith("pose"):
        options |= {"keypoints": len(KEYPOINTS), "keypoint_dims": 2 if task == "pose_flat" else 3}
    return _answer(family, graph, roles, tensors, options)


def _answer(
    family: str, graph: Graph, roles: dict[str, str], tensors: dict[str, str], options: dict[str, Any]
) -> Answer:
    card = make_card(Path(f"{family}.onnx"), family=family, roles=roles, options=options, input=SPEC)
    return Answer(card, lambda half: graph.run(half=half, **tensors))


# With objectness ------------------------------------------------------------------------------------------------------

ANCHORS = (((10, 13), (16, 30), (33, 23)), ((30, 61), (62, 45), (59, 119)), ((116, 90), (156, 198), (373, 326)))
OBJECTNESS = 0.97


def yolov5(pictures: Sequence[Picture]) -> Answer:
    """Anchors by level: centre (2 s - 0.5 + cell) * stride, size (2 s)^2 * anchor, with s the sigmoid."""
    levels = [
        np.full((len(pictures), 3, CANVAS_HEIGHT // s, CANVAS_WIDTH // s, 5 + CLASSES), BACKGROUND, np.float32)
        for s in LEVELS
    ]
    for number, picture in enumerate(pictures):
        for thing in picture.things:
            x1, y1, x2, y2 = picture.on_canvas(thing)
            level, place, (width, height) = next(
                (i, j, anchor)
                for i, anchors in enumerate(ANCHORS)
                for j, anchor in enumerate(anchors)
                if max((x2 - x1) / anchor[0], (y2 - y1) / anchor[1]) < 3.5
            )
            x, y = (x1 + x2) / 2 / LEVELS[level], (y1 + y2) / 2 / LEVELS[level]
            shares = [(x % 1 + 0.5) / 2, (y % 1 + 0.5) / 2]
            shares += [math.sqrt((x2 - x1) / width) / 2, math.sqrt((y2 - y1) / height) / 2, OBJECTNESS]
            levels[level][number, place, int(y), int(x), :5] = [_logit(share) for share in shares]
            levels[level][number, place, int(y), int(x), 5 + thing.class_id] = _logit(thing.score / OBJECTNESS)
    graph = Graph()
    parts = []
    for stride, anchors, raw in zip(LEVELS, ANCHORS, levels, strict=True):
        centre, size, rest = graph.split(graph.node("Sigmoid", graph.constant(raw)), [2, 2, 1 + CLASSES], axis=4)
        row, column = np.indices(raw.shape[2:4])
        corners = graph.constant(np.stack((column, row), axis=2)[None, None] - 0.5)
        doubled = graph.node("Mul", centre, graph.constant(2.0))
        centre = graph.node("Mul", graph.node("Add", doubled, corners), graph.constant(stride))
        squared = graph.node("Pow", graph.node("Mul", size, graph.constant(2.0)), graph.constant(2.0))
        size = graph.node("Mul", squared, graph.constant(np.reshape(anchors, (1, 3, 1, 1, 2))))
        parts.append(graph.reshape(graph.node("Concat", centre, size, rest, axis=4), 0, -1, 5 + CLASSES))
    output = graph.node("Concat", *parts, axis=1)
    return _answer("yolov5", graph, {"output": "output"}, {"output": output}, {"classes": CLASSES})


def yolov6(pictures: Sequence[Picture]) -> Answer:
    """Anchor-free in the same rows, with an objectness of 1 everywhere."""
    raw = _plant(pictures, no_extra, 0, twins=True)
    graph = Graph()
    boxes = _upright(graph, _expectation(graph, raw), corners=False)
    ones = graph.constant(np.ones((len(pictures), 1, raw.logits.shape[2])))
    columns = graph.node("Concat", boxes, ones, graph.node("Sigmoid", graph.constant(raw.logits)), axis=1)
    output = graph.node("Transpose", columns, perm=[0, 2, 1])
    return _answer("yolov5", graph, {"output": "outputs"}, {"outputs": output}, {"classes": CLASSES})


def yolox(pictures: Sequence[Picture], *, raw: bool = True) -> Answer:
    """Offsets from the cell's corner and log sizes in cells, or decoded; letterboxed at the top left."""
    middles, strides = _anchors()
    boxes = np.zeros((len(pictures), 4, strides.size), np.float32)
    objectness = np.full((len(pictures), 1, strides.size), BACKGROUND, np.float32)
    logits = np.full((len(pictures), CLASSES, strides.size), BACKGROUND, np.float32)
    for number, picture in enumerate(pictures):
        scale = min(CANVAS_WIDTH / picture.width, CANVAS_HEIGHT / picture.height)
        for thing in picture.things:
            box = tuple(value * scale for value in thing.xyxy)
            cell, middle, stride = _cell(box)
            x1, y1, x2, y2 = (value / stride for value in box)
            offset = (x1 + x2) / 2 - (middle[0] - 0.5), (y1 + y2) / 2 - (middle[1] - 0.5)
            boxes[number, :, cell] = *offset, math.log(x2 - x1), math.log(y2 - y1)
            objectness[number, 0, cell] = _logit(OBJECTNESS)
            logits[number, thing.class_id, cell] = _logit(thing.score / OBJECTNESS)
    graph = Graph()
    box = graph.constant(boxes)
    if not raw:
        centre, size = graph.split(box, [2, 2], axis=1)
        centre = graph.node("Add", centre, graph.constant(middles - 0.5))
        both = graph.node("Concat", centre, graph.node("Exp", size), axis=1)
        box = graph.node("Mul", both, graph.constant(strides))
    scores = [graph.node("Sigmoid", graph.constant(numbers)) for numbers in (objectness, logits)]
    output = graph.node("Transpose", graph.node("Concat", box, *scores, axis=1), perm=[0, 2, 1])
    options = {"classes": CLASSES, "raw": raw, "strides": LEVELS}
    answer = _answer("yolox", graph, {"output": "output"}, {"output": output}, options)
    spec = replace(SPEC, fit=Fit.LETTERBOX_TOP_LEFT, colour_order=ColourOrder.BGR, scale=(1.0, 1.0, 1.0))
    return replace(answer, card=replace(answer.card, input=spec))
