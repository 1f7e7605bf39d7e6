"""From an ONNX file to a session of ONNX Runtime: threads, cache, what really runs, native failures in words."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as native

from engine.backends.backend import Cancelled, CompileRequest, Progress
from engine.backends.cancellation import check_cancelled
from engine.backends.canvas_input import CanvasInput, extra_array
from engine.backends.compiled_cache import CachedModel, CompiledCache, compiled_key
from engine.backends.native_errors import Explanation, explain
from engine.backends.onnx_session import (
    CPU_PROVIDER,
    ERRORS,
    TITLE,
    Place,
    Source,
    measure_shares,
    session_options,
    start_session,
    stopping,
)
from engine.backends.processor import core_count
from engine.cards import InputSpec, ModelCard, Precision, Profile, TensorLayout
from engine.errors import BackendError, CancelledError

_OPTIMISED = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
"""Level for a graph that is optimised already."""

_MOST_LANES = 8
"""Each lane holds the activations of a whole network; above that more threads inside an operator serve better."""

_LARGEST_CACHED = 1_500_000_000
"""Bytes; above 2 GB a graph cannot be saved as one file, and optimising may enlarge it."""

_EXPLANATIONS = (
    Explanation(
        r"Fatal error: (\S+?)\(-?\d+\) is not a registered function/op",
        r"ONNX Runtime has no such operator: \1",
        "Choose another backend, or export the model with other operators",
    ),
    Explanation(
        r"Could not find an implementation for (\w+)",
        r"ONNX Runtime has no \1 for these types here",
        "Choose another device or backend, or export the model in FP32",
    ),
    Explanation(
        r"(?s)Opset (\d+) is under development.*is till opset (\d+)",
        r"The model needs opset \1; this ONNX Runtime knows opsets up to \2",
        "Export the model with an older opset, or choose OpenVINO",
    ),
    Explanation(
        r"Unsupported model IR version: (\d+), max supported IR version: (\d+)",
        r"The file has ONNX IR version \1; this ONNX Runtime knows versions up to \2",
        "Save the model with an older version of the onnx package",
    ),
    Explanation(r"External data path", "The file with the model's weights is missing", "Put it beside the model"),
    Explanation(r"NO_SUCHFILE", "There is no such file", "Check the path"),
    Explanation(
        r"invalid dimensions for input",
        "The model does not take this input size",
        "Choose the size that it was exported for",
    ),
    Explanation(
        r"Unexpected input data type\. Actual: \((.+?)\) , expected: \((.+?)\)",
        r"The model wants a \2 as its input, the card gives a \1",
        "Correct the model card",
    ),
    Explanation(
        r"Required inputs \((.+?)\) are missing",
        r"The model has inputs that the card does not fill: \1",
        "Export the model with a picture as its only input",
    ),
)

FAILURES: tuple[type[Exception], ...] = (*ERRORS, ValueError)
"""What a session raises; ValueError where inputs are missing."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of compiling."""

    session: ort.InferenceSession
    shares: Mapping[Precision, float]
    from_cache: bool
    warnings: tuple[str, ...] = ()


def explained(error: Exception, card: ModelCard) -> BackendError:
    """A native failure in words."""
    return explain(str(error), _EXPLANATIONS, card, TITLE)


def lane_count(request: CompileRequest) -> int:
    """Lanes that share the session: one a core (yolox_nano with video: 2 lanes 223 frames/s, 3 lanes 215)."""
    if request.lanes is not None:
        return request.lanes
    if request.profile is Profile.LATENCY:
        return 1
    return min(request.threads or core_count(), _MOST_LANES)


def operator_threads(request: CompileRequest) -> int:
    """Threads that work on one operator, the lane's own among them.

    The others are a pool that all lanes share, so lanes + pool are as many threads as there are cores. Measured on
    two cores, without video, yolox_nano: two lanes with one thread each 251 frames/s, one lane with two threads 148.
    """
    return max(1, (request.threads or core_count()) - lane_count(request) + 1)


def feeds_of(picture: NDArray[Any], spec: InputSpec) -> dict[str, NDArray[Any]]:
    """Every input of the model by name."""
    return {spec.name: picture, **{extra.name: extra_array(extra) for extra in spec.extra_inputs}}


