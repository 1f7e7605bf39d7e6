"""Rates, percentiles and the books."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.frames import StageTimings
from engine.pipeline.statistics import DropCause, Histogram, Ledger, RateMeter, stage_percentiles


@given(st.lists(st.integers(1_000, 10**10), min_size=1, max_size=300))
def test_percentiles_are_within_two_and_a_half_percent(values: list[int]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)

    for percent in (50, 95, 99):
        exact = float(np.percentile(values, percent, method="inverted_cdf"))
        assert histogram.percentile(percent) == pytest.approx(exact, rel=0.025)


def test_nothing_counted_is_zero() -> None:
    assert Histogram().percentile(50) == 0.0


def test_a_rate_is_right_while_frames_come_and_falls_when_they_stop() -> None:
    meter = RateMeter()
    for i in range(60):
        meter.tick(i * 40_000_000)
    end = 59 * 40_000_000

    assert meter.rate_hz(end) == pytest.approx(25.0, rel=0.01)
    assert meter.rate_hz(end + 1_000_000_000) < 20.0
    assert meter.rate_hz(end + 3_000_000_000) == 0.0


def test_every_frame_ends_in_exactly_one_column() -> None:
    ledger = Ledger()
    for i in range(5):
        ledger.capture(100 + i)
    ledger.publish(StageTimings(1_000_000, 2_000_000, 3_000_000, 4_000_000, 10_000_000), 500)
    ledger.drop(DropCause.SUPERSEDED)
    ledger.drop(DropCause.FAILED)

    counts = ledger.counts()

    assert (counts.captured, counts.published, counts.in_flight) == (5, 1, 2)
    assert counts.dropped == {DropCause.SUPERSEDED: 1, DropCause.FAILED: 1}
    assert stage_percentiles([ledger, Ledger()])["infer"].p50_ms == pytest.approx(3.0, rel=0.025)
    assert ledger.span_ns() == (100, 500)


def test_recent_timings_are_told_once_and_only_the_newest_are_kept() -> None:
    ledger = Ledger()
    for number in range(3000):
        ledger.capture(number)
        ledger.publish(StageTimings(1, 2, 3, 4, number), number)

    recent = ledger.take_recent()

    assert [(moment, timings.total_ns) for moment, timings in recent] == [(n, n) for n in range(1976, 3000)]
    assert ledger.take_recent() == []
    ledger.capture(1)
    ledger.publish(StageTimings(1, 2, 3, 4, 5), 7)
    assert ledger.take_recent() == [(7, StageTimings(1, 2, 3, 4, 5))]
