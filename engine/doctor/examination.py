"""All checks, one after the other, as they complete."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.backends.backend import Cancelled, DeviceInfo
from engine.backends.table import BACKENDS
from engine.cards import Precision
from engine.doctor.check import Check, Outcome, failed, from_json, skipped
from engine.doctor.messages import (
    CURE,
    DEMO_TITLE,
    INT8_TASK,
    Answer,
    Combination,
    Question,
    devices_of,
    error_of,
    question_of,
    run_of,
)
from engine.errors import BackendError
from engine.folders import cache_folder
from engine.library.bundled import bundled
from engine.pipeline.child import ChildLimits, ChildLostError, ask_child, command_of
from engine.sinks.disk import refusal

LIMITS = ChildLimits(seconds=120.0)
"""Of each child; a healthy one takes a few seconds, but a GPU may compile kernels first."""

_BUILD_INT8 = "Build it: inferoscope export demo --to openvino-int8,onnx-int8 --calibrate demo --output variants"

Ask = Callable[[Question], Answer]
"""Has a task done in a child; raises ``ChildLostError`` and ``CancelledError``."""
Announce = Callable[[str], None]
"""Told what is checked next."""


def asking(cancelled: Cancelled, limits: ChildLimits = LIMITS) -> Ask:
    """Ask child processes of this program."""
    return lambda question: ask_child(command_of("doctor-child", question), cancelled, limits)


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """The demo model and its stored answer.

    Attributes:
        model: None where it is missing.
        answers: Likewise.
        int8: Backend -> INT8 variant of the model, where one was built here.
    """

    model: Path | None
    answers: Path | None
    int8: Mapping[str, Path] = field(default_factory=dict)


def demo_files() -> DemoFiles:
    """Those that come with the program."""
    return DemoFiles(_bundled("demo.onnx"), _bundled("demo_answers.json"))


def _bundled(name: str) -> Path | None:
    try:
        return bundled(name)
    except FileNotFoundError:
        return None


def examine(
    files: DemoFiles, ask: Ask, announce: Announce, backends: Sequence[str] = tuple(BACKENDS)
) -> Iterator[Check]:
    """Check everything.

    Args:
        files: What every backend is tried with.
        ask: Does what touches native code.
        announce: Told what is checked next.
        backends: Keys of ``engine.backends.table``.

    Raises:
        CancelledError: As ``ask`` raises it.
    """
    announce("Files and folders")
    surroundings = _surroundings(files, ask)
    yield from surroundings
    if any(check.title == DEMO_TITLE and check.outcome is Outcome.FAILED for check in surroundings):
        files = DemoFiles(None, None)  # one fault is told once, not by every backend in words of its own
    announce("Videos and pictures")
    yield from _pictures(ask)
    announce("Cameras")
    yield from _asked(ask, "cameras", "Cameras", {"task": "cameras"})
    files = replace(files, int8=_int8_variants(files, ask))
    for backend in backends:
        announce(f"Devices of {backend}")
        yield from _backend(backend, files, ask, announce)


def _surroundings(files: DemoFiles, ask: Ask) -> list[Check]:
    question = {"task": "surroundings", "model": str(files.model or ""), "answers": str(files.answers or "")}
    return _asked(ask, "files", "Files and folders", question)


def _pictures(ask: Ask) -> list[Check]:
    """In a folder that is removed here, also when the child has crashed."""
    area, title = "video", "Videos and pictures"
    cache = cache_folder()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="doctor-", dir=cache, ignore_cleanup_errors=True) as folder:
            return _asked(ask, area, title, {"task": "pictures", "folder": folder})
    except OSError as error:
        return [failed(area, title, refusal(cache, error))]


def _asked(ask: Ask, area: str, title: str, question: Question, run: dict[str, Any] | None = None) -> list[Check]:
    """The checks of a child, or one that says what became of it."""
    begun = time.monotonic()
    try:
        answer = ask(question)
        error = error_of(answer)
    except ChildLostError as lost:
        error = BackendError(f"The child process that tried it {lost.what}", remedy=CURE)
    elapsed_s = time.monotonic() - begun
    checks = [replace(failed(area, title, error), run=run)] if error else [from_json(c) for c in answer["checks"]]
    return [replace(check, elapsed_s=elapsed_s / len(checks)) for check in checks]


def _int8_variants(files: DemoFiles, ask: Ask) -> Mapping[str, Path]:
    """Those of the demo model, by backend; what keeps them from being looked for fails other checks."""
    if files.model is None or files.int8:
        return files.int8
    try:
        found = ask({"task": INT8_TASK, "model": str(files.model)}).get("int8", {})
    except ChildLostError:
        return {}
    return {backend: Path(path) for backend, path in found.items()}


# Backends -------------------------------------------------------------------------------------------------------------


def _backend(name: str, files: DemoFiles, ask: Ask, announce: Announce) -> Iterator[Check]:
    try:
        answer = ask({"task": "devices", "backend": name})
        error = error_of(answer)
    except ChildLostError as lost:
        error = BackendError(f"The child process that listed its devices {lost.what}", remedy=CURE)
    if error is not None:
        yield failed("inference", name, error)
        return
    title, devices = str(answer["title"]), devices_of(answer)
    if not any(device.usable for device in devices):
        yield failed("inference", title, BackendError("No device can be used", remedy="Install Inferoscope again"))
    for device in devices:
        for wanted, check in _planned(name, title, device, has_int8=name in files.int8):
            if check is None:
                announce(wanted.title)
            yield check or _combination(wanted, files, ask)


def _planned(
    backend: str, title: str, device: DeviceInfo, *, has_int8: bool
) -> Iterator[tuple[Combination, Check | None]]:
    """What to try on a device; a check where there is nothing to try."""
    place = f"{title} · {device.name}"
    if not device.usable:
        wanted = Combination(backend, device.name, Precision.AUTO, place)
        yield wanted, skipped("inference", place, device.reason, device.cure, run_of(wanted))
    for told in device.precisions:
        wanted = Combination(backend, device.name, told.precision, f"{place} · {told.precision.upper()}")
        if not told.usable:
            yield wanted, skipped("inference", wanted.title, told.reason, told.cure, run_of(wanted))
        elif told.precision is Precision.INT8 and not has_int8:
            reason = "There is no INT8 variant of the demo model here"
            yield wanted, skipped("inference", wanted.title, reason, _BUILD_INT8, run_of(wanted))
        else:
            yield wanted, None


def _combination(wanted: Combination, files: DemoFiles, ask: Ask) -> Check:
    if files.model is None or files.answers is None:
        reason = "The demo model or its stored answer is missing or damaged"
        return skipped("inference", wanted.title, reason, "Install Inferoscope again", run_of(wanted))
    question = {
        "task": "combination",
        **question_of(wanted),
        "model": str(files.int8[wanted.backend] if wanted.precision is Precision.INT8 else files.model),
        "answers": str(files.answers),
    }
    (check,) = _asked(ask, "inference", wanted.title, question, run_of(wanted))
    return check
