"""Known objects written the way each exporter writes them, after its definition and not after our decoders.

Each function gives the card of such a model and the outputs that its graph would have for these pictures. All know
three classes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cards import make_card
from numpy.typing import NDArray
from planted_scene import CANVAS_HEIGHT, CANVAS_WIDTH, SPEC, Picture, Thing

from engine.cards import ModelCard

CLASSES = 3
STRIDES = (8, 16, 32)
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Head:
    """A model's card, and what its graph answers."""

    card: ModelCard
    outputs: dict[str, NDArray[Any]]


def _card(family: str, roles: dict[str, str], **options: Any) -> ModelCard:
    names = tuple(str(number) for number in range(CLASSES))
    return make_card(Path(f"{family}.onnx"), family=family, roles=roles, options=options, input=SPEC, class_names=names)


def _logit(score: float) -> float:
    return math.log(score / (1 - score))


def _placed(pictures: Sequence[Picture]) -> list[tuple[int, int, Thing, Box]]:
    """Picture number, place in the picture's list, thing and box in canvas pixels of everything."""
    return [
        (number, place, thing, picture.on_canvas(thing))
        for number, picture in enumerate(pictures)
        for place, thing in enumerate(picture.things)
    ]


# NanoDet --------------------------------------------------------------------------------------------------------------

REG_MAX = 7


def _two_bins(distance: float) -> list[float]:
    """Logits over 0 .. REG_MAX whose softmax has this mean: all the weight on the two whole numbers around it."""
    low = min(int(distance), REG_MAX - 1)
    share = distance - low
    weights = [1e-9] * (REG_MAX + 1)
    weights[low] += 1 - share
    weights[low + 1] += share
    return [math.log(weight) for weight in weights]


def _nanodet_level(pictures: Sequence[Picture], stride: int, middle: float, background: float) -> list[NDArray]:
    """Scores and distributions of one stride; a thing belongs to the finest stride that reaches its sides."""
    columns, rows = CANVAS_WIDTH // stride, CANVAS_HEIGHT // stride
    scores = np.full((len(pictures), rows * columns, CLASSES), background, np.float32)
    sides = np.zeros((len(pictures), rows * columns, 4 * (REG_MAX + 1)), np.float32)
    for number, _, thing, (x1, y1, x2, y2) in _placed(pictures):
        if next(s for s in STRIDES if max(x2 - x1, y2 - y1) < 2 * (REG_MAX - 1) * s) != stride:
            continue
        column, row = int((x1 + x2) / 2 / stride), int((y1 + y2) / 2 / stride)
        x, y = (column + middle) * stride, (row + middle) * stride
        scores[number, row * columns + column, thing.class_id] = thing.score
        distances = [(x - x1) / stride, (y - y1) / stride, (x2 - x) / stride, (y2 - y) / stride]
        sides[number, row * columns + column] = [bin_ for distance in distances for bin_ in _two_bins(distance)]
    return [scores, sides]


def nanodet(pictures: Sequence[Picture]) -> Head:
    """NanoDet: apart for each stride, distances from the middle of a cell, scores after the sigmoid."""
    outputs, roles = {}, {}
    for stride in STRIDES:
        names = (f"cls_pred_stride_{stride}", f"dis_pred_stride_{stride}")
        outputs.update(zip(names, _nanodet_level(pictures, stride, 0.5, 0.001), strict=True))
        roles |= {f"scores_{stride}": names[0], f"boxes_{stride}": names[1]}
    options = {"classes": CLASSES, "strides": STRIDES, "reg_max": REG_MAX, "sigmoid": False, "cell_centre": True}
    return Head(_card("nanodet", roles, **options), outputs)


def nanodet_plus(pictures: Sequence[Picture]) -> Head:
    """NanoDet-Plus: all strides joined, distances from the corner of a cell, scores after the sigmoid."""
    levels = [np.concatenate(_nanodet_level(pictures, stride, 0.0, 0.001), axis=2) for stride in STRIDES]
    options = {"classes": CLASSES, "strides": STRIDES, "reg_max": REG_MAX, "sigmoid": False, "cell_centre": False}
    return Head(_card("nanodet", {"output": "output"}, **options), {"output": np.concatenate(levels, axis=1)})


def nanodet_plus_logits(pictures: Sequence[Picture]) -> Head:
    """NanoDet-Plus exported without the sigmoid."""
    head = nanodet_plus(pictures)
    scores = head.outputs["output"][..., :CLASSES]
    scores[:] = np.log(scores / (1 - scores))
    return Head(_card("nanodet", {"output": "output"}, **(dict(head.card.options) | {"sigmoid": True})), head.outputs)


