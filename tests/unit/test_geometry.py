"""Fitting there and back, and box formats."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.cards import Fit, InputSpec
from engine.frames import Image
from engine.geometry import (
    boxes_to_source,
    cxcywh_to_xyxy,
    enclosing_boxes,
    fit_geometry,
    fit_onto_canvas,
    points_to_source,
    rotated_corners,
    within_source,
)
from engine.opencv import cv2

every_fit = pytest.mark.parametrize("fit", list(Fit))
lengths = st.integers(1, 6000)
canvas_lengths = st.integers(8, 800)


def spec_of(fit: Fit, width: int = 96, height: int = 64, pad: tuple[int, int, int] = (114, 114, 114)) -> InputSpec:
    return InputSpec(name="images", width=width, height=height, fit=fit, pad_bgr=pad)


def picture(width: int, height: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def fitted(image: Image, spec: InputSpec) -> Image:
    canvas = np.zeros((spec.height, spec.width, 3), np.uint8)
    fit_onto_canvas(image, canvas, spec)
    return canvas


# Where a picture lies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fit", "scale", "offset"),
    [
        (Fit.LETTERBOX_CENTRE, (5 / 6, 5 / 6), (0, 140)),
        (Fit.LETTERBOX_TOP_LEFT, (5 / 6, 5 / 6), (0, 0)),
        (Fit.STRETCH, (640 / 768, 640 / 432), (0, 0)),
        (Fit.CROP, (640 / 432, 640 / 432), (-168 * 640 / 432, 0)),
    ],
)
def test_a_wide_video_on_a_square_canvas(fit: Fit, scale: tuple[float, float], offset: tuple[float, float]) -> None:
    geometry = fit_geometry(768, 432, spec_of(fit, 640, 640))
    assert (geometry.scale_x, geometry.scale_y) == pytest.approx(scale)
    assert (geometry.offset_x, geometry.offset_y) == pytest.approx(offset)
    assert geometry.seen_xyxy == pytest.approx((168, 0, 600, 432) if fit is Fit.CROP else (0, 0, 768, 432))


@settings(deadline=None)
@given(width=lengths, height=lengths, canvas_width=canvas_lengths, canvas_height=canvas_lengths)
@pytest.mark.parametrize("fit", [Fit.LETTERBOX_CENTRE, Fit.LETTERBOX_TOP_LEFT])
def test_a_letterboxed_picture_touches_two_sides_of_the_canvas_and_keeps_its_shape(
    fit: Fit, width: int, height: int, canvas_width: int, canvas_height: int
) -> None:
    geometry = fit_geometry(width, height, spec_of(fit, canvas_width, canvas_height))
    fitted_width, fitted_height = geometry.scale_x * width, geometry.scale_y * height
    assert fitted_width == pytest.approx(canvas_width) or fitted_height == pytest.approx(canvas_height)
    scale = min(canvas_width / width, canvas_height / height)
    assert fitted_width == pytest.approx(max(1, scale * width), abs=1)
    assert fitted_height == pytest.approx(max(1, scale * height), abs=1)
    free = (canvas_width - fitted_width, canvas_height - fitted_height)
    share = 0.5 if fit is Fit.LETTERBOX_CENTRE else 0
    assert (geometry.offset_x, geometry.offset_y) == pytest.approx((free[0] * share, free[1] * share), abs=0.51)


def test_letterboxes_round_as_those_who_train_with_them() -> None:
    # 427 x 640 on 416: 277.55 pixels wide, which Ultralytics rounds up and YOLOX down.
    assert fit_geometry(427, 640, spec_of(Fit.LETTERBOX_CENTRE, 416, 416)).scale_x == pytest.approx(278 / 427)
    assert fit_geometry(427, 640, spec_of(Fit.LETTERBOX_TOP_LEFT, 416, 416)).scale_x == pytest.approx(277 / 427)


@pytest.mark.parametrize("fit", [Fit.LETTERBOX_CENTRE, Fit.LETTERBOX_TOP_LEFT])
@pytest.mark.parametrize("canvas", [320, 416, 640])
def test_no_pixel_is_lost_where_a_picture_fits_exactly(fit: Fit, canvas: int) -> None:
    for width in range(1, 2000):
        assert fit_geometry(width, 1, spec_of(fit, canvas, canvas)).scale_x * width == pytest.approx(canvas)


@settings(deadline=None)
@given(width=lengths, height=lengths, canvas_width=canvas_lengths, canvas_height=canvas_lengths)
@every_fit
def test_every_fit_sees_something_and_covers_the_canvas_where_it_should(
    fit: Fit, width: int, height: int, canvas_width: int, canvas_height: int
) -> None:
    geometry = fit_geometry(width, height, spec_of(fit, canvas_width, canvas_height))
    left, top, right, bottom = geometry.seen_xyxy
    assert right - left > 0.99
    assert bottom - top > 0.99
    if fit in (Fit.STRETCH, Fit.CROP):
        assert (right - left) * geometry.scale_x == pytest.approx(canvas_width)
        assert (bottom - top) * geometry.scale_y == pytest.approx(canvas_height)


# Onto the canvas ------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 150), st.integers(1, 150)), min_size=1, max_size=4),
    pad=st.sampled_from([(114, 114, 114), (0, 0, 0), (10, 20, 30)]),
)
@every_fit
def test_a_used_canvas_holds_the_same_as_a_fresh_one_bit_for_bit(
    fit: Fit, sizes: list[tuple[int, int]], pad: tuple[int, int, int]
) -> None:
    spec = spec_of(fit, pad=pad)
    used = picture(spec.width, spec.height, seed=99)
    for seed, (width, height) in enumerate(sizes):
        image = picture(width, height, seed)
        fit_onto_canvas(image, used, spec)
        np.testing.assert_array_equal(used, fitted(image, spec))


@pytest.mark.parametrize("size", [(768, 432), (100, 300), (63, 95), (96, 64), (20, 10)])
def test_a_centred_letterbox_is_a_resize_with_a_border_round_it(size: tuple[int, int]) -> None:
    image = picture(*size)
    scale = min(96 / size[0], 64 / size[1])
    inner = cv2.resize(image, (round(size[0] * scale), round(size[1] * scale)), interpolation=cv2.INTER_LINEAR)
    high, wide = 64 - inner.shape[0], 96 - inner.shape[1]
    sides = (high // 2, high - high // 2, wide // 2, wide - wide // 2)
    expected = cv2.copyMakeBorder(inner, *sides, cv2.BORDER_CONSTANT, value=(10, 20, 30))
    canvas = fitted(image, spec_of(Fit.LETTERBOX_CENTRE, pad=(10, 20, 30)))
    np.testing.assert_array_equal(canvas, expected)


@every_fit
@pytest.mark.parametrize("size", [(400, 300), (120, 350)])
def test_what_is_at_a_place_of_the_source_lands_where_the_geometry_says(fit: Fit, size: tuple[int, int]) -> None:
    spec = spec_of(fit, 320, 256)
    image = np.zeros((size[1], size[0], 3), np.uint8)
    left, top, right, bottom = size[0] // 2 - 20, size[1] // 2 - 30, size[0] // 2 + 20, size[1] // 2 + 10
    image[top:bottom, left:right] = 255
    canvas = np.zeros((256, 320, 3), np.uint8)
    geometry = fit_onto_canvas(image, canvas, spec)
    rows, columns = np.nonzero(canvas[..., 0] > 127)
    seen = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)
    tolerance = 1 / min(geometry.scale_x, geometry.scale_y)
    assert boxes_to_source(seen, geometry)[0] == pytest.approx((left, top, right, bottom), abs=tolerance)


@every_fit
@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (1, 40000), (8000, 6000)])
def test_extreme_pictures_fit(fit: Fit, size: tuple[int, int]) -> None:
    image = np.full((size[1], size[0], 3), 200, np.uint8)
    canvas = np.zeros((640, 640, 3), np.uint8)
    geometry = fit_onto_canvas(image, canvas, spec_of(fit, 640, 640))
    values = set(np.unique(canvas).tolist())
    assert values <= {114, 200}
    assert 200 in values
    x, y = ((a + b) / 2 for a, b in zip(geometry.seen_xyxy[:2], geometry.seen_xyxy[2:], strict=True))
    column, row = x * geometry.scale_x + geometry.offset_x, y * geometry.scale_y + geometry.offset_y
    assert canvas[int(row), int(column), 0] == 200


@every_fit
def test_pictures_may_be_read_only_and_parts_of_others(fit: Fit) -> None:
    whole = picture(200, 120)
    part = whole[7:97, 11:181]
    whole.flags.writeable = False
    batch = np.zeros((3, 64, 96, 3), np.uint8)
    fit_onto_canvas(part, batch[1], spec_of(fit))
    np.testing.assert_array_equal(batch[1], fitted(part.copy(), spec_of(fit)))
    assert not batch[0].any()
    assert not batch[2].any()


def test_a_canvas_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(64, 96, 3\).*\(96, 64, 3\)"):
        fit_onto_canvas(picture(5, 5), np.zeros((96, 64, 3), np.uint8), spec_of(Fit.STRETCH))
    with pytest.raises(ValueError, match="float32"):
        fit_onto_canvas(picture(5, 5), np.zeros((64, 96, 3), np.float32), spec_of(Fit.STRETCH))  # type: ignore[arg-type]


def test_a_resize_that_writes_elsewhere_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    resize = cv2.resize
    monkeypatch.setattr(cv2, "resize", lambda image, size, dst, interpolation: resize(image, size))
    with pytest.raises(RuntimeError, match="did not write"):
        fit_onto_canvas(picture(5, 5), np.zeros((64, 96, 3), np.uint8), spec_of(Fit.STRETCH))


# Back to the source ---------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    width=lengths,
    height=lengths,
    shares=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5),
)
@every_fit
def test_there_and_back_is_where_one_was(fit: Fit, width: int, height: int, shares: list[tuple[float, float]]) -> None:
    geometry = fit_geometry(width, height, spec_of(fit, 320, 256))
    source = np.array(shares) * (width, height)
    canvas = source * (geometry.scale_x, geometry.scale_y) + (geometry.offset_x, geometry.offset_y)
    back = points_to_source(canvas, geometry)
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, source, atol=0.05)


def test_boxes_are_clipped_to_the_picture_and_points_are_not() -> None:
    geometry = fit_geometry(200, 100, spec_of(Fit.LETTERBOX_CENTRE, 100, 100))
    boxes = boxes_to_source(np.array([[-10, 0, 120, 100], [10, 30, 20, 40]], np.float32), geometry)
    np.testing.assert_allclose(boxes, [[0, 0, 200, 100], [20, 10, 40, 30]])
    assert boxes.dtype == np.float32
    np.testing.assert_allclose(points_to_source(np.array([[[-10, 0]]]), geometry), [[[-20, -50]]])


def test_no_boxes_stay_no_boxes() -> None:
    geometry = fit_geometry(200, 100, spec_of(Fit.STRETCH))
    assert boxes_to_source(np.zeros((0, 4), np.float32), geometry).shape == (0, 4)
    assert points_to_source(np.zeros((0, 17, 2), np.float32), geometry).shape == (0, 17, 2)
    assert within_source(np.zeros((0, 4), np.float32), geometry).shape == (0,)


def test_boxes_in_the_border_or_without_area_or_number_are_not_within_the_source() -> None:
    geometry = fit_geometry(200, 100, spec_of(Fit.LETTERBOX_CENTRE, 100, 100))  # rows 25 to 75 of the canvas
    boxes = {
        (10, 30, 20, 40): True,
        (10, 0, 20, 26): True,
        (10, 0, 20, 25): False,
        (10, 75, 20, 90): False,
        (-9, 30, 0, 40): False,
        (10, 30, 10, 40): False,
        (20, 30, 10, 40): False,
        (10, 30, math.inf, 40): False,
        (math.nan, 30, 20, 40): False,
    }
    assert within_source(np.array(list(boxes), np.float32), geometry).tolist() == list(boxes.values())


# Box formats ----------------------------------------------------------------------------------------------------------


def test_centre_and_size_become_corners() -> None:
    corners = cxcywh_to_xyxy(np.array([[10, 20, 4, 6]], np.float16))
    assert corners.dtype == np.float32
    np.testing.assert_array_equal(corners, [[8, 17, 12, 23]])


@settings(deadline=None)
@given(
    centre=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    size=st.tuples(st.floats(1, 300), st.floats(1, 300)),
    angle=st.floats(-math.pi, math.pi),
)
def test_corners_of_rotated_boxes_are_those_of_opencv(
    centre: tuple[float, float], size: tuple[float, float], angle: float
) -> None:
    corners = rotated_corners(np.array([[*centre, *size, angle]], np.float32))[0]
    expected = cv2.boxPoints((centre, size, math.degrees(angle)))
    distance = np.linalg.norm(corners[:, None] - expected[None], axis=2)
    assert distance.min(axis=1).max() < 0.01
    assert distance.min(axis=0).max() < 0.01
    assert _area(corners) == pytest.approx(size[0] * size[1], rel=1e-2)
    box = enclosing_boxes(corners[None])[0]
    np.testing.assert_allclose(box, [*corners.min(axis=0), *corners.max(axis=0)])


def _area(corners: NDArray[np.float32]) -> float:
    """Area of a polygon whose corners are in order round it."""
    x, y = corners.T.astype(float)
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2
