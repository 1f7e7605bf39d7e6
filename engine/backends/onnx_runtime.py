"""ONNX Runtime: every execution provider of the installed package, and plug-in provider libraries."""

from __future__ import annotations

import time

import onnxruntime as ort

from engine.backends.backend import Cancelled, CompileRequest, DeviceInfo, Outputs, Progress
from engine.backends.canvas_input import CanvasInput, check_input
from engine.backends.onnx_compile import (
    FAILURES,
    Compiled,
    Plan,
    explained,
    feeds_of,
    lane_count,
    operator_threads,
)
from engine.backends.onnx_devices import absent_devices, present_places, survey
from engine.backends.onnx_session import CPU_PROVIDER, TITLE, Place, read_placement, short_name
from engine.backends.precision import Refusal, check_int8, integer_warning, is_had, settle, titles
from engine.cards import ExecutionReport, Fallback, ModelCard, Precision
from engine.errors import BackendError, NotAvailableError

_CPU = short_name(CPU_PROVIDER)


class OnnxRuntimeBackend:
    """Runs ONNX files in the precision that they are stored in, as far as the provider has kernels for it."""

    name = "onnxruntime"
    title = TITLE

    @property
    def version(self) -> str:
        """Version of the installed runtime."""
        return str(ort.__version__)

    def devices(self) -> tuple[DeviceInfo, ...]:
        """Every provider the runtime knows, those that work first."""
        return survey()

    def compile(self, request: CompileRequest, progress: Progress, cancelled: Cancelled) -> OnnxRuntimeModel:
        """See ``Backend.compile``. Loading can be cancelled in the middle by a ``Cancellation``.

        The file decides the precision: ``auto`` runs it as it is, and what is read back must be what was asked for.
        """
        started = time.perf_counter()
        _check_format(request.card)
        check_input(request.card)
        place, fallbacks = _find_place(request)
        fallbacks += check_int8(request, f"{TITLE} {place.name}")
        compiled = Plan(request, place).carry_out(progress, cancelled)
        placement = read_placement(compiled.session)
        fallbacks += _unplaced(request, place, placement)
        if not fallbacks:
            fallbacks = _not_had(request, place, compiled)
        report = ExecutionReport(
            backend=self.name,
            backend_title=TITLE,
            backend_version=self.version,
            device_requested=request.device or _CPU,
            devices=tuple(placement),
            device_title=_title_of(place, placement),
            precision_requested=request.precision,
            precision_shares=compiled.shares,
            placement=placement,
            profile=request.profile,
            lanes=lane_count(request),
            threads=lane_count(request) + operator_threads(request) - 1,
            compile_s=round(time.perf_counter() - started, 4),
            from_cache=compiled.from_cache,
            fallbacks=fallbacks,
            warnings=(*compiled.warnings, *_warnings(request, place, compiled, placement)),
        )
        return OnnxRuntimeModel(compiled.session, request.card, report)


def _check_format(card: ModelCard) -> None:
    if card.file_format != "onnx":
        raise BackendError(
            "ONNX Runtime does not read OpenVINO models",
            subject=card.path.name,
            expected="an .onnx file",
            remedy="Choose OpenVINO, or the ONNX file that the model was converted from",
        )


def _find_place(request: CompileRequest) -> tuple[Place, tuple[Fallback, ...]]:
    """The place of this name. Without a wish it is the CPU, which is always there.

    Raises:
        NotAvailableError: It is not there and fall-backs are not allowed.
    """
    places = {place.name.upper(): place for place in present_places()}
    wanted = short_name(request.device).upper() or _CPU
    if wanted in places:
        return places[wanted], ()
    absent = {info.name.upper(): info for info in absent_devices()}.get(wanted)
    reason = absent.reason if absent else f"ONNX Runtime knows no device {request.device}"
    cure = absent.cure if absent else "Choose one of those that there are"
    return places[_CPU], (_device_fallback(request, reason, cure),)


def _device_fallback(request: CompileRequest, reason: str, cure: str) -> Fallback:
    if request.allow_fallback:
        return Fallback(request.device, _CPU, reason, cure)
    there = ", ".join(place.name for place in present_places())
    raise NotAvailableError(reason, subject=f"{TITLE} {request.device}", expected=f"one of {there}", remedy=cure)


