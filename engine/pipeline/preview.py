"""One frame through a model that is not loaded: to see what a guess, or a correction of it, would find."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Protocol

from engine.backends.backend import CompiledModel, CompileRequest
from engine.backends.table import load_backend
from engine.cards import Configuration, ModelCard, Profile, Thresholds
from engine.decoders.decoder import Decoder
from engine.decoders.table import make_decoder
from engine.frames import Frame, FrameResult, StageTimings
from engine.pipeline.stages import run_stages
from engine.pipeline.trial import ensure_tried

_BACKENDS = {"onnx": "onnxruntime", "openvino_ir": "openvino"}
"""Format of the file -> the runtime that has it ready soonest."""


class Control(Protocol):
    """Whoever waits for the answer: is told the phase, and may lose interest."""

    def progress(self, phase: str) -> None:
        """A new phase begins.

        Raises:
            CancelledError: Nobody wants the answer any more.
        """

    def cancelled(self) -> bool:
        """Whether nobody wants the answer any more."""


def analyse_once(card: ModelCard, frame: Frame, thresholds: Thresholds, control: Control) -> FrameResult:
    """Compile a model on the processor, run one frame through it as a lane does, and let go of it again.

    Args:
        card: What the model is taken for; nothing of it need be stored.
        frame: Any frame.
        thresholds: What is kept.
        control: Told what goes on.

    Raises:
        BackendError: The runtime cannot load or run the model, or it failed its trial.
        ModelError: The outputs are not what the card promises.
        CancelledError: Nobody wants the answer any more.
    """
    decoder = make_decoder(card)
    name = _BACKENDS[card.file_format]
    backend = load_backend(name)
    request = CompileRequest(card, device="CPU", profile=Profile.LATENCY, lanes=1)
    control.progress("Trying the new model in a process of its own")
    ensure_tried(name, backend.version, request, control.cancelled)
    with closing(backend.compile(request, control.progress, control.cancelled)) as compiled:
        control.progress("Analysing the picture")
        return _analyse(compiled, decoder, frame, Configuration(0, card, compiled.report), thresholds)


def _analyse(
    compiled: CompiledModel, decoder: Decoder, frame: Frame, configuration: Configuration, thresholds: Thresholds
) -> FrameResult:
    begun = time.monotonic_ns()
    with closing(compiled.open_lane()) as lane:
        run = run_stages(lane, configuration.card.input, decoder, [frame.image], [thresholds])
        compiled.close()  # before its last request is let go: see LoadedModel
    total_ns = time.monotonic_ns() - begun
    timings = StageTimings(0, *run.stage_ns, total_ns=total_ns)
    return FrameResult(frame, "preview", 0, configuration, run.results[0], run.geometries[0], timings)