@dataclass(frozen=True, slots=True)
class Plan:
    """How one request is compiled, and from where it comes."""

    request: CompileRequest
    place: Place

    def carry_out(self, progress: Progress, cancelled: Cancelled) -> Compiled:
        """The session, from the cache where it is there.

        Raises:
            BackendError: ONNX Runtime cannot run this model.
            CancelledError: ``cancelled()`` became true.
        """
        cache, key = CompiledCache(), self._key()
        try:
            known = cache.read(key) if key else None
            if key and known:
                loaded = self._loaded(known, progress, cancelled)
                if loaded is not None:
                    return loaded
                cache.discard(key)
            return self._made(cache, key, progress, cancelled)
        except native.ModelLoadCanceled:
            raise CancelledError from None
        except FAILURES as error:
            raise explained(error, self.request.card) from error

    def _key(self) -> str | None:
        """Only the CPU's optimised graph can be saved whole: other providers compile nodes of their own."""
        if self.place.provider != CPU_PROVIDER or self.request.card.model_bytes > _LARGEST_CACHED:
            return None
        return compiled_key(self.request, "onnxruntime", ort.__version__, self.place.title)

    def _loaded(self, known: CachedModel, progress: Progress, cancelled: Cancelled) -> Compiled | None:
        progress("Loading the optimised model")
        options = self._options()
        options.graph_optimization_level = _OPTIMISED
        try:
            session = self._started(known.data, options, cancelled)
        except native.ModelLoadCanceled:
            raise
        except ERRORS:
            return None  # the runtime does not take what another build of it wrote: it is made again
        shares = {Precision(name): share for name, share in known.facts["shares"].items()}
        return Compiled(session, shares, from_cache=True)

    def _made(self, cache: CompiledCache, key: str | None, progress: Progress, cancelled: Cancelled) -> Compiled:
        path = str(self.request.card.path)
        progress(f"Optimising for {self.place.name}")
        options = self._options()
        if key is None:
            session = self._started(path, options, cancelled)
            return Compiled(session, self._shares(path, progress, cancelled), from_cache=False)
        with tempfile.TemporaryDirectory(prefix="inferoscope-") as folder:
            saved = Path(folder) / "optimised.onnx"
            options.optimized_model_filepath = str(saved)
            session = self._started(path, options, cancelled)
            optimised = saved.read_bytes()
        shares = self._shares(optimised, progress, cancelled)
        warning = cache.write(key, optimised, {"shares": shares})
        return Compiled(session, shares, from_cache=False, warnings=(warning,) if warning else ())

    def _started(self, source: Source, options: ort.SessionOptions, cancelled: Cancelled) -> ort.InferenceSession:
        with stopping(options, cancelled):
            session = start_session(source, self.place, options)
        check_cancelled(cancelled)
        return session

    def _shares(self, source: Source, progress: Progress, cancelled: Cancelled) -> dict[Precision, float]:
        progress("Reading back what runs")
        feeds = feeds_of(CanvasInput(self.request.card.input).tensor, self.request.card.input)

        def configure(options: ort.SessionOptions) -> None:
            self._fix_axes(options)
            if isinstance(source, bytes):
                options.graph_optimization_level = _OPTIMISED

        shares = measure_shares(source, self.place, feeds, configure)
        check_cancelled(cancelled)
        return shares

    def _options(self) -> ort.SessionOptions:
        options = session_options(operator_threads(self.request))
        self._fix_axes(options)
        return options

    def _fix_axes(self, options: ort.SessionOptions) -> None:
        """Tell the sizes of free axes before optimising, where the file names those axes."""
        spec = self.request.card.input
        known = {extra.name: extra.shape for extra in spec.extra_inputs}
        planar = spec.layout is TensorLayout.NCHW
        size = (spec.height, spec.width)
        known[spec.name] = (spec.batch, 0, *size) if planar else (spec.batch, *size, 0)
        for tensor in self.request.card.inputs:
            for axis, length in zip(tensor.shape, known.get(tensor.name, ()), strict=False):
                if isinstance(axis, str) and length:
                    options.add_free_dimension_override_by_name(axis, length)
