from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cards import make_card

from engine.backends.canvas_input import CanvasInput, check_input
from engine.cards import ColourOrder, InputSpec, TensorLayout
from engine.errors import BackendError

SPEC = InputSpec("images", 4, 6)


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        (SPEC, (1, 3, 4, 6)),
        (replace(SPEC, layout=TensorLayout.NHWC), (1, 4, 6, 3)),
        (replace(SPEC, colour_order=ColourOrder.GREY, batch=2), (2, 1, 4, 6)),
        (replace(SPEC, colour_order=ColourOrder.GREY, layout=TensorLayout.NHWC), (1, 4, 6, 1)),
    ],
)
def test_shapes(spec: InputSpec, shape: tuple[int, ...]) -> None:
    given = CanvasInput(spec)
    assert given.canvas.shape == spec.canvas_shape
    assert given.tensor.shape == shape


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
def test_the_type_is_the_model_s(dtype: str) -> None:
    assert CanvasInput(replace(SPEC, dtype=dtype)).tensor.dtype == np.dtype(dtype)


def test_every_picture_of_a_batch_is_filled_each_time() -> None:
    given = CanvasInput(replace(SPEC, batch=3))
    for value in (1, 9):
        for index in range(3):
            given.canvas[index] = value + index
        tensor = given.fill()
        assert tensor is given.tensor
        assert [set(picture.ravel().tolist()) for picture in tensor] == [{value}, {value + 1}, {value + 2}]


def test_channels_are_scaled_in_the_order_of_the_model() -> None:
    given = CanvasInput(replace(SPEC, mean=(10.0, 20.0, 30.0), scale=(1.0, 2.0, 4.0)))
    given.canvas[...] = (110, 100, 90)  # blue, green, red
    assert [float(plane.mean()) for plane in given.fill()[0]] == [80.0, 40.0, 20.0]


def test_grey_is_rec_601() -> None:
    given = CanvasInput(replace(SPEC, colour_order=ColourOrder.GREY))
    given.canvas[...] = (0, 0, 200)
    assert given.fill()[0, 0, 0, 0] == pytest.approx(0.299 * 200, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"dtype": "uint8", "scale": (255.0, 255.0, 255.0)}, "scaled"),
        ({"dtype": "int8", "mean": (1.0, 0.0, 0.0)}, "scaled"),
        ({"dtype": "bfloat16"}, "bfloat16"),
    ],
)
def test_what_cannot_be_filled_is_refused(change: dict[str, object], word: str) -> None:
    card = make_card(Path("some.onnx"), input=replace(SPEC, **change))  # type: ignore[arg-type]
    with pytest.raises(BackendError, match=word) as error:
        check_input(card)
    assert "some.onnx" in str(error.value)


def test_plain_inputs_are_not_refused() -> None:
    for dtype in ("uint8", "float16", "float32"):
        check_input(make_card(Path("some.onnx"), input=replace(SPEC, dtype=dtype)))
