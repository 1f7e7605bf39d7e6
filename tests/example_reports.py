"""Reports as they might come out, for tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cards import Precision
from engine.optimise.alike import Likeness
from engine.optimise.candidate import ORIGINAL, Candidate, Refused, Sample, Spread, Timing
from engine.optimise.report import Entry, Report, Way, WorstFrame

TITLES = {"openvino": "OpenVINO", "onnxruntime": "ONNX Runtime", "opencv": "OpenCV DNN"}


def way(
    name: str,
    speed: float,
    agreement: float | None = 1.0,
    *,
    backend: str = "openvino",
    precision: str = "FP32",
    latency: float | None = None,
    closeness: float | None = None,
) -> Way:
    """A way to run a variant, so many times as fast as the original."""
    shares = {part.lower(): 1.0 for part in precision.split(" + ")}
    execution: dict[str, Any] = {
        "badge": f"{TITLES[backend]} · CPU · {precision}",
        "backend_title": TITLES[backend],
        "precision": precision,
        "precision_shares": shares,
        "lanes": 4,
        "threads": 2,
    }
    hint = Precision.BF16 if "BF16" in precision else Precision.FP32
    candidate = Candidate(name, Path(f"{name}.onnx"), backend, "CPU", hint)
    slower = latency or 1 / speed
    figures = Sample(10.0 * slower, 12.0 * slower, 9.0 * slower, 100.0 * speed, 110.0 * speed, 11.0 / speed)
    spread = Spread(speed, speed * 0.97, speed * 1.02)
    timing = Timing(candidate, execution, figures, spread, spread, Spread(slower, slower, slower), 200_000_000, 0.5, 7)
    if agreement is None:
        return Way(timing)
    frames = (agreement, 1.0, 1.0)
    lost = 1 if agreement < 0.5 else 0
    close = agreement if closeness is None else closeness
    return Way(timing, Likeness(agreement, close, frames, 40, 0.93, 0.02, class_flips=2 * lost, lost_frames=lost))


def entry(name: str, *ways: Way, size: int = 3_700_000, map_: float | None = None) -> Entry:
    """A variant, or the original; all its ways are equally right."""
    ways = tuple(replace(way, map=map_) for way in ways)
    return Entry(name, Path(f"{name}.onnx"), size, ways, None if name == ORIGINAL else 4.2)


def report(original: Entry, *variants: Entry, refused: tuple[Refused, ...] = (), **further: Any) -> Report:
    """About one model."""
    facts = {"model": "m.onnx", "task": "detect", "machine": "A processor, 2 cores", "source": "yard.mp4", "frames": 3}
    told = {**facts, "limit": 0.95, "created_utc": "2026-01-02T03:04:05+00:00", **further}
    return Report(original=original, variants=variants, refused=refused, **told)


def worst(name: str, place: str, jpeg: bytes = b"\xff\xd8jpeg") -> WorstFrame:
    """A frame on which they differ."""
    return WorstFrame(name, place, 1, 0.5, jpeg, jpeg)


def rich() -> Report:
    """Many variants, some of them outside the limit."""
    return report(
        entry(ORIGINAL, way(ORIGINAL, 1.0), way(ORIGINAL, 1.42, 0.985, precision="BF16"),
              way(ORIGINAL, 1.13, backend="onnxruntime"), way(ORIGINAL, 0.55, backend="opencv"), map_=0.379),
        entry("onnx-fused", way("onnx-fused", 1.02), way("onnx-fused", 1.15, backend="onnxruntime"), map_=0.379),
        entry("onnx-fp16", way("onnx-fp16", 0.99, 0.999), way("onnx-fp16", 0.7, 0.999, backend="onnxruntime"),
              size=1_900_000, map_=0.379),
        entry("onnx-int8", way("onnx-int8", 1.31, 0.961, precision="INT8 + FP32"),
              way("onnx-int8", 1.2, 0.958, backend="onnxruntime", precision="INT8 + FP32"), size=1_300_000, map_=0.371),
        entry("openvino-fp16", way("openvino-fp16", 1.0, 0.999), size=1_950_000, map_=0.379),
        entry("openvino-int8", way("openvino-int8", 1.45, 0.972, precision="INT8 + FP32"),
              way("openvino-int8", 1.6, 0.951, precision="INT8 + BF16"), size=1_250_000, map_=0.374),
        entry("pruned-50", way("pruned-50", 1.01, 0.62), map_=0.211),
        refused=(Refused("pruned-80", "", "Too little is left of it."),),
    )  # fmt: skip
