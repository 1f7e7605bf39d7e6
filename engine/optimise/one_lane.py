"""A model on one lane and one thread, beside the pipeline: to compare variants with, and to time them."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.backends.backend import Cancelled, CompileRequest
from engine.backends.table import load_backend
from engine.cards import ModelCard, Precision, Profile, Thresholds
from engine.decoders.table import make_decoder
from engine.frames import Image
from engine.geometry import fit_onto_canvas
from engine.results import Result

_LEAST_ROUNDS = 12
_ROUNDS_S = 1.0
"""Timing goes on for so long, and for so many rounds at least."""


def card_of_variant(card: ModelCard, path: Path) -> ModelCard:
    """The card of a variant that has the inputs and outputs of its original, but for hash and size of its file."""
    if path.suffix == ".xml":
        return replace(card, path=path, sha256="", file_format="openvino_ir", weight_files=(path.with_suffix(".bin"),))
    return replace(card, path=path, sha256="", file_format="onnx", weight_files=())


class OneLane:
    """Made, used and closed by one thread.

    Args:
        card: The model.
        backend: Key of ``engine.backends.table``.
        device: Where it runs, "" for the runtime's own choice.
        precision: Of its float layers.
        cancelled: Whether nobody wants it any more.

    Raises:
        BackendError: It cannot be run so.
        CancelledError: Nobody wants it any more.
    """

    def __init__(
        self,
        card: ModelCard,
        cancelled: Cancelled,
        *,
        backend: str = "openvino",
        device: str = "CPU",
        precision: Precision = Precision.FP32,
    ) -> None:
        request = CompileRequest(card, device, precision, Profile.LATENCY, lanes=1, threads=1, cache=False)
        self._spec = card.input
        self._decoder = make_decoder(card)
        self._compiled = load_backend(backend).compile(request, lambda _phase: None, cancelled)
        self._lane = self._compiled.open_lane()
        self.on_processor = self._compiled.report.devices == ("CPU",)
        """Whether the thread that asks computes, so that its own time is that of the model."""

    def look(self, picture: Image, thresholds: Thresholds) -> Result:
        """What the model finds on a picture, uint8 (H, W, 3), BGR."""
        geometry = fit_onto_canvas(picture, self._lane.canvas[0], self._spec)
        return self._decoder.decode(self._lane.infer(), [geometry], thresholds)[0]

    def infer_s(self) -> float:
        """Seconds of one run on what lies on the canvas: of the processor where that computes, else of the clock.

        Whatever else keeps the processor busy does not count there.
        """
        clock = time.thread_time if self.on_processor else time.perf_counter
        begun = clock()
        self._lane.infer()
        return clock() - begun

    def close(self) -> None:
        """Let go of the model."""
        self._lane.close()
        self._compiled.close()


def speed_up(original: OneLane, variant: OneLane) -> float:
    """How many times as fast a variant is: the median over rounds that run one after the other."""
    ratios: list[float] = []
    until = time.monotonic() + _ROUNDS_S
    variant.infer_s()
    while len(ratios) < _LEAST_ROUNDS or time.monotonic() < until:
        ratios.append(original.infer_s() / variant.infer_s())
    return float(np.median(ratios))
