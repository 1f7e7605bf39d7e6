"""Semantic maps: the winner at each place, cut to what shows the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cards import make_card
from numpy.typing import NDArray
from planted_scene import CANVAS_HEIGHT, CANVAS_WIDTH, SPEC, TALL, WIDE, run_graph

from engine.cards import Fit, InputSpec, ModelCard, Task, Thresholds
from engine.decoders.table import make_decoder
from engine.errors import ModelError
from engine.frames import CanvasGeometry
from engine.geometry import fit_geometry
from engine.results import SegmentationMap

BORDER = 9


def semantic_card(spec: InputSpec, *, labels: bool) -> ModelCard:
    return make_card(
        Path("semantic.onnx"),
        task=Task.SEMANTIC,
        family="semantic",
        roles={"output": "output"},
        options={"labels": labels},
        input=spec,
        class_names=tuple(str(number) for number in range(BORDER + 1)),
    )


def decode(output: NDArray, *geometries: CanvasGeometry, labels: bool, spec: InputSpec = SPEC) -> list[SegmentationMap]:
    results = make_decoder(semantic_card(spec, labels=labels)).decode({"output": output}, geometries, Thresholds())
    assert all(isinstance(result, SegmentationMap) for result in results)
    return results


def striped_canvas(geometry: CanvasGeometry) -> NDArray[np.int64]:
    """Class ids at canvas resolution: BORDER round the picture, in it four columns (0 to 3), its lower half 4 more."""
    ids = np.full((CANVAS_HEIGHT, CANVAS_WIDTH), BORDER, np.int64)
    left, top = round(geometry.offset_x), round(geometry.offset_y)
    width, height = CANVAS_WIDTH - 2 * left, CANVAS_HEIGHT - 2 * top
    for column in range(width):
        ids[top : top + height, left + column] = column * 4 // width
    ids[top + height // 2 : top + height, left : left + width] += 4
    return ids


def one_hot(ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Logits whose largest is the class."""
    noise = np.random.default_rng(1).uniform(-1, 1, (BORDER + 1, *ids.shape))
    return (noise + 3 * (ids == np.arange(BORDER + 1)[:, None, None])).astype(np.float32)


def class_at(result: SegmentationMap, x: float, y: float) -> int:
    """The class at a source pixel, as a painter would look it up."""
    left, top, right, bottom = result.region_xyxy
    rows, columns = result.class_id.shape
    return int(result.class_id[int((y - top) / (bottom - top) * rows), int((x - left) / (right - left) * columns)])


def expected_class(x: float, y: float, width: int, height: int) -> int:
    return int(x * 4 // width) + (4 if y >= height / 2 else 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_logits_of_a_batch_of_letterboxed_pictures_lead_back_to_their_pixels(dtype: type[np.floating]) -> None:
    pictures = (WIDE, TALL)
    logits = np.stack([one_hot(striped_canvas(picture.geometry)) for picture in pictures]).astype(dtype)
    results = decode(run_graph({"output": logits})["output"], *(p.geometry for p in pictures), labels=False)
    for result, picture in zip(results, pictures, strict=True):
        assert result.region_xyxy == (0, 0, picture.width, picture.height)
        assert BORDER not in result.class_id
        for x in range(1, picture.width, 13):
            for y in range(1, picture.height, 17):
                assert class_at(result, x, y) == expected_class(x, y, picture.width, picture.height)


@pytest.mark.parametrize("channelled", [True, False])
@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_labels_are_taken_as_they_are(channelled: bool, dtype: type[np.generic]) -> None:
    ids = striped_canvas(WIDE.geometry).astype(dtype)
    result = decode(ids[None, None] if channelled else ids[None], WIDE.geometry, labels=True)[0]
    assert result.class_id.shape == (180, 320)
    assert (result.class_id == ids[38:218]).all()


@pytest.mark.parametrize("cells", [(64, 80), (32, 40), (17, 23), (1, 1)])
def test_a_coarser_map_stays_coarse_and_covers_just_the_picture(cells: tuple[int, int]) -> None:
    rows, columns = cells
    ids = np.zeros((rows, columns), np.int64)
    ids[:, columns // 2 :] = 1
    result = decode(one_hot(ids)[None], WIDE.geometry, labels=False)[0]
    assert result.region_xyxy == (0, 0, 640, 360)
    assert result.class_id.shape == (max(1, round(rows * 180 / 256)), columns)
    assert class_at(result, 600, 180) == ids[0, -1]
    assert class_at(result, 10, 180) == ids[0, 0]


def test_a_picture_edge_within_a_cell_moves_no_class_by_more_than_half_a_cell() -> None:
    """Top and bottom border are 38 canvas pixels: 4.75 cells of 8."""
    ids = np.arange(32)[:, None].repeat(40, axis=1)
    planes = (ids == np.arange(32)[:, None, None]).astype(np.float32)
    result = decode(planes[None], WIDE.geometry, labels=False)[0]
    for y in range(0, 360, 5):
        cell = (y * 0.5 + 38) / 8
        assert abs(class_at(result, 300, y) + 0.5 - cell) <= 1.0


def test_what_is_cut_off_is_not_covered() -> None:
    spec = replace(SPEC, fit=Fit.CROP)
    geometry = fit_geometry(640, 360, spec)
    result = decode(np.zeros((1, 3, CANVAS_HEIGHT, CANVAS_WIDTH), np.float32), geometry, labels=False, spec=spec)[0]
    assert result.region_xyxy == pytest.approx((95, 0, 545, 360), abs=1)
    assert result.class_id.shape == (CANVAS_HEIGHT, CANVAS_WIDTH)


def test_the_first_of_equals_wins_and_no_number_wins_nothing() -> None:
    planes = np.zeros((1, 3, CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    planes[0, 1] = np.nan
    assert not decode(planes, WIDE.geometry, labels=False)[0].class_id.any()


@pytest.mark.parametrize("classes", [2, 21, 300])
def test_the_winner_is_numpys(classes: int) -> None:
    planes = np.random.default_rng(classes).integers(0, 50, (1, classes, 32, 40)).astype(np.float32)
    spec = replace(SPEC, fit=Fit.STRETCH)
    result = decode(planes, fit_geometry(100, 100, spec), labels=False, spec=spec)[0]
    assert (result.class_id == planes[0].argmax(axis=0)).all()


@pytest.mark.parametrize("labels", [True, False])
def test_a_result_outlives_the_outputs(labels: bool) -> None:
    ids = striped_canvas(WIDE.geometry)
    output = ids[None].astype(np.float32) if labels else one_hot(ids)[None]
    result = decode(output, WIDE.geometry, labels=labels)[0]
    output[:] = 1
    assert (result.class_id == ids[38:218]).all()


def test_another_layout_is_an_error() -> None:
    with pytest.raises(ModelError, match=r"output.*any, any, any"):
        decode(np.zeros((1, 3, 32, 40), np.float32), WIDE.geometry, labels=True)
