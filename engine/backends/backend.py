"""What the pipeline knows of a runtime: devices, compiled models, lanes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.cards import ExecutionReport, ModelCard, Precision, Profile

Progress = Callable[[str], None]
"""Told the phase that begins ("Reading the model", "Compiling for GPU")."""

Cancelled = Callable[[], bool]
"""True when the person no longer wants the answer; a ``cancellation.Cancellation`` also stops what can be stopped."""

Outputs = Mapping[str, NDArray[Any]]
"""Output name -> array. Views into the runtime's memory: valid until the next ``infer`` of the same lane."""


@dataclass(frozen=True, slots=True)
class PrecisionInfo:
    """Whether a precision really runs on a device, and what to do where it does not."""

    precision: Precision
    usable: bool
    reason: str = ""
    cure: str = ""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A place where a runtime can run models, or could.

    Attributes:
        name: What is asked for: "CPU", "GPU.0", "AUTO", "CUDAExecutionProvider" is "CUDA" ..
        title: Full name of the hardware as the runtime tells it.
        usable: False when something is missing here.
        reason: Why it is not usable, one sentence.
        cure: What to do about it, one sentence.
        precisions: What layers can be computed in there (INT8: those of quantised models), with a reason for what
            cannot.
    """

    name: str
    title: str
    usable: bool
    reason: str = ""
    cure: str = ""
    precisions: tuple[PrecisionInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """What is to run how.

    Attributes:
        card: The model.
        device: Device name, "" for the runtime's best choice that the program trusts (its CPU, or AUTO's answer).
        precision: Compute precision of the float layers.
        profile: Tune for latency or throughput.
        lanes: Parallel requests, None for the profile's default (1 for latency).
        threads: CPU threads in all, None for the number of cores.
        allow_fallback: Take the next best thing where something is not to be had, and report it.
        cache: Keep and use compiled models on disk.
    """

    card: ModelCard
    device: str = ""
    precision: Precision = Precision.AUTO
    profile: Profile = Profile.THROUGHPUT
    lanes: int | None = None
    threads: int | None = None
    allow_fallback: bool = False
    cache: bool = True


class InferenceLane(Protocol):
    """One inference request with its own canvas. Made, used and closed by one lane thread."""

    @property
    def canvas(self) -> NDArray[np.uint8]:
        """uint8 (B, H, W, 3), BGR: the picture is fitted straight onto it before each ``infer``."""

    def infer(self) -> Outputs:
        """Run the model on the canvas.

        Raises:
            BackendError: The runtime failed.
        """

    def close(self) -> None:
        """Give the request back. Twice is once."""


class CompiledModel(Protocol):
    """A model that is ready to run. Dropped before its last lane is closed."""

    @property
    def report(self) -> ExecutionReport:
        """What really runs, as read back at the last ``refresh`` (or after compiling)."""

    def refresh(self) -> ExecutionReport:
        """Read back again what can change while running (AUTO's devices)."""

    def open_lane(self) -> InferenceLane:
        """A new lane; at most ``report.lanes`` run at the same time. Called by the thread that will use it."""

    def close(self) -> None:
        """Let go of the compiled model; open lanes keep what they need. Twice is once."""


class Backend(Protocol):
    """An inference runtime."""

    @property
    def name(self) -> str:
        """Key of ``engine.backends.table``."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def version(self) -> str:
        """Version of the installed runtime."""

    def devices(self) -> tuple[DeviceInfo, ...]:
        """Everything the runtime knows here, usable things first, each other one with reason and cure."""

    def compile(self, request: CompileRequest, progress: Progress, cancelled: Cancelled) -> CompiledModel:
        """Read, check and compile a model, and read back what came of it.

        Raises:
            NotAvailableError: Device or precision is not to be had and ``allow_fallback`` is not set.
            BackendError: The runtime cannot run this model.
            CancelledError: ``cancelled()`` became true.
        """
