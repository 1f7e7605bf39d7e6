"""Sessions of ONNX Runtime on one execution provider, without its silent fall-back and without its log."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as native

from engine.backends.backend import Cancelled
from engine.backends.cancellation import Cancellation
from engine.backends.onnx_profile import read_profile
from engine.backends.processor import core_count
from engine.cards import Precision

TITLE = "ONNX Runtime"
CPU_PROVIDER = "CPUExecutionProvider"
_SUFFIX = "ExecutionProvider"

ERRORS: tuple[type[Exception], ...] = tuple(
    thing for thing in vars(native).values() if isinstance(thing, type) and issubclass(thing, Exception)
)
"""Its exceptions have no common ancestor below ``Exception``."""

_SILENT = 4
"""Fatal messages only: what fails is told by exceptions."""

_OPTIONS = {"CUDAExecutionProvider": {"use_tf32": "0"}}
"""Without it CUDA multiplies FP32 numbers with 10 bits of mantissa, which is not FP32."""

Source = str | bytes
"""Path of a model, or its contents."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session can run: one execution provider, and the devices it is given where it can choose.

    Attributes:
        name: What is asked for ("CPU", "CUDA").
        title: Full name of the hardware.
        provider: ONNX Runtime's name of the provider.
        devices: ``OrtEpDevice`` objects; empty for providers that do not list any.
    """

    name: str
    title: str
    provider: str
    devices: tuple[Any, ...] = ()


def short_name(provider: str) -> str:
    """What people call a provider ("CUDAExecutionProvider" is "CUDA")."""
    return provider.removesuffix(_SUFFIX)


def session_options(threads: int) -> ort.SessionOptions:
    """Options of all our sessions.

    Waiting threads sleep instead of spinning: on two busy cores spinning cost 16.4 ms of CPU a frame against 8.8
    (yolox_nano), and the other streams pay for it.
    """
    _silence()
    options = ort.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    return options


def start_session(source: Source, place: Place, options: ort.SessionOptions) -> ort.InferenceSession:
    """A session on this place; nodes that it cannot take go to the CPU, which ``read_placement`` tells.

    Raises:
        Exception: One of ``ERRORS``.
    """
    if place.provider != CPU_PROVIDER and place.devices:
        options.add_provider_for_devices(list(place.devices), {})
        return ort.InferenceSession(source, options, enable_fallback=0)
    providers = [(place.provider, _OPTIONS.get(place.provider, {}))]
    if place.provider != CPU_PROVIDER:
        providers.append((CPU_PROVIDER, {}))
    return ort.InferenceSession(source, options, providers=providers, enable_fallback=0)


def read_placement(session: ort.InferenceSession) -> dict[str, int]:
    """Provider's short name -> number of graph nodes that were placed on it."""
    counts: Counter[str] = Counter()
    for subgraph in session.get_provider_graph_assignment_info():
        counts[short_name(subgraph.ep_name)] += len(subgraph.get_nodes())
    return dict(counts)


def measure_shares(
    source: Source, place: Place, feeds: dict[str, NDArray[Any]], configure: Callable[[ort.SessionOptions], None]
) -> dict[Precision, float]:
    """Share of multiply-adds in each number format, from the profile of one run.

    A session of its own runs it: ONNX Runtime forgets the shapes of weights that it packed, so packing is off there.
    What is computed in which type does not depend on packing.
    """
    with tempfile.TemporaryDirectory(prefix="inferoscope-") as folder:
        options = session_options(core_count())
        configure(options)
        options.add_session_config_entry("session.disable_prepacking", "1")
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "profile")
        session = start_session(source, place, options)
        session.run(None, feeds)
        return read_profile(Path(session.end_profiling()))


def stopping(options: ort.SessionOptions, cancelled: Cancelled) -> AbstractContextManager[None]:
    """While it lasts, a cancel ends the loading of a session in the middle, where the cancel can tell."""
    if isinstance(cancelled, Cancellation):
        return cancelled.stopping(lambda: options.set_load_cancellation_flag(True))
    return nullcontext()


@cache
def _silence() -> None:
    ort.set_default_logger_severity(_SILENT)
