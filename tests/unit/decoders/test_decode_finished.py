"""What is particular to answers that left the graph finished: labels, padding and ends of lists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_heads import (
    MakeHead,
    detr,
    nms_in_graph,
    rfdetr,
    rtdetr,
    ssd_openvino,
    ssd_tensorflow,
    ssd_torchvision,
    ssd_zoo,
)
from planted_scene import TALL, WIDE, Picture, Thing, assert_found

from engine.cards import Thresholds
from engine.decoders.table import make_decoder

EVERY = Thresholds(confidence=0.1, iou=0.01, max_detections=100)

TWINS = Picture(640, 360, (Thing((50, 40, 210, 300), 2, 0.9), Thing((52, 42, 212, 302), 2, 0.7)))


@pytest.mark.parametrize(
    "make_head", [ssd_tensorflow, ssd_openvino, ssd_zoo, rtdetr, detr, rfdetr, nms_in_graph], ids=lambda f: f.__name__
)
def test_the_graphs_own_choice_is_not_suppressed_again(make_head: MakeHead) -> None:
    head = make_head([TWINS])
    assert_found(make_decoder(head.card).decode(head.outputs, [TWINS.geometry], EVERY)[0], TWINS.things)


@pytest.mark.parametrize(
    "make_head", [ssd_tensorflow, ssd_openvino, ssd_zoo, rtdetr, nms_in_graph], ids=lambda f: f.__name__
)
def test_rows_need_not_come_best_first(make_head: MakeHead) -> None:
    shuffled = replace(WIDE, things=(WIDE.things[1], WIDE.things[2], WIDE.things[0]))
    head = make_head([shuffled])
    assert_found(make_decoder(head.card).decode(head.outputs, [WIDE.geometry], EVERY)[0], WIDE.things)


def test_the_background_is_no_object() -> None:
    head = ssd_torchvision(WIDE)
    head.outputs["labels"][1] = 0
    found = make_decoder(head.card).decode(head.outputs, [WIDE.geometry], EVERY)[0]
    assert_found(found, (WIDE.things[0], WIDE.things[2]))


def test_labels_that_count_from_zero_stay_as_they_are() -> None:
    head = ssd_torchvision(WIDE)
    card = replace(head.card, options=dict(head.card.options) | {"first_class": 0})
    found = make_decoder(card).decode(head.outputs, [WIDE.geometry], EVERY)[0]
    assert found.class_id.tolist() == [thing.class_id + 1 for thing in WIDE.things]


def test_a_detection_output_may_mix_its_pictures() -> None:
    head = ssd_openvino([WIDE, TALL])
    table = head.outputs["detection_out"]
    table[0, 0, :4] = table[0, 0, [3, 1, 0, 2]]
    wide, tall = make_decoder(head.card).decode(head.outputs, [WIDE.geometry, TALL.geometry], EVERY)
    assert_found(wide, WIDE.things)
    assert_found(tall, TALL.things)


def test_a_detection_output_may_be_empty() -> None:
    head = ssd_openvino([WIDE])
    outputs = {"detection_out": np.zeros((1, 1, 0, 7), np.float32)}
    assert len(make_decoder(head.card).decode(outputs, [WIDE.geometry], EVERY)[0]) == 0


def test_a_query_counts_once_with_softmax_and_for_each_class_with_sigmoid() -> None:
    softmax, sigmoid = detr([TALL]), rfdetr([TALL])
    softmax.outputs["logits"][0, 1, 1] = softmax.outputs["logits"][0, 1, 2] - 1
    sigmoid.outputs["labels"][0, 1, 1] = 0.0
    found = make_decoder(softmax.card).decode(softmax.outputs, [TALL.geometry], EVERY)[0]
    assert found.class_id.tolist() == [1]
    found = make_decoder(sigmoid.card).decode(sigmoid.outputs, [TALL.geometry], EVERY)[0]
    assert_found(found, [*TALL.things, Thing(TALL.things[0].xyxy, 0, 0.5)])
