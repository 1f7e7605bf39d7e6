"""Sources and runtimes that do what a test tells them to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from cards import make_card
from numpy.typing import NDArray

from engine.backends.backend import Cancelled, CompileRequest, DeviceInfo, Progress
from engine.capture.source import Ended, SourceInfo, SourceState, SourceStatus, Wait
from engine.cards import Configuration, ExecutionReport, ModelCard, Precision, Profile, Thresholds
from engine.errors import SourceError
from engine.frames import CanvasGeometry, Frame
from engine.pipeline.lanes import LoadedModel
from engine.results import Detections, Result

LIMIT_S = 20.0
"""Longest wait of a test for something that comes at once."""


def make_frame(sequence: int = 0, *, value: int | None = None, media_time_s: float | None = None) -> Frame:
    """A small frame whose pixels all hold its number (modulo 256)."""
    image = np.full((24, 32, 3), sequence % 256 if value is None else value, np.uint8)
    return Frame(image, sequence, time.monotonic_ns(), time.time_ns(), media_time_s, "fake")


class FakeSource:
    """Gives so many frames; ``gate`` is asked before each one and may return a ``Wait``."""

    def __init__(
        self,
        frames: int,
        *,
        live: bool = False,
        rate_hz: float = 30.0,
        gate: Callable[[int], Wait | None] = lambda _sequence: None,
        fail_at: int | None = None,
    ) -> None:
        self.live = live
        self.source_id = "fake"
        self.frames = frames
        self.position = 0
        self.opened_by = self.closed_by = ""
        self.state = SourceState.IDLE
        self.tried = 0
        self._rate_hz = rate_hz
        self._gate = gate
        self._fail_at = fail_at

    @property
    def info(self) -> SourceInfo:
        length_s = self.frames / self._rate_hz
        return SourceInfo("video", "fake", 32, 24, self._rate_hz, self.frames, length_s, "", self.live, not self.live)

    @property
    def status(self) -> SourceStatus:
        return SourceStatus(self.state)

    def open(self) -> None:
        self.opened_by = threading.current_thread().name
        self.state = SourceState.LIVE

    def read(self) -> Frame | Wait | Ended:
        if self.position == self._fail_at:
            raise SourceError("The file is damaged", subject="fake")
        if self.position >= self.frames:
            return Ended()
        wait = self._gate(self.position)
        if wait is not None:
            return wait
        frame = make_frame(self.position, media_time_s=None if self.live else self.position / self._rate_hz)
        self.position += 1
        return frame

    def seek_frame(self, index: int) -> None:
        self.position = index

    def seek_time(self, seconds: float) -> None:
        self.position = round(seconds * self._rate_hz)

    def try_now(self) -> None:
        self.tried += 1

    def close(self) -> None:
        self.closed_by = threading.current_thread().name


class FakeLane:
    """Its one output holds the canvas' middle pixel; ``on_infer`` may wait or raise."""

    def __init__(self, compiled: FakeCompiled, batch: int) -> None:
        self.canvas = np.zeros((batch, 64, 64, 3), np.uint8)
        self._compiled = compiled

    def infer(self) -> Mapping[str, NDArray[Any]]:
        self._compiled.runs += 1
        self._compiled.on_infer(int(self.canvas[0, 32, 32, 0]))
        return {"output0": self.canvas[:, 32, 32, 0].astype(np.float32)}

    def close(self) -> None:
        self._compiled.closed.append("lane")


class FakeCompiled:
    """A compiled model of so many fake lanes."""

    def __init__(self, lanes: int = 2, batch: int = 1, on_infer: Callable[[int], None] = lambda _value: None) -> None:
        self.report = fake_report(lanes)
        self.on_infer = on_infer
        self.batch = batch
        self.closed: list[str] = []
        self.runs = 0

    def refresh(self) -> ExecutionReport:
        return self.report

    def open_lane(self) -> FakeLane:
        return FakeLane(self, self.batch)

    def close(self) -> None:
        self.closed.append("compiled")


class FakeDecoder:
    """One box a picture whose left edge is the pixel value; with ``fail_every`` each n-th call raises."""

    def __init__(self, fail_every: int = 0) -> None:
        self._fail_every = fail_every
        self._lock = threading.Lock()
        self._calls = 0

    def decode(
        self, outputs: Mapping[str, NDArray[Any]], geometries: Sequence[CanvasGeometry], thresholds: Thresholds
    ) -> list[Result]:
        with self._lock:
            self._calls += 1
            failing = self._fail_every and self._calls % self._fail_every == 0
        if failing:
            raise RuntimeError("planned")
        return [_one_box(float(v), thresholds) for v in outputs["output0"][: len(geometries)]]


def _one_box(value: float, thresholds: Thresholds) -> Detections:
    if thresholds.confidence > 0.9:
        return Detections.empty()
    box = np.array([[value, 0, value + 1, 1]], np.float32)
    return Detections(box, np.array([0.9], np.float32), np.zeros(1, np.int32))


def fake_report(lanes: int = 2) -> ExecutionReport:
    """What a fake model says of itself."""
    return ExecutionReport(
        backend="fake",
        backend_title="Fake",
        backend_version="1",
        device_requested="",
        devices=("CPU",),
        device_title="A processor",
        precision_requested=Precision.AUTO,
        precision_shares={Precision.FP32: 1.0},
        placement={"CPU": 1},
        profile=Profile.THROUGHPUT,
        lanes=lanes,
        threads=2,
        compile_s=0.0,
    )


class FakeBackend:
    """Compiles into ``compiled``, or raises what ``fail`` gives."""

    name = "fake"
    title = "Fake"
    version = "1"

    def __init__(self, make: Callable[[], FakeCompiled] = FakeCompiled) -> None:
        self._make = make

    def devices(self) -> tuple[DeviceInfo, ...]:
        return (DeviceInfo("CPU", "A processor", usable=True),)

    def compile(self, request: CompileRequest, progress: Progress, cancelled: Cancelled) -> FakeCompiled:
        progress("Compiling")
        return self._make()


def fake_card(name: str = "fake.onnx") -> ModelCard:
    """A card whose file need not exist."""
    return make_card(Path(name))


def fake_model(
    *,
    number: int = 0,
    compiled: FakeCompiled | None = None,
    decoder: FakeDecoder | None = None,
    **options: Any,
) -> LoadedModel:
    """A started model on fake lanes."""
    compiled = compiled or FakeCompiled()
    configuration = Configuration(number, fake_card(), compiled.report)
    model = LoadedModel(configuration, compiled, decoder or FakeDecoder(), **options)
    model.start()
    assert model.wait_ready(LIMIT_S)
    return model


def wait_until(condition: Callable[[], bool], seconds: float = LIMIT_S) -> bool:
    """Look again and again, within a limit, whether something another thread does has happened."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.002)
    return True
