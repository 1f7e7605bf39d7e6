"""Which weights are zeroed."""

from __future__ import annotations

import numpy as np
import pytest

from engine.optimise.recipes.magnitudes import masks


@pytest.mark.parametrize("percent", [1, 30, 50, 99])
def test_so_many_are_zeroed(percent: int) -> None:
    random = np.random.default_rng(1)
    kept = masks([(random.normal(size=(8, 4, 3, 3)), 0), (random.normal(size=(16, 8, 1, 1)), 0)], percent)

    zeroed = sum(int((~mask).sum()) for mask in kept)
    assert zeroed == sum(mask.size for mask in kept) * percent // 100


def test_the_small_ones_of_a_result_go_first() -> None:
    (kept,) = masks([(np.array([[3.0, -0.1, 2.0, 0.2]]), 0)], 50)
    assert kept.tolist() == [[True, False, True, False]]


def test_a_result_is_not_pruned_away_because_its_numbers_are_small() -> None:
    weights = np.random.default_rng(2).normal(size=(2, 1000)) * np.array([[100.0], [0.01]])
    (kept,) = masks([(weights, 0)], 60)
    assert kept.mean(axis=1) == pytest.approx([0.4, 0.4], abs=0.05)


def test_results_lie_along_the_axis_that_was_named() -> None:
    weights = np.random.default_rng(2).normal(size=(1000, 2)) * np.array([100.0, 0.01])
    (kept,) = masks([(weights, -1)], 60)
    assert kept.mean(axis=0) == pytest.approx([0.4, 0.4], abs=0.05)


def test_a_depthwise_convolution_keeps_more_than_a_wide_one() -> None:
    random = np.random.default_rng(3)
    wide, depthwise = masks([(random.normal(size=(64, 256, 1, 1)), 0), (random.normal(size=(64, 1, 3, 3)), 0)], 50)
    assert depthwise.mean() > 0.8 > wide.mean()


def test_zeroes_go_first_and_equal_weights_no_further_than_asked() -> None:
    zeroes, ones = masks([(np.zeros((2, 5)), 0), (np.ones((2, 5)), 0)], 60)
    assert (int(zeroes.sum()), int(ones.sum())) == (0, 8)
