"""Which thresholds make a difference is told as it is: a control that does nothing would be a lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cards import make_card
from planted_heads import HEADS, MakeHead
from planted_scene import Picture, Thing, run_graph

from engine.cards import Task, Thresholds
from engine.decoders.table import DECODERS, WITH_NMS, make_decoder, thresholds_used
from engine.results import Detections

OVERLAPPING = Picture(640, 360, (Thing((40, 40, 240, 300), 2, 0.9), Thing((90, 40, 290, 300), 2, 0.8)))


def _found(make_head: MakeHead, iou: float) -> int:
    head = make_head([OVERLAPPING])
    thresholds = Thresholds(confidence=0.1, iou=iou)
    result = make_decoder(head.card).decode(run_graph(head.outputs), [OVERLAPPING.geometry], thresholds)[0]
    assert isinstance(result, Detections)
    return len(result)


@pytest.mark.parametrize("make_head", HEADS, ids=lambda head: head.__name__)
def test_overlap_is_offered_where_it_changes_what_is_found(make_head: MakeHead) -> None:
    differs = _found(make_head, 0.1) != _found(make_head, 0.99)

    assert ("iou" in thresholds_used(make_head([OVERLAPPING]).card)) == differs


@pytest.mark.parametrize(
    ("family", "task", "used"),
    [
        ("yolox", Task.DETECT, {"confidence", "iou", "max_detections"}),
        ("yolov8_obb", Task.OBB, {"confidence", "iou", "max_detections"}),
        ("yunet", Task.FACE, {"confidence", "iou", "max_detections"}),
        ("yolo_end2end", Task.DETECT, {"confidence", "max_detections"}),
        ("rtdetr", Task.DETECT, {"confidence", "max_detections"}),
        ("classifier", Task.CLASSIFY, set()),
        ("semantic", Task.SEMANTIC, set()),
    ],
)
def test_by_family(family: str, task: Task, used: set[str]) -> None:
    card = replace(make_card(Path("m.onnx")), family=family, task=task)

    assert thresholds_used(card) == used


def test_only_families_that_exist_are_named() -> None:
    assert set(DECODERS) >= WITH_NMS
