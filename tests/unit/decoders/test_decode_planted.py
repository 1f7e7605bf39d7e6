"""Every detection layout gives back the objects that were planted in it, and keeps the promises of all decoders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from planted_heads import HEADS, Head, MakeHead, ssd_openvino, ssd_torchvision
from planted_scene import BARE, TALL, WIDE, Picture, Thing, assert_found, run_graph

from engine.cards import Thresholds
from engine.decoders.table import make_decoder
from engine.errors import ModelError
from engine.results import Detections

EVERY = Thresholds(confidence=0.1, iou=0.45, max_detections=100)

every_head = pytest.mark.parametrize("make_head", HEADS, ids=lambda head: head.__name__)


def decode(head: Head, pictures: tuple[Picture, ...], thresholds: Thresholds = EVERY) -> list[Detections]:
    results = make_decoder(head.card).decode(
        run_graph(head.outputs), [picture.geometry for picture in pictures], thresholds
    )
    assert all(isinstance(result, Detections) for result in results)
    return results


def in_half(outputs: dict[str, NDArray]) -> dict[str, NDArray]:
    return {k: v.astype(np.float16) if v.dtype == np.float32 else v for k, v in outputs.items()}


@every_head
def test_planted_objects_are_found_in_a_batch_of_letterboxed_pictures(make_head: MakeHead) -> None:
    wide, tall = decode(make_head([WIDE, TALL]), (WIDE, TALL))
    assert_found(wide, WIDE.things)
    assert_found(tall, TALL.things)


@every_head
def test_half_precision_outputs_are_read(make_head: MakeHead) -> None:
    head = make_head([WIDE, TALL])
    wide, tall = decode(replace(head, outputs=in_half(head.outputs)), (WIDE, TALL))
    assert_found(wide, WIDE.things)
    assert_found(tall, TALL.things)


@every_head
def test_a_picture_without_objects_gives_none(make_head: MakeHead) -> None:
    bare, wide = decode(make_head([BARE, WIDE]), (BARE, WIDE))
    assert len(bare) == 0
    assert_found(wide, WIDE.things)


@every_head
def test_pictures_of_the_batch_without_geometry_are_left_out(make_head: MakeHead) -> None:
    results = decode(make_head([TALL, WIDE]), (TALL,))
    assert len(results) == 1
    assert_found(results[0], TALL.things)


@every_head
def test_fewer_pictures_than_geometries_are_an_error(make_head: MakeHead) -> None:
    if make_head is ssd_openvino:
        return  # its list does not say how many pictures it is about
    with pytest.raises(ModelError, match="hold 1 pictures"):
        decode(make_head([WIDE]), (WIDE, TALL))


@every_head
def test_thresholds_bound_score_and_number(make_head: MakeHead) -> None:
    head = make_head([WIDE])
    assert_found(decode(head, (WIDE,), replace(EVERY, confidence=0.5))[0], WIDE.things[:2])
    assert_found(decode(head, (WIDE,), replace(EVERY, max_detections=1))[0], WIDE.things[:1])


@every_head
def test_boxes_are_clipped_to_the_picture(make_head: MakeHead) -> None:
    leaving = Picture(640, 360, (Thing((-60, 20, 200, 340), 2, 0.9),))
    found = decode(make_head([leaving]), (leaving,))[0]
    assert_found(found, [Thing((0, 20, 200, 340), 2, 0.9)])
    assert found.xyxy[0, 0] == 0


@every_head
def test_a_result_outlives_the_outputs(make_head: MakeHead) -> None:
    head = make_head([WIDE])
    outputs = {name: array.copy() for name, array in head.outputs.items()}
    found = make_decoder(head.card).decode(outputs, [WIDE.geometry], EVERY)[0]
    for array in outputs.values():
        array[...] = 0
    assert isinstance(found, Detections)
    assert_found(found, WIDE.things)


@every_head
def test_outputs_of_another_layout_are_an_error_that_names_the_output(make_head: MakeHead) -> None:
    head = make_head([WIDE])
    name = next(reversed(head.outputs))
    outputs = head.outputs | {name: head.outputs[name][..., None]}
    with pytest.raises(ModelError, match=name):
        make_decoder(head.card).decode(outputs, [WIDE.geometry], EVERY)


@every_head
def test_a_missing_output_is_an_error_that_names_it(make_head: MakeHead) -> None:
    head = make_head([WIDE])
    name = next(iter(head.outputs))
    outputs = {k: v for k, v in head.outputs.items() if k != name}
    with pytest.raises(ModelError, match=f"{name}.*did not give"):
        make_decoder(head.card).decode(outputs, [WIDE.geometry], EVERY)


@every_head
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_no_objects(make_head: MakeHead, number: float) -> None:
    head = make_head([BARE])
    outputs = {k: np.full_like(v, number) if v.ndim == 3 else v for k, v in head.outputs.items()}
    found = make_decoder(head.card).decode(outputs, [BARE.geometry], EVERY)[0]
    assert isinstance(found, Detections)
    assert np.isfinite(found.xyxy).all()


@pytest.mark.parametrize("picture", [WIDE, TALL, BARE], ids=["wide", "tall", "bare"])
def test_torchvision_answers_without_a_batch_axis(picture: Picture) -> None:
    head = ssd_torchvision(picture)
    assert_found(decode(head, (picture,))[0], picture.things)
