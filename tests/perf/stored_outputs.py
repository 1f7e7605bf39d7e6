"""The pipeline around a model that costs nothing: what is left is the pipeline's own cost."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from cards import make_card
from fakes import FakeCompiled, FakeLane, fake_report
from numpy.typing import NDArray

from engine.capture.source import SourceOptions
from engine.capture.table import open_source
from engine.cards import Configuration, InputSpec, ModelCard, TensorSpec
from engine.decoders.table import make_decoder
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.session import Session
from engine.pipeline.stream import StreamOptions

CANDIDATES = 8400
CLASSES = 80


def card() -> ModelCard:
    """A YOLOv8-shaped detector at 640."""
    return make_card(
        Path("stored.onnx"),
        options={"classes": CLASSES, "transposed": False},
        input=InputSpec(name="images", height=640, width=640, scale=(255.0, 255.0, 255.0)),
        outputs=(TensorSpec("output0", (1, 4 + CLASSES, CANDIDATES), "float32"),),
        class_names=tuple(f"class {n}" for n in range(CLASSES)),
    )


def outputs() -> NDArray[np.float32]:
    """What a detector leaves on a usual street: low scores everywhere, six objects of a dozen candidates each."""
    random = np.random.default_rng(7)
    tensor = np.zeros((1, 4 + CLASSES, CANDIDATES), np.float32)
    tensor[0, :4] = random.uniform(20, 600, (4, CANDIDATES))
    tensor[0, 4:] = random.uniform(0, 0.02, (CLASSES, CANDIDATES))
    for thing in range(6):
        rows = slice(1000 * thing, 1000 * thing + 12)
        tensor[0, :4, rows] = np.array([[100 + 80 * thing], [300], [70], [90]]) + random.uniform(-2, 2, (4, 12))
        tensor[0, 4 + thing, rows] = random.uniform(0.5, 0.9, 12)
    return tensor


class _StoredLane(FakeLane):
    def __init__(self, compiled: StoredModel) -> None:
        super().__init__(compiled, 1)
        self.canvas = np.zeros((1, 640, 640, 3), np.uint8)
        self._outputs = {"output0": outputs()}

    def infer(self) -> Mapping[str, NDArray[Any]]:
        return self._outputs


class StoredModel(FakeCompiled):
    """A compiled model whose lanes return stored outputs at once."""

    def open_lane(self) -> FakeLane:
        return _StoredLane(self)


class StoredRun:
    """A session that streams a looped video through the stored model."""

    def __init__(self, video: Path, frames: int) -> None:
        self.session = Session()
        compiled = StoredModel(lanes=2)
        configuration = Configuration(0, card(), fake_report(2))
        model = LoadedModel(configuration, compiled, make_decoder(configuration.card))
        model.start()
        model.wait_ready(30)
        options = StreamOptions(loop=True, max_frames=frames)
        self.stream = self.session.add_stream("0", open_source(str(video), SourceOptions()), options)
        self.ledger = self.session.attach(self.stream, model).ledger

    def wait_for(self, frames: int) -> None:
        """Wait until so many results are there."""
        pause = threading.Event()
        while self.ledger.counts().published < frames:
            failure = self.session.failures.take(0)
            if failure is not None:
                raise SystemExit(str(failure.error))
            pause.wait(0.005)

    def run(self, frames: int) -> float:
        """Run to the end; CPU milliseconds of the process for one frame."""
        begun = time.process_time()
        self.stream.start()
        self.wait_for(frames)
        cpu_ms = (time.process_time() - begun) * 1e3 / frames
        self.session.close()
        return cpu_ms
