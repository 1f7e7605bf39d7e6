"""What is particular to NanoDet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_heads import nanodet, nanodet_plus
from planted_scene import SPEC, WIDE, Picture, Thing, assert_found

from engine.cards import Thresholds
from engine.decoders.table import make_decoder
from engine.geometry import fit_geometry

EVERY = Thresholds(confidence=0.1, iou=0.45, max_detections=100)


def test_two_classes_of_one_cell_are_two_objects_as_in_the_exporters_own_nms() -> None:
    head = nanodet([WIDE])
    scores = head.outputs["cls_pred_stride_16"]
    cell = np.flatnonzero(scores[0, :, 2] > 0.5)[0]
    scores[0, cell, 0] = 0.4
    found = make_decoder(head.card).decode(head.outputs, [WIDE.geometry], EVERY)[0]
    first, second, third = WIDE.things
    assert_found(found, [first, second, Thing(first.xyxy, 0, 0.4), third])


@pytest.mark.parametrize(("iou", "kept"), [(0.3, 1), (0.9, 2)])
def test_neighbouring_cells_that_see_one_object_are_joined(iou: float, kept: int) -> None:
    twice = Picture(640, 360, (Thing((50, 40, 210, 300), 2, 0.9), Thing((70, 60, 230, 320), 2, 0.7)))
    head = nanodet([twice])
    found = make_decoder(head.card).decode(head.outputs, [twice.geometry], replace(EVERY, iou=iou))[0]
    assert_found(found, twice.things[:kept])


def test_a_canvas_that_a_stride_does_not_divide_has_a_last_cell_cut_off() -> None:
    """NanoDet-Plus at 416 has a fourth stride of 64 with 7 x 7 cells."""
    spec = replace(SPEC, height=416, width=416)
    head = nanodet_plus([WIDE])
    card = replace(head.card, input=spec, options=dict(head.card.options) | {"strides": (8, 16, 32, 64)})
    cells = 52 * 52 + 26 * 26 + 13 * 13 + 7 * 7
    output = np.full((1, cells, 3 + 32), 0.001, np.float32)
    output[0, -1, 1] = 0.9  # the last cell: its corner is at (384, 384), a flat distribution reaches 3.5 strides
    found = make_decoder(card).decode({"output": output}, [fit_geometry(416, 416, spec)], EVERY)[0]
    assert_found(found, [Thing((160, 160, 416, 416), 1, 0.9)])


def test_a_threshold_of_zero_ends_within_its_bounds() -> None:
    head = nanodet([WIDE])
    found = make_decoder(head.card).decode(head.outputs, [WIDE.geometry], Thresholds(0.0, 0.45, 50))[0]
    assert len(found) == 50
