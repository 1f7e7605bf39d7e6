"""The child's side: what the self-test has done in a process of its own.

A task is loaded when it is asked for, so that a library that does not load is the answer of the tasks that need it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module

from engine.doctor.messages import CURE, Answer, Question, error_answer
from engine.errors import BackendError, InferoscopeError

TASKS = {
    "surroundings": "engine.doctor.surroundings:answer",
    "pictures": "engine.doctor.pictures:answer",
    "cameras": "engine.doctor.cameras:answer",
    "devices": "engine.doctor.devices:answer",
    "combination": "engine.doctor.demo_run:answer",
}
"""Name -> "module:function"."""

_log = logging.getLogger(__name__)


def do_task(question: Question) -> Answer:
    """Do the task that a question names; whatever goes wrong is an answer, too."""
    module, _, function = TASKS[question["task"]].partition(":")
    try:
        task: Callable[[Question], Answer] = getattr(import_module(module), function)
        return task(question)
    except InferoscopeError as error:
        return error_answer(error)
    except Exception as error:  # noqa: BLE001 - the top of the child: a runtime may raise anything
        _log.info("A check failed", exc_info=error)
        return error_answer(BackendError(f"Unexpected {type(error).__name__}: {_short(error)}", remedy=CURE))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
