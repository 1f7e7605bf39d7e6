"""OpenVINO: the default runtime. Its CPU plug-in runs on every x86-64 and ARM processor."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import openvino as ov

from engine.backends.backend import Cancelled, CompileRequest, DeviceInfo, Outputs, Progress
from engine.backends.canvas_input import CanvasInput, as_bytes, check_input, extra_array
from engine.backends.openvino_compile import Compiled, HintRefusedError, Plan, shared_core
from engine.backends.openvino_devices import AUTO, CPU, TITLE, absent_devices, full_name, present_devices, survey
from engine.backends.openvino_graph import output_names, takes_planes
from engine.backends.openvino_report import read_devices, read_graph, read_number
from engine.backends.precision import Refusal, check_int8, integer_warning, is_had, settle, titles
from engine.cards import ExecutionReport, Fallback, ModelCard, Precision, Profile
from engine.errors import BackendError, NotAvailableError

_LIST = "The command 'inferoscope backends' lists what each device can do"


class OpenVinoBackend:
    """Runs ONNX files and OpenVINO IRs on whatever devices OpenVINO finds."""

    name = "openvino"
    title = TITLE

    @property
    def version(self) -> str:
        """Version of the installed runtime."""
        return str(ov.get_version()).partition("-")[0]

    def devices(self) -> tuple[DeviceInfo, ...]:
        """CPU, GPU.., NPU, AUTO, with the precisions that a tiny network was read back in."""
        return survey(shared_core())

    def compile(self, request: CompileRequest, progress: Progress, cancelled: Cancelled) -> OpenVinoModel:
        """See ``Backend.compile``. A running compilation cannot be cancelled: it is asked before and after.

        ``auto`` is FP32 for files of FP32, FP16 and INT8 alike: FP16 weights lose nothing by it, and who wants the
        speed of a lower precision asks for it. On a device without FP32 (NPU) it is the device's own choice.
        """
        started = time.perf_counter()
        check_input(request.card)
        device, fallbacks = _find_device(request)
        fallbacks += check_int8(request, f"{TITLE} {device}")
        try:
            compiled = Plan(request, device).carry_out(progress, cancelled)
        except HintRefusedError:
            refusal = Refusal(f"{device} does not know {request.precision.upper()}", _LIST)
            fallbacks += (settle(request, f"{TITLE} {device}", "the device's own precision", refusal),)
            compiled = Plan(replace(request, precision=Precision.AUTO), device).carry_out(progress, cancelled)
        report = self._read_back(request, device, compiled, fallbacks)
        return OpenVinoModel(
            compiled.model, request.card, replace(report, compile_s=round(time.perf_counter() - started, 4))
        )

    def _read_back(
        self, request: CompileRequest, device: str, compiled: Compiled, fallbacks: tuple[Fallback, ...]
    ) -> ExecutionReport:
        shares, nodes = read_graph(compiled.model)
        if not fallbacks and not is_had(request.precision, shares):
            reason = f"{device} computes in {titles(shares)} when asked for {request.precision.upper()}"
            cure = f"Ask for {titles(shares).lower()}, or choose another device"
            fallbacks = (settle(request, f"{TITLE} {device}", titles(shares), Refusal(reason, cure)),)
        unknown = () if shares else ("OpenVINO does not tell in which precision this device computes",)
        devices = read_devices(compiled.model)
        return ExecutionReport(
            backend=self.name,
            backend_title=TITLE,
            backend_version=self.version,
            device_requested=request.device or CPU,
            devices=devices,
            device_title=_titles_of(devices),
            precision_requested=request.precision,
            precision_shares=shares,
            placement=_placement(devices, nodes),
            profile=request.profile,
            lanes=_lanes(request, compiled.model),
            threads=read_number(compiled.model, "INFERENCE_NUM_THREADS"),
            compile_s=0.0,
            from_cache=compiled.from_cache,
            fallbacks=fallbacks,
            warnings=(*compiled.warnings, *unknown, *integer_warning(request, shares, device)),
        )


def _find_device(request: CompileRequest) -> tuple[str, tuple[Fallback, ...]]:
    """The device as OpenVINO calls it. Without a wish it is the CPU: there everywhere, and it compiles in a moment.

    Raises:
        NotAvailableError: It is not there and fall-backs are not allowed.
    """
    wanted = request.device.upper()
    if wanted in ("", CPU):
        return CPU, ()
    present = present_devices(shared_core())
    if wanted in present or wanted in {name.partition(".")[0] for name in present}:
        return wanted, ()
    absent = {info.name: info for info in absent_devices(present)}.get(wanted.partition(".")[0])
    reason = absent.reason if absent else f"OpenVINO knows no device {request.device}"
    cure = absent.cure if absent else "Choose one of those that there are"
    if request.allow_fallback:
        return CPU, (Fallback(request.device, CPU, reason, cure),)
    raise NotAvailableError(
        reason, subject=f"{TITLE} {request.device}", expected="one of " + ", ".join(present), remedy=cure
    )


def _titles_of(devices: tuple[str, ...]) -> str:
    return " + ".join(full_name(shared_core(), name) for name in devices)


def _placement(devices: tuple[str, ...], nodes: int) -> dict[str, int]:
    """Nothing for a graph split over several devices: OpenVINO does not tell which node is where."""
    return {devices[0]: nodes} if len(devices) == 1 and nodes else {}


def _lanes(request: CompileRequest, compiled: ov.CompiledModel) -> int:
    """Two lanes more than streams keep the processor busy while others fit and decode pictures.

    Measured with video on two cores and two streams, yolox_nano: 2 lanes 177, 3 lanes 182, 4 lanes 187 frames/s.
    """
    if request.lanes is not None:
        return request.lanes
    if request.profile is Profile.LATENCY:
        return 1
    return max(1, read_number(compiled, "OPTIMAL_NUMBER_OF_INFER_REQUESTS")) + 2


class OpenVinoModel:
    """A compiled model; lanes made from it keep what they need of it."""

    def __init__(self, compiled: ov.CompiledModel, card: ModelCard, report: ExecutionReport) -> None:
        self._compiled: ov.CompiledModel | None = compiled
        self._card = card
        self._report = report

    @property
    def report(self) -> ExecutionReport:
        """What really runs, as last read back."""
        return self._report

    def refresh(self) -> ExecutionReport:
        """Read the devices again, and what depends on them where they changed (AUTO starts on the CPU)."""
        if self._compiled is None or self._report.device_requested.upper() != AUTO:
            return self._report
        devices = read_devices(self._compiled)
        if devices != self._report.devices:
            shares, nodes = read_graph(self._compiled)
            self._report = replace(
                self._report,
                devices=devices,
                device_title=_titles_of(devices),
                precision_shares=shares,
                placement=_placement(devices, nodes),
            )
        return self._report

    def open_lane(self) -> OpenVinoLane:
        """A request with a canvas of its own.

        Raises:
            BackendError: The model is closed, or does not take what the card says.
        """
        if self._compiled is None:
            raise BackendError("The model is closed", subject=self._card.path.name)
        try:
            return OpenVinoLane(self._compiled, self._card)
        except RuntimeError as error:
            raise BackendError(
                "OpenVINO cannot prepare an inference of this model",
                subject=self._card.path.name,
                remedy="Check the inputs on the model card, or choose another device",
                detail=str(error),
            ) from error

    def close(self) -> None:
        """Let go of it. Before the last lane: in the other order its release holds the interpreter for 150 ms."""
        self._compiled = None


class OpenVinoLane:
    """A request whose input tensor is shared with the canvas. Outputs are views, valid until the next ``infer``."""

    def __init__(self, compiled: ov.CompiledModel, card: ModelCard) -> None:
        self._bytes = CanvasInput(as_bytes(card.input)) if takes_planes(card.input) else None
        self.canvas = self._bytes.canvas if self._bytes else np.zeros(card.input.canvas_shape, np.uint8)
        self._title = card.path.name
        self._outputs = output_names(compiled, card)
        request = compiled.create_infer_request()
        tensor = self._bytes.tensor if self._bytes else self.canvas
        request.set_tensor(card.input.name, ov.Tensor(tensor, shared_memory=True))
        for extra in card.input.extra_inputs:
            request.set_tensor(extra.name, ov.Tensor(extra_array(extra)))
        self._request: ov.InferRequest | None = request

    def infer(self) -> Outputs:
        """Run the model on the canvas.

        Raises:
            BackendError: OpenVINO failed, or the lane is closed.
        """
        request = self._request
        if request is None:
            raise BackendError("The lane is closed", subject=self._title)
        if self._bytes:
            self._bytes.fill()
        try:
            # Shared: copies of the outputs cost 0.3 ms of CPU a frame (yolox_nano).
            request.infer(share_outputs=True)
        except RuntimeError as error:
            raise BackendError(
                "OpenVINO failed while running",
                subject=self._title,
                remedy="Choose another backend or look at the log",
                detail=str(error),
            ) from error
        return {name: request.get_output_tensor(index).data for index, name in enumerate(self._outputs)}

    def close(self) -> None:
        """Give the request back. Twice is once."""
        self._request = None