# SSD ------------------------------------------------------------------------------------------------------------------

PLACES = 10


def ssd_tensorflow(pictures: Sequence[Picture]) -> Head:
    """TensorFlow: top, left, bottom, right in shares, class ids from 1, all floats, padded behind the count."""
    boxes = np.full((len(pictures), PLACES, 4), 0.5, np.float32)
    scores = np.full((len(pictures), PLACES), 0.99, np.float32)
    classes = np.ones((len(pictures), PLACES), np.float32)
    for number, place, thing, (x1, y1, x2, y2) in _placed(pictures):
        boxes[number, place] = y1 / CANVAS_HEIGHT, x1 / CANVAS_WIDTH, y2 / CANVAS_HEIGHT, x2 / CANVAS_WIDTH
        scores[number, place] = thing.score
        classes[number, place] = thing.class_id + 1
    outputs = {
        "detection_boxes": boxes,
        "detection_scores": scores,
        "detection_classes": classes,
        "num_detections": np.array([len(picture.things) for picture in pictures], np.float32),
    }
    roles = dict(zip(("boxes", "scores", "classes", "count"), outputs, strict=True))
    return Head(_card("ssd_tensorflow", roles, first_class=1), outputs)


def ssd_openvino(pictures: Sequence[Picture]) -> Head:
    """DetectionOutput: rows of all pictures in one list, a row of picture -1 behind the last, rubbish after that."""
    table = np.zeros((PLACES, 7), np.float32)
    things = _placed(pictures)
    for row, (number, _, thing, (x1, y1, x2, y2)) in enumerate(things):
        box = x1 / CANVAS_WIDTH, y1 / CANVAS_HEIGHT, x2 / CANVAS_WIDTH, y2 / CANVAS_HEIGHT
        table[row] = number, thing.class_id + 1, thing.score, *box
    table[len(things) :] = -1, 0, 0, 0, 0, 0, 0
    table[len(things) + 1 :] = 0, 1, 0.99, 0.1, 0.1, 0.2, 0.2
    return Head(_card("ssd_openvino", {"output": "detection_out"}, first_class=1), {"detection_out": table[None, None]})


def ssd_zoo(pictures: Sequence[Picture]) -> Head:
    """MLPerf's SSD: left, top, right, bottom in shares, whole labels from 1, batch axis; scores of 0 are padding."""
    boxes = np.zeros((len(pictures), PLACES, 4), np.float32)
    labels = np.ones((len(pictures), PLACES), np.int64)
    scores = np.zeros((len(pictures), PLACES), np.float32)
    for number, place, thing, (x1, y1, x2, y2) in _placed(pictures):
        boxes[number, place] = x1 / CANVAS_WIDTH, y1 / CANVAS_HEIGHT, x2 / CANVAS_WIDTH, y2 / CANVAS_HEIGHT
        labels[number, place] = thing.class_id + 1
        scores[number, place] = thing.score
    outputs = {"bboxes": boxes, "labels": labels, "scores": scores}
    roles = {"boxes": "bboxes", "labels": "labels", "scores": "scores"}
    return Head(_card("ssd_torchvision", roles, first_class=1, normalised=True), outputs)


def ssd_torchvision(picture: Picture) -> Head:
    """torchvision: one picture without a batch axis, canvas pixels, whole labels from 1."""
    things = _placed([picture])
    outputs = {
        "boxes": np.array([box for *_, box in things], np.float32).reshape(-1, 4),
        "labels": np.array([thing.class_id + 1 for _, _, thing, _ in things], np.int64),
        "scores": np.array([thing.score for _, _, thing, _ in things], np.float32),
    }
    roles = {name: name for name in outputs}
    return Head(_card("ssd_torchvision", roles, first_class=1, normalised=False), outputs)


# Set predictions ------------------------------------------------------------------------------------------------------

QUERIES = 20


def rtdetr(pictures: Sequence[Picture]) -> Head:
    """RT-DETR, D-FINE, DEIM: labels, corners in pixels of ``orig_target_sizes``, scores, the best QUERIES of all."""
    labels = np.zeros((len(pictures), QUERIES), np.int64)
    boxes = np.full((len(pictures), QUERIES, 4), (10, 10, 30, 30), np.float32)
    scores = np.full((len(pictures), QUERIES), 0.01, np.float32)
    for number, place, thing, box in _placed(pictures):
        labels[number, place], boxes[number, place], scores[number, place] = thing.class_id, box, thing.score
    outputs = {"labels": labels, "boxes": boxes, "scores": scores}
    return Head(_card("rtdetr", {name: name for name in outputs}), outputs)


