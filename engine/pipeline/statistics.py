"""Counting frames and times in constant memory, however long a stream runs."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.frames import StageTimings
from engine.pipeline.mailbox import Lock

_BUCKETS_PER_OCTAVE = 32
"""2.2 % resolution: finer than what two runs on one machine differ by."""

_RECENT = 1024
"""Results whose timings are kept for whoever asks for the newest ones."""

STAGES = ("queue", "preprocess", "infer", "decode", "total")
"""Stages of ``StageTimings``, in order."""


class DropCause(StrEnum):
    """Why a captured frame has no result."""

    SUPERSEDED = "superseded"
    """A newer frame came before a lane was free."""
    RATE_LIMIT = "rate_limit"
    """The analysis rate was limited by the person."""
    NO_MODEL = "no_model"
    TIMELINE = "timeline"
    """A seek, a loop or a stop came in between."""
    STALE = "stale"
    """A newer result had been shown already."""
    FAILED = "failed"
    """The model raised an error on it, or who takes the results did."""
    HUNG = "hung"
    """The model did not come back."""


class Histogram:
    """Percentiles of positive durations over the whole run, in buckets of 2.2 %."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._total = 0

    def add(self, value_ns: int) -> None:
        """Count one duration in ns."""
        self._counts[int(math.log2(value_ns + 1) * _BUCKETS_PER_OCTAVE)] += 1
        self._total += 1

    def merge(self, other: Histogram) -> None:
        """Count everything that another one has counted."""
        self._counts.update(other._counts)
        self._total += other._total

    def percentile(self, percent: float) -> float:
        """Duration in ns that so many percent do not exceed; 0 where nothing was counted."""
        wanted = math.ceil(self._total * percent / 100)
        seen = 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= wanted:
                return float(2 ** ((bucket + 0.5) / _BUCKETS_PER_OCTAVE) - 1)
        return 0.0


class RateMeter:
    """Events per second over the last two seconds."""

    _WINDOW_NS = 2_000_000_000

    def __init__(self) -> None:
        self._times: deque[int] = deque(maxlen=1024)

    def tick(self, now_ns: int) -> None:
        """Count one event."""
        self._times.append(now_ns)

    def rate_hz(self, now_ns: int) -> float:
        """Events per second; falls to 0 when nothing comes any more."""
        recent = [t for t in tuple(self._times) if now_ns - t <= self._WINDOW_NS]
        if len(recent) < 2:
            return 0.0
        # Silence since the last event lowers the rate only once it is longer than the usual distance.
        usual = (recent[-1] - recent[0]) / (len(recent) - 1)
        span = recent[-1] - recent[0] + max(0.0, now_ns - recent[-1] - usual)
        return (len(recent) - 1) * 1e9 / span if span > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Three percentiles of one stage, in ms."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Counts:
    """Where the frames went: ``captured = published + sum(dropped) + in_flight``, at every moment."""

    captured: int
    published: int
    in_flight: int
    dropped: Mapping[DropCause, int]


class Ledger:
    """Books of one stream at one model: every captured frame ends in exactly one column."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._captured = 0
        self._published = 0
        self._in_flight = 0
        self._dropped: Counter[DropCause] = Counter()
        self._histograms = {stage: Histogram() for stage in STAGES}
        self._capture_rate = RateMeter()
        self._result_rate = RateMeter()
        self._recent: deque[tuple[int, StageTimings]] = deque(maxlen=_RECENT)
        self._first_captured_ns = 0
        self._last_published_ns = 0

    def capture(self, captured_ns: int) -> None:
        """A frame came in."""
        with self._lock:
            self._captured += 1
            self._in_flight += 1
            self._capture_rate.tick(captured_ns)
            if not self._first_captured_ns:
                self._first_captured_ns = captured_ns

    def drop(self, cause: DropCause) -> None:
        """A frame that was in flight will have no result."""
        with self._lock:
            self._in_flight -= 1
            self._dropped[cause] += 1

    def publish(self, timings: StageTimings, now_ns: int) -> None:
        """A frame that was in flight has its result."""
        with self._lock:
            self._in_flight -= 1
            self._published += 1
            self._last_published_ns = now_ns
            self._result_rate.tick(now_ns)
            self._recent.append((now_ns, timings))
            for stage, histogram in self._histograms.items():
                histogram.add(getattr(timings, f"{stage}_ns"))

    def take_recent(self) -> list[tuple[int, StageTimings]]:
        """The results published since the last call, oldest first: when (``monotonic_ns``), and where their time went.

        Of more than 1024 the newest ones. For one reader, from any thread.
        """
        with self._lock:
            recent = list(self._recent)
            self._recent.clear()
        return recent

    def counts(self) -> Counts:
        """All columns at one moment."""
        with self._lock:
            return Counts(self._captured, self._published, self._in_flight, dict(self._dropped))

    def histograms(self) -> dict[str, Histogram]:
        """Durations of each stage over the whole run, as a copy."""
        copies = {stage: Histogram() for stage in STAGES}
        with self._lock:
            for stage, histogram in self._histograms.items():
                copies[stage].merge(histogram)
        return copies

    def rates_hz(self) -> tuple[float, float]:
        """Frames captured and results published per second, over the last two seconds."""
        now = time.monotonic_ns()
        with self._lock:
            return self._capture_rate.rate_hz(now), self._result_rate.rate_hz(now)

    def span_ns(self) -> tuple[int, int]:
        """``monotonic_ns`` of the first capture and the last result; 0 for what has not been."""
        with self._lock:
            return self._first_captured_ns, self._last_published_ns


def stage_percentiles(ledgers: Iterable[Ledger]) -> dict[str, Percentiles]:
    """p50, p95 and p99 of each stage over the whole run of one or several streams."""
    sums = {stage: Histogram() for stage in STAGES}
    for ledger in ledgers:
        for stage, histogram in ledger.histograms().items():
            sums[stage].merge(histogram)
    return {stage: Percentiles(*(h.percentile(p) / 1e6 for p in (50, 95, 99))) for stage, h in sums.items()}