def _unplaced(request: CompileRequest, place: Place, placement: dict[str, int]) -> tuple[Fallback, ...]:
    """ONNX Runtime drops a provider that does not start, or that takes no node, and says so in its log alone."""
    if short_name(place.provider) in placement:
        return ()
    reason = f"{place.name} took no part of the model"
    return (_device_fallback(request, reason, "Install its libraries and driver, or choose another device"),)


def _not_had(request: CompileRequest, place: Place, compiled: Compiled) -> tuple[Fallback, ...]:
    if is_had(request.precision, compiled.shares):
        return ()
    wanted, got = request.precision.upper(), titles(compiled.shares)
    reason = f"{place.name} computes this model in {got} when asked for {wanted}"
    cure = f"Ask for {got.lower()}, or choose another backend"
    if place.provider != CPU_PROVIDER and request.precision is Precision.FP16:
        cure = "Build its FP16 variant: on the Optimise page, or with inferoscope export"
    return (settle(request, f"{TITLE} {place.name}", got, Refusal(reason, cure)),)


def _title_of(place: Place, placement: dict[str, int]) -> str:
    titles_ = {short_name(each.provider): each.title for each in present_places()}
    titles_[short_name(place.provider)] = place.title
    return " + ".join(titles_.get(name, name) for name in placement)


def _warnings(request: CompileRequest, place: Place, compiled: Compiled, placement: dict[str, int]) -> list[str]:
    stored, shares = request.card.stored_precision, compiled.shares
    warnings = list(integer_warning(request, shares, place.name))
    if stored is Precision.FP16 and not shares.get(Precision.FP16) and shares.get(Precision.FP32):
        warnings.append(
            f"The file holds FP16 numbers, but {place.name} computes them in FP32, slower than an FP32 file"
        )
    elsewhere = sum(count for name, count in placement.items() if name != short_name(place.provider))
    if elsewhere and short_name(place.provider) in placement:
        warnings.append(f"{elsewhere} of {sum(placement.values())} nodes run on the CPU: {place.name} lacks them")
    if not shares:
        warnings.append(f"ONNX Runtime does not tell in which precision {place.name} computes")
    return warnings


class OnnxRuntimeModel:
    """A session that all lanes share: running it is safe from several threads at once."""

    def __init__(self, session: ort.InferenceSession, card: ModelCard, report: ExecutionReport) -> None:
        self._session: ort.InferenceSession | None = session
        self._card = card
        self._report = report

    @property
    def report(self) -> ExecutionReport:
        """What really runs, as read back after compiling."""
        return self._report

    def refresh(self) -> ExecutionReport:
        """The same: nodes of a session never move."""
        return self._report

    def open_lane(self) -> OnnxRuntimeLane:
        """A canvas and a tensor of its own on the shared session.

        Raises:
            BackendError: The model is closed.
        """
        if self._session is None:
            raise BackendError("The model is closed", subject=self._card.path.name)
        return OnnxRuntimeLane(self._session, self._card)

    def close(self) -> None:
        """Let go of the session; open lanes keep it."""
        self._session = None


class OnnxRuntimeLane:
    """One picture tensor on the shared session. Outputs are new arrays; binding outputs was no faster."""

    def __init__(self, session: ort.InferenceSession, card: ModelCard) -> None:
        self._session: ort.InferenceSession | None = session
        self._card = card
        self._input = CanvasInput(card.input)
        self.canvas = self._input.canvas
        self._feeds = feeds_of(self._input.tensor, card.input)
        self._outputs = [output.name for output in session.get_outputs()]

    def infer(self) -> Outputs:
        """Run the model on the canvas.

        Raises:
            BackendError: ONNX Runtime failed, or the lane is closed.
        """
        if self._session is None:
            raise BackendError("The lane is closed", subject=self._card.path.name)
        self._input.fill()
        try:
            arrays = self._session.run(self._outputs, self._feeds)
        except FAILURES as error:
            raise explained(error, self._card) from error
        return dict(zip(self._outputs, arrays, strict=True))

    def close(self) -> None:
        """Let go of the session. Twice is once."""
        self._session = None