def _detr_boxes(pictures: Sequence[Picture]) -> NDArray[np.float32]:
    boxes = np.full((len(pictures), QUERIES, 4), (0.5, 0.5, 0.2, 0.2), np.float32)
    for number, place, _, (x1, y1, x2, y2) in _placed(pictures):
        centre = (x1 + x2) / 2 / CANVAS_WIDTH, (y1 + y2) / 2 / CANVAS_HEIGHT
        boxes[number, 3 * place + 1] = *centre, (x2 - x1) / CANVAS_WIDTH, (y2 - y1) / CANVAS_HEIGHT
    return boxes


def detr(pictures: Sequence[Picture]) -> Head:
    """DETR: the first label is unused, the last one is "no object", softmax over all."""
    logits = np.zeros((len(pictures), QUERIES, 1 + CLASSES + 1), np.float32)
    logits[..., -1] = 12.0
    for number, place, thing, _ in _placed(pictures):
        query = 3 * place + 1
        shares = np.full(1 + CLASSES + 1, 1e-5)
        shares[1 + thing.class_id], shares[-1] = thing.score, 1 - thing.score - 1e-5 * CLASSES
        logits[number, query] = np.log(shares) + 1.5  # softmax does not see what is added to all
    outputs = {"pred_boxes": _detr_boxes(pictures), "logits": logits}
    card = _card("detr", {"boxes": "pred_boxes", "logits": "logits"}, background_last=True, first_class=1)
    return Head(card, outputs)


def rfdetr(pictures: Sequence[Picture]) -> Head:
    """RF-DETR: a sigmoid for each class, the column in front of the first class is unused."""
    logits = np.full((len(pictures), QUERIES, 1 + CLASSES), -6.0, np.float32)
    logits[..., 0] = 3.0
    for number, place, thing, _ in _placed(pictures):
        logits[number, 3 * place + 1, 1 + thing.class_id] = _logit(thing.score)
    outputs = {"dets": _detr_boxes(pictures), "labels": logits}
    card = _card("detr", {"boxes": "dets", "logits": "labels"}, background_last=False, first_class=1)
    return Head(card, outputs)


# NMS in the graph -----------------------------------------------------------------------------------------------------


def _counted(pictures: Sequence[Picture]) -> dict[str, NDArray]:
    boxes = np.full((len(pictures), PLACES, 4), (10, 10, 30, 30), np.float32)
    scores = np.full((len(pictures), PLACES), 0.99, np.float32)
    classes = np.zeros((len(pictures), PLACES), np.int64)
    for number, place, thing, box in _placed(pictures):
        boxes[number, place], scores[number, place], classes[number, place] = box, thing.score, thing.class_id
    count = np.array([[len(picture.things)] for picture in pictures], np.int64)
    return {"num_dets": count, "det_boxes": boxes, "det_scores": scores, "det_classes": classes}


_COUNTED_ROLES = {"count": "num_dets", "boxes": "det_boxes", "scores": "det_scores", "classes": "det_classes"}


def nms_in_graph(pictures: Sequence[Picture]) -> Head:
    """EfficientNMS behind a YOLO: corners in canvas pixels."""
    card = _card("nms_in_graph", _COUNTED_ROLES, box_format="xyxy", normalised=False)
    return Head(card, _counted(pictures))


def nms_in_graph_yxyx(pictures: Sequence[Picture]) -> Head:
    """EfficientNMS behind a TensorFlow network: top, left, bottom, right in shares; the count without its column."""
    outputs = _counted(pictures)
    x1, y1, x2, y2 = np.moveaxis(outputs["det_boxes"], -1, 0)
    yxyx = y1 / CANVAS_HEIGHT, x1 / CANVAS_WIDTH, y2 / CANVAS_HEIGHT, x2 / CANVAS_WIDTH
    outputs |= {"det_boxes": np.stack(yxyx, axis=-1), "num_dets": outputs["num_dets"][:, 0]}
    return Head(_card("nms_in_graph", _COUNTED_ROLES, box_format="yxyx", normalised=True), outputs)


MakeHead = Callable[[Sequence[Picture]], Head]

HEADS: tuple[MakeHead, ...] = (
    nanodet,
    nanodet_plus,
    nanodet_plus_logits,
    ssd_tensorflow,
    ssd_openvino,
    ssd_zoo,
    rtdetr,
    detr,
    rfdetr,
    nms_in_graph,
    nms_in_graph_yxyx,
)
