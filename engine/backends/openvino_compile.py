"""From a model file to a compiled OpenVINO model: settings, cache, and native failures in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import openvino as ov

from engine.backends.backend import Cancelled, CompileRequest, Progress
from engine.backends.cancellation import check_cancelled
from engine.backends.compiled_cache import CompiledCache, compiled_key
from engine.backends.native_errors import Explanation, explain
from engine.backends.openvino_devices import AUTO, CPU, HINTS, TITLE, full_name
from engine.backends.openvino_graph import read_prepared
from engine.backends.processor import core_count
from engine.cards import Precision, Profile

_HINT = "INFERENCE_PRECISION_HINT"
_AUTO_FOLDER = "openvino-auto"

_EXPLANATIONS = (
    Explanation(
        r"No conversion rule found for operations: (.+)",
        r"OpenVINO has no such operators: \1",
        "Choose another backend, or export the model with other operators",
    ),
    Explanation(r"externally stored data", "The file with the model's weights is missing", "Put it beside the model"),
    Explanation(
        r"weights data in bin file|Incorrect weights in bin",
        "The .bin file is missing or cut short",
        "Copy both files again",
    ),
    Explanation(r"Could not open the file", "The file cannot be opened", "Check that it is there"),
    Explanation(
        r"(?i)reshape|shape inference|inconsistent shape",
        "The model does not take this input size",
        "Choose the size that it was exported for",
    ),
)


class HintRefusedError(Exception):
    """The device does not know the compute precision asked for."""


@cache
def shared_core() -> ov.Core:
    """The one core of this process: it knows the devices and keeps their plug-ins loaded."""
    return ov.Core()


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of compiling."""

    model: ov.CompiledModel
    from_cache: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How one request is compiled, and from where it comes."""

    request: CompileRequest
    device: str

    def carry_out(self, progress: Progress, cancelled: Cancelled) -> Compiled:
        """The compiled model, from the cache where it is there.

        Raises:
            BackendError: OpenVINO cannot run this model.
            HintRefusedError: The device does not know the precision.
            CancelledError: ``cancelled()`` became true.
        """
        check_cancelled(cancelled)
        if self.device == AUTO:
            return self._with_own_cache(progress, cancelled)
        cache, key = CompiledCache(), self._key()
        imported = self._imported(cache, key, progress) if key else None
        if imported is not None:
            return Compiled(imported, from_cache=True)
        model = self._compile(progress, cancelled, {})
        warning = _keep(model, cache, key) if key else ""
        return Compiled(model, from_cache=False, warnings=(warning,) if warning else ())

    def settings(self) -> dict[str, str | int | bool]:
        """OpenVINO's properties for this request."""
        request, on_cpu = self.request, self.device == CPU
        settings: dict[str, str | int | bool] = {"PERFORMANCE_HINT": request.profile.upper()}
        if request.lanes is not None and request.profile is Profile.THROUGHPUT:
            streams = min(request.lanes, request.threads or core_count())
            settings |= {"NUM_STREAMS": streams} if on_cpu else {"PERFORMANCE_HINT_NUM_REQUESTS": request.lanes}
        if request.threads is not None and self.device in (CPU, AUTO):
            settings["INFERENCE_NUM_THREADS"] = request.threads
        if on_cpu:
            # Lanes share the cores with decoding video and drawing: a pinned lane waits for its core to be free.
            settings["ENABLE_CPU_PINNING"] = False
        hint = HINTS.get(request.precision)
        if hint or "FP32" in _capabilities(self.device):
            settings[_HINT] = hint or HINTS[Precision.FP32]
        return settings

    def _with_own_cache(self, progress: Progress, cancelled: Cancelled) -> Compiled:
        """AUTO cannot be exported; OpenVINO keeps what it chose in a folder of its own."""
        cache = CompiledCache()
        warning = cache.make_folder(_AUTO_FOLDER) if self.request.cache else ""
        kept = self.request.cache and not warning
        model = self._compile(progress, cancelled, {"CACHE_DIR": str(cache.folder / _AUTO_FOLDER)} if kept else {})
        cache.make_room()
        from_cache = bool(model.get_property("LOADED_FROM_CACHE"))
        return Compiled(model, from_cache=from_cache, warnings=(warning,) if warning else ())

    def _key(self) -> str | None:
        capabilities = sorted(_capabilities(self.device))
        if "EXPORT_IMPORT" not in capabilities:
            return None
        device = (self.device, full_name(shared_core(), self.device), capabilities)
        return compiled_key(self.request, "openvino", ov.get_version(), device, sorted(self.settings().items()))

    def _imported(self, cache: CompiledCache, key: str, progress: Progress) -> ov.CompiledModel | None:
        known = cache.read(key)
        if known is None:
            return None
        progress("Loading the compiled model")
        try:
            return shared_core().import_model(known.data, self.device, self.settings())
        except RuntimeError:
            cache.discard(key)  # written by another build of this version: it is made again
            return None

    def _compile(self, progress: Progress, cancelled: Cancelled, further: dict[str, str]) -> ov.CompiledModel:
        try:
            progress("Reading the model")
            model = read_prepared(shared_core(), self.request.card)
            check_cancelled(cancelled)
            progress(f"Compiling for {self.device}")
            compiled = shared_core().compile_model(model, self.device, {**self.settings(), **further})
        except RuntimeError as error:
            if _HINT in str(error):
                raise HintRefusedError(str(error)) from error
            raise explain(str(error), _EXPLANATIONS, self.request.card, TITLE) from error
        check_cancelled(cancelled)
        return compiled


def _capabilities(device: str) -> list[str]:
    return list(shared_core().get_property(device, "OPTIMIZATION_CAPABILITIES"))


def _keep(compiled: ov.CompiledModel, cache: CompiledCache, key: str) -> str:
    """Write it to the cache; why that failed. The export holds the interpreter for 4 ms a megabyte, once a model."""
    try:
        data = compiled.export_model().getvalue()
    except RuntimeError as error:
        return f"OpenVINO cannot keep this compiled model for the next start: {str(error).splitlines()[-1]}"
    return cache.write(key, data)
