"""A report as a JSON document and as CSV. The keys are described in docs/json.md and are stable."""

from __future__ import annotations

import csv
import io
from typing import Any

from engine.optimise.alike import Likeness
from engine.optimise.candidate import Spread
from engine.optimise.report import Entry, Report, Way

COLUMNS = (
    "name", "path", "bytes", "build_s", "map", "backend", "device", "precision", "runs_as", "agreement_f1", "strict_f1",
    "inferences_per_s", "speed_ratio", "frames_per_s", "live_speed_ratio", "latency_p50_ms", "latency_p95_ms",
    "cpu_ms_per_frame", "peak_memory_bytes", "load_s", "lanes", "threads",
)  # fmt: skip
"""Of the CSV: a row for each way to run each variant."""

_LIKENESS = ("agreement_f1", "strict_f1", "closeness", "mean_iou", "score_drift", "class_flips", "lost_frames")


def document(report: Report) -> dict[str, Any]:
    """The whole report but for its pictures."""
    taken = report.recommendation
    return {
        "model": report.model,
        "task": report.task,
        "machine": report.machine,
        "created_utc": report.created_utc,
        "agreement_source": report.source,
        "agreement_frames": report.frames,
        "agreement_limit": report.limit,
        "original": entry_document(report.original),
        "variants": [entry_document(entry) for entry in report.variants],
        "refused": [{"name": each.name, "place": each.place, "reason": each.reason} for each in report.refused],
        "recommendation": None
        if taken is None
        else {
            "name": taken.name,
            "path": str(taken.candidate.path),
            "backend": taken.candidate.backend,
            "device": taken.candidate.device,
            "precision": taken.candidate.precision.value,
            "lanes": taken.candidate.lanes,
            "threads": taken.candidate.threads,
            "reason": taken.sentence,
        },
    }


def entry_document(entry: Entry) -> dict[str, Any]:
    """The original, or a variant."""
    return {
        "name": entry.name,
        "path": str(entry.path),
        "bytes": entry.model_bytes,
        **_likeness(entry.likeness),
        "map": _rounded(entry.map),
        "build_s": _rounded(entry.build_s, 3),
        "notes": list(entry.notes),
        "origin": dict(entry.origin),
        "timings": [_way(way) for way in entry.ways],
    }


def _likeness(likeness: Likeness | None) -> dict[str, Any]:
    """Nothing where nobody has looked, or where there was nothing to be found."""
    if likeness is None or not likeness.expected:
        return dict.fromkeys(_LIKENESS)
    return {
        "agreement_f1": round(likeness.agreement, 4),
        "strict_f1": _rounded(likeness.at_threshold),
        "closeness": round(likeness.closeness, 4),
        "mean_iou": _rounded(likeness.mean_iou),
        "score_drift": round(likeness.score_drift, 4),
        "class_flips": likeness.class_flips,
        "lost_frames": likeness.lost_frames,
    }


def _way(way: Way) -> dict[str, Any]:
    timing, figures = way.timing, way.timing.figures
    return {
        "backend": timing.candidate.backend,
        "device": timing.candidate.device,
        "precision": timing.candidate.precision.value,
        "execution": dict(timing.execution),
        "inferences_per_s": round(figures.inferences_per_s, 2),
        **_spread("speed_ratio", timing.speed),
        "frames_per_s": round(figures.frames_per_s, 2),
        **_spread("live_speed_ratio", timing.live_speed),
        "latency_p50_ms": round(figures.latency_p50_ms, 3),
        "latency_p95_ms": round(figures.latency_p95_ms, 3),
        "infer_p50_ms": round(figures.infer_p50_ms, 3),
        **_spread("latency_ratio", timing.latency),
        "cpu_ms_per_frame": round(figures.cpu_ms, 3),
        "peak_memory_bytes": timing.peak_memory_bytes,
        "load_s": round(timing.load_s, 3),
        "rounds": timing.rounds,
        "disturbance": round(timing.disturbance, 3),
        **_likeness(way.likeness),
        "map": _rounded(way.map),
    }


def _spread(key: str, spread: Spread) -> dict[str, float]:
    return {key: round(spread.median, 4), f"{key}_low": round(spread.low, 4), f"{key}_high": round(spread.high, 4)}


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def csv_text(report: Report) -> str:
    """A row for each way to run each variant, below a row of titles."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for entry, way in report.ways():
        row = {**entry_document(entry), **_way(way)}
        execution = row["execution"]
        shown = {"runs_as": execution["badge"], "lanes": execution["lanes"], "threads": execution["threads"]}
        writer.writerow({**row, **shown, "name": _plain(entry.name), "path": _plain(str(entry.path))})
    return text.getvalue()


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
