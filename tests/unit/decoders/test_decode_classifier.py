"""Classifiers: a score for every class, from logits or as it comes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from cards import make_card
from numpy.typing import NDArray
from planted_scene import SPEC, TALL, WIDE, run_graph

from engine.cards import ModelCard, Task, Thresholds
from engine.decoders.table import make_decoder
from engine.errors import ModelError
from engine.results import Classification

SCORES = ((0.7, 0.2, 0.06, 0.04), (0.1, 0.15, 0.05, 0.7))


def classifier_card(*, softmax: bool) -> ModelCard:
    return make_card(
        Path("classifier.onnx"),
        task=Task.CLASSIFY,
        family="classifier",
        roles={"output": "logits"},
        options={"softmax": softmax},
        input=SPEC,
        class_names=("cat", "dog", "cow", "hen"),
    )


def decode(numbers: NDArray, *, softmax: bool) -> list[Classification]:
    geometries = [WIDE.geometry, TALL.geometry][: len(numbers)]
    results = make_decoder(classifier_card(softmax=softmax)).decode({"logits": numbers}, geometries, Thresholds(0.9))
    assert all(isinstance(result, Classification) for result in results)
    return results


@pytest.mark.parametrize("shape", [(2, 4), (2, 4, 1, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_logits_become_scores_of_each_picture_of_the_batch(shape: tuple[int, ...], dtype: type[np.floating]) -> None:
    logits = np.array([[math.log(score) + 3.0 for score in scores] for scores in SCORES], dtype).reshape(shape)
    for result, scores in zip(decode(run_graph({"logits": logits})["logits"], softmax=True), SCORES, strict=True):
        assert result.score == pytest.approx(np.array(scores), abs=2e-3)
        assert result.score.dtype == np.float32


def test_scores_stay_as_they_are() -> None:
    first, second = decode(np.array(SCORES, np.float32), softmax=False)
    assert first.top(2) == [(0, pytest.approx(0.7)), (1, pytest.approx(0.2))]
    assert second.top(1) == [(3, pytest.approx(0.7))]


def test_large_logits_do_not_overflow() -> None:
    result = decode(np.array([[60000.0, 59999.0, -60000.0, 0.0]], np.float32), softmax=True)[0]
    assert result.score == pytest.approx(np.array([0.7311, 0.2689, 0.0, 0.0]), abs=1e-3)


@pytest.mark.parametrize("softmax", [True, False])
def test_a_result_outlives_the_outputs(softmax: bool) -> None:
    numbers = np.array(SCORES, np.float32)
    before = decode(numbers, softmax=softmax)[0]
    kept = before.score.copy()
    numbers[:] = 0
    assert (before.score == kept).all()


def test_another_layout_is_an_error() -> None:
    with pytest.raises(ModelError, match=r"logits.*any, any"):
        decode(np.zeros((1, 4, 7, 7), np.float32), softmax=True)
