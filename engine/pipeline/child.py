"""A question to a child process of the same program: what crashes or hangs there costs one sentence here.

The child answers with one line of JSON on its standard output; runtimes may print lines of their own round it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from engine.backends.backend import Cancelled
from engine.errors import CancelledError, InferoscopeError
from engine.pipeline.mailbox import Signal
from engine.pipeline.worker import Worker

_LOOK_S = 0.05
_LOOK_AT_PARENT_S = 0.5
_ANSWER = "inferoscope-answer "
"""Begins the one line of the child that counts."""


class ChildLostError(InferoscopeError):
    """A child gave no answer; ``what`` says why, as the end of a sentence ("crashed the runtime (SIGSEGV)")."""


def _most_memory() -> int:
    return int(psutil.virtual_memory().total * 0.75)


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What a child may cost."""

    seconds: float = 180.0
    memory_bytes: int = field(default_factory=_most_memory)


def command_of(name: str, request: Mapping[str, Any]) -> list[str]:
    """The command line that asks a hidden sub-command of this program."""
    # The frozen program starts itself; from source there is an interpreter to start.
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "gui.launch"]
    return [*program, name, json.dumps(request)]


def answer_line(answer: Mapping[str, Any]) -> str:
    """What the child prints."""
    return _ANSWER + json.dumps(answer)


def answer_of(line: str) -> Mapping[str, Any] | None:
    """The answer that a line of a child holds, None where a runtime printed it."""
    answer: Mapping[str, Any] | None = json.loads(line.removeprefix(_ANSWER)) if line.startswith(_ANSWER) else None
    return answer


def ask_child(command: Sequence[str], cancelled: Cancelled, limits: ChildLimits) -> Mapping[str, Any]:
    """Start a child and wait for its answer. It is gone afterwards, whatever happens.

    Raises:
        ChildLostError: It crashed, or took too long or too much memory.
        CancelledError: Nobody wants to know any more.
    """
    with subprocess.Popen(  # noqa: S603 - our own program with our own arguments
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    ) as child:
        try:
            output = _watch(child, cancelled, limits)
        finally:
            child.kill()
    answers = [answer for line in output.splitlines() if (answer := answer_of(line)) is not None]
    if not answers:
        if cancelled():  # Ctrl-C reaches the child, too.
            raise CancelledError
        raise ChildLostError(f"crashed the runtime ({ending_of(child.returncode)})")
    return answers[-1]


def _watch(child: subprocess.Popen[str], cancelled: Cancelled, limits: ChildLimits) -> str:
    deadline = time.monotonic() + limits.seconds
    while True:
        with suppress(subprocess.TimeoutExpired):
            return child.communicate(timeout=_LOOK_S)[0]
        if cancelled():
            raise CancelledError
        check_limits(child.pid, deadline, limits)


def check_limits(pid: int, deadline: float, limits: ChildLimits) -> None:
    """Look at a child that works.

    Raises:
        ChildLostError: It takes too long (``deadline`` is of ``time.monotonic``) or too much memory.
    """
    if time.monotonic() > deadline:
        raise ChildLostError(f"did not finish within {limits.seconds:g} s")
    if _resident(pid) > limits.memory_bytes:
        raise ChildLostError(f"took more than {limits.memory_bytes / 2**30:.1f} GiB of memory")


def _resident(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def end_with_parent() -> None:
    """The child's side, for what takes long: it ends soon after its parent, also where that was killed."""
    parent, never = os.getppid(), Signal()

    def watch() -> None:
        # A process whose parent has gone gets another one; on Windows it keeps the number.
        while os.getppid() == parent and psutil.pid_exists(parent):
            never.wait(_LOOK_AT_PARENT_S)
        os._exit(1)

    Worker("parent", watch).start()


def ending_of(status: int) -> str:
    """How a process ended: the signal's name where one ended it."""
    with suppress(ValueError):
        return signal.Signals(-status).name if status < 0 else f"status {status}"
    return f"status {status}"
