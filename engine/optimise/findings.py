"""What a person is shown of the original and of each variant: the way in which it runs best."""

from __future__ import annotations

from collections.abc import Iterator

from engine.optimise.candidate import ORIGINAL
from engine.optimise.plan import Finding
from engine.optimise.report import Entry, Report, Way, WorstFrame, is_allowed
from engine.optimise.witness import Witness


def findings_of(entry: Entry, report: Report, witness: Witness) -> Iterator[Finding]:
    """The original in every way that was compared, a variant in its best one; nothing where no way was.

    Args:
        entry: What was measured.
        report: Holds the original, beside which it was measured.
        witness: Has kept frames to look at.
    """
    compared = [way for way in entry.ways if way.likeness is not None]
    if compared and entry.name != ORIGINAL:
        compared = [_best(entry, compared, report)]
    return (_finding(entry, way, witness.worst) for way in compared)


def _best(entry: Entry, ways: list[Way], report: Report) -> Way:
    """The fastest that loses no more than is allowed; where none does, the one that is most like the original."""
    allowed = [way for way in ways if is_allowed(entry, way, report.original, report.limit)]
    if allowed:
        return max(allowed, key=lambda way: way.timing.live_speed.median)
    return max(ways, key=lambda way: way.likeness.agreement if way.likeness else 0.0)


def _finding(entry: Entry, way: Way, worst: list[WorstFrame]) -> Finding:
    assert way.likeness is not None
    timing, candidate = way.timing, way.timing.candidate
    return Finding(
        name=entry.name,
        path=entry.path,
        model_bytes=entry.model_bytes,
        backend=candidate.backend,
        device=candidate.device,
        precision=candidate.precision,
        badge=timing.badge,
        speed=timing.live_speed.median,
        speed_low=timing.live_speed.low,
        speed_high=timing.live_speed.high,
        frames_per_s=timing.figures.frames_per_s,
        latency_p50_ms=timing.figures.latency_p50_ms,
        latency_p95_ms=timing.figures.latency_p95_ms,
        peak_memory_bytes=timing.peak_memory_bytes,
        likeness=way.likeness,
        map=way.map,
        build_s=entry.build_s,
        worst=tuple(frame for frame in worst if (frame.name, frame.place) == (entry.name, candidate.place)),
    )
