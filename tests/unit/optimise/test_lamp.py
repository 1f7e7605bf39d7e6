"""Which weights are zeroed."""

from __future__ import annotations

import numpy as np
import pytest

from engine.optimise.recipes.lamp import masks


@pytest.mark.parametrize("percent", [1, 30, 50, 99])
def test_so_many_are_zeroed(percent: int) -> None:
    random = np.random.default_rng(1)
    kept = masks([random.normal(size=(8, 4, 3, 3)), random.normal(size=(16, 8, 1, 1))], percent)

    zeroed = sum(int((~mask).sum()) for mask in kept)
    assert zeroed == sum(mask.size for mask in kept) * percent // 100


def test_the_small_ones_of_a_layer_go_first() -> None:
    (kept,) = masks([np.array([3.0, -0.1, 2.0, 0.2])], 50)
    assert kept.tolist() == [True, False, True, False]


def test_a_layer_is_not_pruned_away_because_its_numbers_are_small() -> None:
    random = np.random.default_rng(2)
    large, small = masks([random.normal(size=1000) * 100, random.normal(size=50) / 100], 60)

    assert large.mean() == pytest.approx(0.4, abs=0.05)
    assert small.mean() > large.mean()


def test_a_layer_of_zeroes_is_survived() -> None:
    zeroes, others = masks([np.zeros(10), np.ones(10)], 50)
    assert not zeroes.any() or others.any()
