"""What a variant has lost on frames without labels: it is run beside its original, on the runtime that it is for."""

from __future__ import annotations

from engine.backends.backend import CompileRequest
from engine.backends.table import load_backend
from engine.cards import ModelCard, Precision, Profile
from engine.optimise.alike import FAINT, Likeness, compare
from engine.optimise.calibration import Calibration
from engine.optimise.one_lane import OneLane
from engine.optimise.variant import BuildControl
from engine.pipeline.trial import ensure_tried
from engine.results import Result


def request_for(card: ModelCard) -> tuple[str, CompileRequest]:
    """The runtime that a file is for, a key of ``engine.backends.table``, and how it runs there (float in FP32)."""
    backend = "openvino" if card.file_format == "openvino_ir" else "onnxruntime"
    return backend, CompileRequest(card, "CPU", Precision.FP32, Profile.LATENCY, lanes=1, threads=1, cache=False)


def try_out(card: ModelCard, control: BuildControl) -> None:
    """Run a model once in a child process.

    Raises:
        BackendError: It does not run.
        CancelledError: Nobody wants it any more.
    """
    backend, request = request_for(card)
    control.progress(f"Trying {card.path.name}")
    ensure_tried(backend, load_backend(backend).version, request, control.cancelled)


class Judge:
    """Compares variants with their original, whose answers are found once for each runtime.

    Args:
        original: Card of the model that the variants come from.
        calibration: Holds the frames.
        control: Told how far it is; can stop it.
    """

    def __init__(self, original: ModelCard, calibration: Calibration, control: BuildControl) -> None:
        self._original = original
        self._calibration = calibration
        self._control = control
        self._expected: dict[str, list[Result]] = {}

    def likeness(self, variant: ModelCard) -> Likeness:
        """Run a variant and compare what it finds.

        Raises:
            BackendError: It does not run.
            CancelledError: Nobody wants it any more.
        """
        backend, _ = request_for(variant)
        if backend not in self._expected:
            self._expected[backend] = self._results(self._original, backend)
        return compare(self._results(variant, backend), self._expected[backend])

    def _results(self, card: ModelCard, backend: str) -> list[Result]:
        lane = OneLane(card, self._control.cancelled, backend=backend)
        try:
            results = []
            for number, picture in enumerate(self._calibration.pictures()):
                self._control.progress(f"Running {card.path.name}", number / len(self._calibration.held_out))
                results.append(lane.look(picture, FAINT))
            return results
        finally:
            lane.close()
