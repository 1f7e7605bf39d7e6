"""What to take, in one sentence: the fastest of what loses no more than a person allows."""

from __future__ import annotations

from collections.abc import Iterator

from engine.cards import Profile
from engine.optimise.candidate import ORIGINAL
from engine.optimise.report import DISTURBED, Entry, Recommendation, Report, Way, is_allowed

_LEAST_GAIN = 1.05
"""Less is no reason to change anything."""
_EQUAL = 0.97
"""Who is this close to the fastest is as fast, and may win by agreement or size."""
_FEW = 30
"""Objects: with so few, one that is lost moves the agreement by more than a hundredth."""


def gain(way: Way, wish: Profile) -> float:
    """How many times as good as the reference it is, in what a person wishes."""
    timing = way.timing
    return 1 / timing.latency.median if wish is Profile.LATENCY else timing.live_speed.median


def sure_gain(way: Way, wish: Profile) -> float:
    """The same as reached in three of four rounds: one lucky round on a busy computer decides nothing."""
    timing = way.timing
    return 1 / timing.latency.high if wish is Profile.LATENCY else timing.live_speed.low


def recommend(report: Report, wish: Profile = Profile.THROUGHPUT) -> Recommendation | None:
    """What to take of everything that was measured; None where nothing ran."""
    ways = list(report.ways())
    if not ways:
        return None
    allowed = [(e, w) for e, w in ways if is_allowed(e, w, report.original, report.limit)] or ways[:1]
    entry, way = _best(allowed, wish)
    if gain(way, wish) < _LEAST_GAIN or (sure_gain(way, wish) <= 1 and way is not allowed[0][1]):
        entry, way = allowed[0]
    parts = [_sentence(report, entry, way, wish), *_remarks(report, way, wish)]
    return Recommendation(entry.name, way.timing.candidate, " ".join(parts))


def _best(allowed: list[tuple[Entry, Way]], wish: Profile) -> tuple[Entry, Way]:
    fastest = max(sure_gain(way, wish) for _, way in allowed)
    close = [(entry, way) for entry, way in allowed if sure_gain(way, wish) >= fastest * _EQUAL]
    return max(close, key=lambda pair: (_agreement(pair[1]), -pair[0].model_bytes, sure_gain(pair[1], wish)))


def _agreement(way: Way) -> float:
    """Of what nobody has looked at, only the original in FP32 gets this far."""
    return 1.0 if way.likeness is None else round(way.likeness.agreement, 2)


def _sentence(report: Report, entry: Entry, way: Way, wish: Profile) -> str:
    what = "the original" if entry.name == ORIGINAL else entry.name
    if way is report.original.ways[0]:
        return f"Stay with the original on {way.timing.badge}: nothing that was tried is faster and within the limit."
    reason = f"{_speed(way, wish)} the original on {report.original.ways[0].timing.badge}"
    chosen = " and ".join(way.timing.candidate.chosen)
    return f"Take {what} on {way.timing.badge}{f', {chosen}' * bool(chosen)}: {reason}{_kept(report, way)}."


def _speed(way: Way, wish: Profile) -> str:
    if wish is Profile.LATENCY:
        return f"it answers after {way.timing.figures.latency_p50_ms:.1f} ms, {gain(way, wish):.2f} times as quickly as"
    return f"{gain(way, wish):.2f} times as many frames a second as"


def _kept(report: Report, way: Way) -> str:
    accuracy = way.map
    if accuracy is not None and report.original.map is not None:
        return f", mAP {accuracy:.3f} instead of {report.original.map:.3f}"
    known = way.likeness is not None and way.likeness.expected
    return f", agreement {way.likeness.agreement:.3f}" if way.likeness and known else ""


def _remarks(report: Report, taken: Way, wish: Profile) -> Iterator[str]:
    faster = [(e, w) for e, w in report.ways() if gain(w, wish) > gain(taken, wish) * _LEAST_GAIN]
    unseen = [(e, w) for e, w in faster if w.likeness is None and w.map is None]
    compared = [pair for pair in faster if pair not in unseen]
    failed = [(e, w) for e, w in compared if not is_allowed(e, w, report.original, report.limit)]
    if failed:
        entry, way = max(failed, key=lambda pair: gain(pair[1], wish))
        yield f"{_title(entry, way)} is {gain(way, wish):.2f} times as fast, but {_lost(report, way)}."
    if unseen:
        entry, way = max(unseen, key=lambda pair: gain(pair[1], wish))
        what = f"{_title(entry, way)} is {gain(way, wish):.2f} times as fast"
        yield f"{what}, but nobody has looked at what it loses: name a source."
    quantised = [e for e in report.variants if e.name.endswith("int8")]
    if quantised and not any(is_allowed(e, w, report.original, report.limit) for e in quantised for w in e.ways):
        yield "No INT8 variant is within the limit."
    yield from cautions(report)


def cautions(report: Report) -> Iterator[str]:
    """Why to trust what was measured less than usual, in sentences."""
    if report.disturbance > DISTURBED:
        yield (
            f"Other work took {report.disturbance:.0%} of the processor meanwhile, so speeds are rough: "
            "measure again when the computer is quiet."
        )
    seen = report.original.likeness
    if seen is not None and 0 < seen.expected < _FEW:
        yield f"Only {seen.expected} found on the frames that were compared: more frames would tell more."


def _title(entry: Entry, way: Way) -> str:
    return f"{'The original' if entry.name == ORIGINAL else entry.name} on {way.timing.badge}"


def _lost(report: Report, way: Way) -> str:
    accuracy = way.map
    if accuracy is not None and report.original.map is not None:
        return f"its mAP is {accuracy:.3f} instead of {report.original.map:.3f}"
    if way.likeness is not None and not way.likeness.expected:
        return "the original finds nothing on these frames, so they prove nothing"
    agreement = way.likeness.agreement if way.likeness else 0.0
    if agreement >= report.limit:
        return "scores and places of what it finds have moved too far"
    return f"its agreement of {agreement:.3f} is below the limit of {report.limit:g}"
