"""A new model file is first loaded and run once in a process of its own: a crash there costs one sentence.

What passed is remembered by the file's SHA-256, the runtime and its version, so that a trial happens once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.backends.backend import Cancelled, CompileRequest
from engine.backends.table import load_backend
from engine.cards import ModelCard, Precision, Profile
from engine.errors import BackendError, CancelledError
from engine.folders import cache_folder, write_atomic

_LOOK_S = 0.05
_ANSWER = "inferoscope-trial "
"""Begins the one line of the child that counts; runtimes print lines of their own."""


@dataclass(frozen=True, slots=True)
class TrialLimits:
    """What a model may cost in its trial."""

    seconds: float = 180.0
    memory_bytes: int = 8 << 30


def ensure_tried(
    backend: str, version: str, request: CompileRequest, cancelled: Cancelled, limits: TrialLimits | None = None
) -> None:
    """Try a model that was never tried with this runtime; nothing to do where it was.

    Raises:
        BackendError: The child crashed, was refused by the runtime, took too long or too much memory.
        CancelledError: Nobody wants to know any more; the child is gone.
    """
    mark = _mark(backend, version, request)
    if mark.is_file():
        return
    _try(_command(backend, request), request.card, cancelled, limits or _default_limits())
    try:
        write_atomic(mark, b"")
    except OSError:
        return  # Only a convenience: the trial happens again next time.


def _mark(backend: str, version: str, request: CompileRequest) -> Path:
    name = "-".join((request.card.sha256, backend, version, request.device or "default"))
    return cache_folder() / "trials" / "".join(c if c.isalnum() or c in "-._" else "_" for c in name)


def _default_limits() -> TrialLimits:
    return TrialLimits(memory_bytes=int(psutil.virtual_memory().total * 0.75))


def _command(backend: str, request: CompileRequest) -> list[str]:
    # The frozen program starts itself; from source there is an interpreter to start.
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "gui.launch"]
    arguments = {
        "model": str(request.card.path),
        "settings": _settings(request.card),
        "backend": backend,
        "device": request.device,
        "precision": request.precision,
        "allow_fallback": request.allow_fallback,
    }
    return [*program, "trial-child", json.dumps(arguments)]


def _settings(card: ModelCard) -> dict[str, str]:
    """A correction with which the child takes the file for what it was taken for here, however sure that was."""
    spec = card.input
    return {"family": card.family, "size": f"{spec.width}x{spec.height}", "batch": str(spec.batch)}


def _try(command: Sequence[str], card: ModelCard, cancelled: Cancelled, limits: TrialLimits) -> None:
    with subprocess.Popen(  # noqa: S603 - our own program with our own arguments
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        try:
            output = _watch(child, card, cancelled, limits)
        finally:
            child.kill()
    _judge(child.returncode, output, card)


def _watch(child: subprocess.Popen[str], card: ModelCard, cancelled: Cancelled, limits: TrialLimits) -> str:
    deadline = time.monotonic() + limits.seconds
    while True:
        try:
            return child.communicate(timeout=_LOOK_S)[0]
        except subprocess.TimeoutExpired:
            pass
        if cancelled():
            raise CancelledError
        if time.monotonic() > deadline:
            raise _trial_error(card, f"did not finish its trial run within {limits.seconds:g} s")
        if _resident(child.pid) > limits.memory_bytes:
            raise _trial_error(card, f"took more than {limits.memory_bytes / 2**30:.1f} GiB of memory in its trial run")


def _resident(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _judge(status: int, output: str, card: ModelCard) -> None:
    lines = [line.removeprefix(_ANSWER) for line in output.splitlines() if line.startswith(_ANSWER)]
    if not lines:
        raise _trial_error(card, f"crashed the runtime in its trial run (status {status})")
    answer = json.loads(lines[-1])
    if not answer["passed"]:
        raise BackendError(
            answer["what"],
            subject=answer["subject"],
            expected=answer["expected"],
            remedy=answer["remedy"],
            detail=answer["detail"],
        )


def _trial_error(card: ModelCard, what: str) -> BackendError:
    return BackendError(
        f"The model {what}",
        subject=card.path.name,
        remedy="Choose another backend, or export the model again",
    )


def run_child(arguments: str, card: ModelCard) -> str:
    """The child's side: load a model, run it once on an empty canvas, and say in one line how it went."""
    wanted = json.loads(arguments)
    request = CompileRequest(
        card,
        device=wanted["device"],
        precision=Precision(wanted["precision"]),
        profile=Profile.LATENCY,
        allow_fallback=wanted["allow_fallback"],
    )
    try:
        compiled = load_backend(wanted["backend"]).compile(request, lambda _phase: None, lambda: False)
        lane = compiled.open_lane()
        lane.canvas.fill(0)
        lane.infer()
        compiled.close()
        lane.close()
    except BackendError as error:
        answer = {
            "passed": False,
            "what": error.what,
            "subject": error.subject,
            "expected": error.expected,
            "remedy": error.remedy,
            "detail": error.detail,
        }
        return _ANSWER + json.dumps(answer)
    return _ANSWER + json.dumps({"passed": True})
