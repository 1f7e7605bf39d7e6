"""A new model file is first loaded and run once in a process of its own: a crash there costs one sentence.

What passed is remembered by the file's SHA-256, the runtime and its version, so that a trial happens once. A card
without a hash stands for a file that may be another one tomorrow: nothing is remembered of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.backends.backend import Cancelled, CompileRequest
from engine.backends.table import load_backend
from engine.cards import ModelCard, Precision, Profile
from engine.errors import BackendError
from engine.folders import cache_folder, write_atomic
from engine.pipeline.child import ChildLimits, ChildLostError, answer_line, ask_child, command_of


def ensure_tried(
    backend: str, version: str, request: CompileRequest, cancelled: Cancelled, limits: ChildLimits | None = None
) -> None:
    """Try a model that was never tried with this runtime; nothing to do where it was.

    Raises:
        BackendError: The child crashed, was refused by the runtime, took too long or too much memory.
        CancelledError: Nobody wants to know any more; the child is gone.
    """
    mark = _mark(backend, version, request)
    known = bool(request.card.sha256)
    if known and mark.is_file():
        return
    _try(_command(backend, request), request.card, cancelled, limits or ChildLimits())
    if not known:
        return
    try:
        write_atomic(mark, b"")
    except OSError:
        return  # Only a convenience: the trial happens again next time.


def _mark(backend: str, version: str, request: CompileRequest) -> Path:
    name = "-".join((request.card.sha256, backend, version, request.device or "default"))
    return cache_folder() / "trials" / "".join(c if c.isalnum() or c in "-._" else "_" for c in name)


def _command(backend: str, request: CompileRequest) -> list[str]:
    wanted = {
        "model": str(request.card.path),
        "settings": _settings(request.card),
        "backend": backend,
        "device": request.device,
        "precision": request.precision,
        "allow_fallback": request.allow_fallback,
    }
    return command_of("trial-child", wanted)


def _settings(card: ModelCard) -> dict[str, str]:
    """A correction with which the child takes the file for what it was taken for here, however sure that was."""
    spec = card.input
    return {"family": card.family, "size": f"{spec.width}x{spec.height}", "batch": str(spec.batch)}


def _try(command: list[str], card: ModelCard, cancelled: Cancelled, limits: ChildLimits) -> None:
    try:
        answer = ask_child(command, cancelled, limits)
    except ChildLostError as error:
        raise BackendError(
            f"The model {error.what} in its trial run",
            subject=card.path.name,
            remedy="Choose another backend, or export the model again",
        ) from error
    if not answer["passed"]:
        raise BackendError(
            answer["what"],
            subject=answer["subject"],
            expected=answer["expected"],
            remedy=answer["remedy"],
            detail=answer["detail"],
        )


def run_child(wanted: Mapping[str, Any], card: ModelCard) -> str:
    """The child's side: load a model, run it once on an empty canvas, and say in one line how it went."""
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
        return answer_line(answer)
    return answer_line({"passed": True})
