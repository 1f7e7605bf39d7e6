"""Reading outputs and choosing among candidates."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import DTypeLike

from engine.cards import InputSpec, Thresholds
from engine.decoders.candidates import best_class, best_first, each_picture, read_output
from engine.errors import ModelError
from engine.geometry import fit_geometry

GEOMETRY = fit_geometry(100, 100, InputSpec("images", 100, 100))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 6, 84), (2, 3), (1, 0, 6)])
def test_every_float_type_is_read_as_float32(dtype: DTypeLike, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).normal(size=shape).astype(dtype)
    array.flat[:1] = np.inf
    read = read_output({"output": array}, "output", (None,) * len(shape))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, array.astype(np.float32))


def test_half_precision_is_read_from_a_part_of_an_array() -> None:
    whole = np.random.default_rng(0).normal(size=(2, 6, 84)).astype(np.float16)
    part = whole[:, ::2, 3:]
    np.testing.assert_array_equal(read_output({"a": part}, "a", (2, 3, 81)), part.astype(np.float32))


def test_a_wrong_shape_is_named_with_the_right_one() -> None:
    with pytest.raises(ModelError) as caught:
        read_output({"output0": np.zeros((1, 84, 8400), np.float32)}, "output0", (None, None, 85))
    assert str(caught.value) == (
        "output0: The output has the shape (1, 84, 8400); expected an array (any, any, 85). "
        "Correct the model's family or options."
    )


@pytest.mark.parametrize("classes", [1, 3, 80])
@pytest.mark.parametrize("turned", [False, True], ids=["class_first", "candidate_first"])
def test_the_best_class_of_each_candidate_that_reaches_the_threshold(classes: int, turned: bool) -> None:
    scores = np.random.default_rng(classes).uniform(0, 1, (500, classes)).astype(np.float32) ** 3
    scores[7] = 0.5
    scores[8] = np.nextafter(np.float32(0.5), np.float32(0))
    rows, score, class_id = best_class(scores.T if turned else np.ascontiguousarray(scores.T), 0.5)
    assert rows.tolist() == [i for i in range(500) if max(scores[i]) >= 0.5]
    np.testing.assert_array_equal(score, scores.max(axis=1)[rows])
    np.testing.assert_array_equal(class_id, scores.argmax(axis=1)[rows])
    assert class_id.dtype == np.int32
    assert not np.shares_memory(score, scores)


def test_the_best_come_first_and_equals_in_their_order() -> None:
    score = np.array([0.3, 0.9, 0.1, 0.3, 0.5], np.float32)
    boxes = np.tile(np.array([10, 10, 20, 20], np.float32), (5, 1))
    assert best_first(boxes, score, GEOMETRY, Thresholds(0.3, 0.5, 300)).tolist() == [1, 4, 0, 3]
    assert best_first(boxes, score, GEOMETRY, Thresholds(0.3, 0.5, 3)).tolist() == [1, 4, 0]


def test_pictures_beyond_the_geometries_are_not_even_read() -> None:
    found = iter("abc")
    assert [picture for _, picture in each_picture([GEOMETRY, GEOMETRY], found)] == ["a", "b"]
    assert next(found) == "c"
