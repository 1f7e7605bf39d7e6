"""Results of frames for tests of what is drawn and written, made without running anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from cards import make_card
from numpy.typing import NDArray

from engine.cards import Configuration, ExecutionReport, Precision, Profile
from engine.frames import CanvasGeometry, Frame, FrameResult, StageTimings
from engine.results import Detections, Result

UTC_NS = 1_760_000_000_123_456_789
"""2025-10-09T08:53:20.123456 UTC."""

REPORT = ExecutionReport(
    backend="openvino",
    backend_title="OpenVINO",
    backend_version="2026.4.1",
    device_requested="CPU",
    devices=("CPU",),
    device_title="A processor",
    precision_requested=Precision.FP32,
    precision_shares={Precision.FP32: 1.0},
    placement={"CPU": 100},
    profile=Profile.LATENCY,
    lanes=1,
    threads=2,
    compile_s=0.5,
)


def make_detections(*rows: tuple[float, float, float, float, float, int], **more: Any) -> Detections:
    """Objects given as (left, top, right, bottom, score, class_id)."""
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Detections(
        table[:, :4].astype(np.float32), table[:, 4].astype(np.float32), table[:, 5].astype(np.int32), **more
    )


def make_result(
    result: Result | None = None,
    *,
    size: tuple[int, int] = (768, 432),
    image: NDArray[np.uint8] | None = None,
    sequence: int = 0,
    captured_s: float = 100.0,
    media_time_s: float | None = None,
    source_id: str = "road.mp4",
    card: dict[str, Any] | None = None,
    seen: tuple[float, float, float, float] | None = None,
) -> FrameResult:
    """A result on a grey picture of ``size`` (width, height), which the model saw wholly or as far as ``seen``."""
    if image is None:
        image = np.full((size[1], size[0], 3), 90, np.uint8)
    frame = Frame(image, sequence, round(captured_s * 1e9), UTC_NS, media_time_s, source_id)
    left, top, right, bottom = seen or (0.0, 0.0, float(frame.width), float(frame.height))
    geometry = CanvasGeometry(
        1.0, 1.0, -left, -top, frame.width, frame.height, round(right - left), round(bottom - top)
    )
    model = replace(make_card(Path("models/yolox_nano.onnx")), **(card or {}))
    return FrameResult(
        frame=frame,
        stream_id="1",
        ticket=sequence,
        configuration=Configuration(3, model, REPORT),
        result=make_detections() if result is None else result,
        geometry=geometry,
        timings=StageTimings(1_000_000, 500_000, 10_250_000, 400_000, 12_150_000),
    )
