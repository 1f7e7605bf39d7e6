"""What might have been measured of variants, for tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cards import Precision
from engine.optimise.alike import Likeness
from engine.optimise.candidate import ORIGINAL
from engine.optimise.plan import Finding
from engine.optimise.report import WorstFrame


def make_finding(name: str, speed: float, agreement: float = 1.0, **changes: Any) -> Finding:
    """A finding of a model of 4 MB that runs 50 frames a second; a variant has one frame to look at."""
    is_original = name == ORIGINAL
    finding = Finding(
        name=name,
        path=Path("demo" if is_original else f"/variants/demo-{name}.xml"),
        model_bytes=4_000_000 if is_original else 1_000_000,
        backend="openvino",
        device="CPU",
        precision=Precision.FP32,
        badge="OpenVINO · CPU · FP32",
        speed=speed,
        speed_low=0.98 * speed,
        speed_high=1.02 * speed,
        frames_per_s=50 * speed,
        latency_p50_ms=20 / speed,
        latency_p95_ms=25 / speed,
        peak_memory_bytes=200_000_000,
        likeness=Likeness(agreement, agreement, (agreement,) * 10, 40, mean_iou=0.9),
        build_s=None if is_original else 3.0,
        worst=() if is_original else (WorstFrame(name, "openvino · CPU · FP32", 7, agreement, b"one", b"other"),),
    )
    return replace(finding, **changes)


ORIGINAL_FINDING = make_finding(ORIGINAL, 1.0)
INT8_FINDING = make_finding("openvino-int8", 2.0, 0.97)
FP16_FINDING = make_finding("openvino-fp16", 1.0)
POOR_FINDING = make_finding("onnx-int8", 3.0, 0.6, path=Path("/variants/demo-onnx-int8.onnx"), backend="onnxruntime")
