"""OpenCV's own networks: slower than the other runtimes, but there wherever OpenCV is, and independent of them."""

from __future__ import annotations

import time

from engine.backends.backend import Cancelled, CompileRequest, DeviceInfo, Outputs, PrecisionInfo, Progress
from engine.backends.cancellation import check_cancelled
from engine.backends.canvas_input import check_input
from engine.backends.opencv_network import (
    CPU,
    TITLE,
    Network,
    Recipe,
    first_that_runs,
    known_devices,
    present_targets,
)
from engine.backends.precision import Refusal, check_int8, integer_warning, is_had, settle, titles
from engine.backends.processor import core_count, processor_name
from engine.cards import ExecutionReport, Fallback, ModelCard, Precision, Profile
from engine.errors import BackendError, NotAvailableError
from engine.opencv import cv2, share_threads

_OTHER = "Choose another backend"


class OpenCvDnnBackend:
    """Runs ONNX files with OpenCV's new engine, or with its classic one where the new one does not take them."""

    name = "opencv"
    title = TITLE

    @property
    def version(self) -> str:
        """Version of the installed OpenCV."""
        return str(cv2.__version__)

    def devices(self) -> tuple[DeviceInfo, ...]:
        """Every target that OpenCV has a name for, those that can be used here first."""
        present = {device for device, _ in present_targets()}
        infos = [_info(name) if name in present else _absent(name) for name in known_devices()]
        return tuple(sorted(infos, key=lambda info: not info.usable))

    def compile(self, request: CompileRequest, progress: Progress, cancelled: Cancelled) -> OpenCvDnnModel:
        """See ``Backend.compile``. Each lane reads the model again: a network serves one thread at a time."""
        started = time.perf_counter()
        _check_format(request.card)
        check_input(request.card)
        device, fallbacks = _find_device(request)
        fallbacks += check_int8(request, f"{TITLE} {device}")
        threads = max(1, (request.threads or core_count()) // _lanes(request))
        share_threads(threads)
        progress("Reading the model")
        check_cancelled(cancelled)
        recipe, network = first_that_runs(request.card, device, request.precision)
        check_cancelled(cancelled)
        shares, placement = network.read_back()
        fallbacks = _judged(request, device, fallbacks, (shares, placement))
        report = ExecutionReport(
            backend=self.name,
            backend_title=TITLE,
            backend_version=self.version,
            device_requested=request.device or CPU,
            devices=tuple(placement),
            device_title=" + ".join(_title_of(name) for name in placement),
            precision_requested=request.precision,
            precision_shares=shares,
            placement=placement,
            profile=request.profile,
            lanes=_lanes(request),
            threads=_lanes(request) * threads,
            compile_s=round(time.perf_counter() - started, 4),
            from_cache=False,
            fallbacks=fallbacks,
            warnings=integer_warning(request, shares, device),
        )
        return OpenCvDnnModel(recipe, report)


def _lanes(request: CompileRequest) -> int:
    """A lane a core, each with one thread: 117 frames/s against 105 with one lane and two threads (yolox_nano)."""
    if request.lanes is not None:
        return request.lanes
    return 1 if request.profile is Profile.LATENCY else request.threads or core_count()


def _check_format(card: ModelCard) -> None:
    if card.file_format != "onnx":
        raise BackendError(
            "OpenCV does not read these OpenVINO models",
            subject=card.path.name,
            expected="an .onnx file",
            remedy="Choose OpenVINO, or the ONNX file that the model was converted from",
        )


def _find_device(request: CompileRequest) -> tuple[str, tuple[Fallback, ...]]:
    """The device of this name. Without a wish it is the CPU, which is always there."""
    wanted = request.device.upper() or CPU
    if wanted in {device for device, _ in present_targets()}:
        return wanted, ()
    known = wanted in known_devices()
    info = _absent(wanted)
    reason = info.reason if known else f"OpenCV knows no device {request.device}"
    return CPU, (_device_fallback(request, reason, info.cure),)


def _device_fallback(request: CompileRequest, reason: str, cure: str) -> Fallback:
    """A fall-back to the CPU where the person allows it.

    Raises:
        NotAvailableError: Fall-backs are not allowed.
    """
    if request.allow_fallback:
        return Fallback(request.device, CPU, reason, cure)
    there = ", ".join(dict.fromkeys(device for device, _ in present_targets()))
    raise NotAvailableError(reason, subject=f"{TITLE} {request.device}", expected=f"one of {there}", remedy=cure)


def _judged(
    request: CompileRequest,
    device: str,
    fallbacks: tuple[Fallback, ...],
    read_back: tuple[dict[Precision, float], dict[str, int]],
) -> tuple[Fallback, ...]:
    """The fall-backs with those that show only in what was read back.

    Raises:
        NotAvailableError: There are some and they are not allowed.
    """
    shares, placement = read_back
    if device not in placement:
        fallbacks += (_device_fallback(request, f"OpenCV ran no layer on {device}", _OTHER),)
    if fallbacks or is_had(request.precision, shares):
        return fallbacks
    got = titles(shares)
    reason = f"OpenCV computes this model in {got} when asked for {request.precision.upper()}"
    refusal = Refusal(reason, f"Ask for {got.lower()}, or choose another backend")
    return (settle(request, f"{TITLE} {device}", got, refusal),)


def _info(device: str) -> DeviceInfo:
    """What the engines compute in, as their reports were read: FP32 unless a target of half precision is there."""
    half = (device, Precision.FP16) in present_targets()
    missing = f"OpenCV's {device} computes in FP32 when asked for "
    cure = "Ask for fp32, or choose another backend"
    precisions = (
        PrecisionInfo(Precision.FP32, usable=True),
        PrecisionInfo(Precision.BF16, usable=False, reason=missing + "BF16", cure=cure),
        PrecisionInfo(Precision.FP16, half, "" if half else missing + "FP16", "" if half else cure),
        PrecisionInfo(Precision.INT8, usable=True),
    )
    return DeviceInfo(device, _title_of(device), usable=True, precisions=precisions)


def _absent(device: str) -> DeviceInfo:
    return DeviceInfo(
        device,
        device,
        usable=False,
        reason=f"This OpenCV cannot use {device} on this computer",
        cure="Choose CPU, or another backend",
    )


def _title_of(device: str) -> str:
    if device == CPU:
        return processor_name()
    return str(cv2.ocl.Device.getDefault().name()) if device == "OPENCL" else device


class OpenCvDnnModel:
    """How the networks of its lanes are made; the model itself holds nothing native."""

    def __init__(self, recipe: Recipe, report: ExecutionReport) -> None:
        self._recipe: Recipe | None = recipe
        self._report = report

    @property
    def report(self) -> ExecutionReport:
        """What really runs, as read back after compiling."""
        return self._report

    def refresh(self) -> ExecutionReport:
        """The same: a network never moves."""
        return self._report

    def open_lane(self) -> OpenCvDnnLane:
        """A network of its own.

        Raises:
            BackendError: The model is closed, or its file is gone.
        """
        if self._recipe is None:
            raise BackendError("The model is closed", subject="OpenCV")
        return OpenCvDnnLane(self._recipe.make())

    def close(self) -> None:
        """No further lanes; the threads that one alone may have had go back to the others."""
        self._recipe = None
        share_threads(1)


class OpenCvDnnLane:
    """A network of one thread."""

    def __init__(self, network: Network) -> None:
        self._network: Network | None = network
        self.canvas = network.canvas

    def infer(self) -> Outputs:
        """Run the model on the canvas.

        Raises:
            BackendError: OpenCV failed, or the lane is closed.
        """
        if self._network is None:
            raise BackendError("The lane is closed", subject=TITLE)
        return self._network.run()

    def close(self) -> None:
        """Let go of the network. Twice is once."""
        self._network = None
