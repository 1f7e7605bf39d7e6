"""Ranges of tensors: what is rare and far away is cut off, what matters is kept."""

from __future__ import annotations

import numpy as np
import pytest

from engine.optimise.recipes.ranges import Histogram, silu

NORMAL = np.random.default_rng(0).normal(size=100_000).astype(np.float32)


def _histogram(*tensors: np.ndarray) -> Histogram:
    histogram = Histogram()
    for tensor in tensors:
        histogram.add(tensor.astype(np.float32))
    return histogram


def _error(low: float, high: float, values: np.ndarray) -> float:
    step = (high - low) / 255
    return float(np.square(np.round(np.clip(values, low, high) / step) * step - values).sum())


def test_a_uniform_tensor_keeps_its_extremes() -> None:
    low, high = _histogram(np.linspace(-2, 6, 10_000)).least_error()
    assert (low, high) == pytest.approx((-2, 6), rel=0.03)


def test_what_was_never_negative_gets_no_levels_below_zero() -> None:
    low, high = _histogram(np.abs(NORMAL)).least_error()
    assert low == 0
    assert 2 < high <= np.abs(NORMAL).max()


def test_one_odd_value_does_not_take_the_levels_of_all_others() -> None:
    values = np.append(np.tile(NORMAL, 20), [10.0])
    low, high = _histogram(values).least_error()

    assert high < 6
    assert _error(low, high, values) < 0.6 * _error(float(values.min()), 10.0, values)


def test_frames_are_counted_together() -> None:
    assert _histogram(NORMAL[:50], NORMAL[50:9000]).least_error() == _histogram(NORMAL[:9000]).least_error()


def test_what_silu_makes_nothing_of_is_cut_off() -> None:
    values = np.linspace(-40, 10, 100_000)
    low, high = _histogram(values).least_error(silu)

    assert -15 < low < -3
    assert high > 9
    assert _histogram(values).least_error()[0] < -38


def test_a_tensor_of_zeroes_has_no_range_and_one_that_was_never_seen_neither() -> None:
    assert _histogram(np.zeros(10)).least_error() == (0, 0)
    assert Histogram().least_error() == Histogram().extremes() == (0, 0)


def test_extremes_hold_everything_and_zero() -> None:
    assert _histogram(np.array([0.5, 3.0]), np.array([7.0, 2.0])).extremes() == (0, 7)
    assert _histogram(np.array([-2.0, -1.0])).extremes() == (-2, 0)


def test_numbers_that_are_none_are_passed_over() -> None:
    low, high = _histogram(np.array([np.nan, np.inf, -1.0, 1.0])).least_error()
    assert (low, high) == (-1, 1)
