"""The child's side: what the self-test has done in a process of its own. Questions and answers are plain data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.backends.table import load_backend
from engine.cards import Precision
from engine.doctor.answers import read_answers
from engine.doctor.check import Check, failed, to_json
from engine.doctor.demo_run import CURE, Combination, demo_card, judge, run_demo, run_of
from engine.doctor.pictures import check_pictures
from engine.doctor.surroundings import check_cameras
from engine.errors import InferoscopeError, ModelError

_log = logging.getLogger(__name__)

Question = Mapping[str, Any]
Answer = Mapping[str, Any]


def do_task(question: Question) -> Answer:
    """Do the task that a question names: ``{"checks": [..]}``, ``{"title", "devices"}`` or ``{"error": {..}}``."""
    try:
        return _TASKS[question["task"]](question)
    except InferoscopeError as error:
        return _error(error.what, error.expected, error.remedy)
    except Exception as error:  # noqa: BLE001 - the top of the child: a runtime may raise anything
        _log.info("A check failed", exc_info=error)
        return _error(f"Unexpected {type(error).__name__}: {' '.join(str(error).split())[:300]}", "", CURE)


def _error(what: str, expected: str, remedy: str) -> Answer:
    return {"error": {"what": what, "expected": expected, "remedy": remedy}}


def _list_devices(question: Question) -> Answer:
    backend = load_backend(question["backend"])
    return {"title": backend.title, "devices": [asdict(device) for device in backend.devices()]}


def devices_of(answer: Answer) -> list[DeviceInfo]:
    """The devices that a child has listed."""
    return [
        DeviceInfo(
            **{
                **device,
                "precisions": tuple(
                    PrecisionInfo(**{**told, "precision": Precision(told["precision"])})
                    for told in device["precisions"]
                ),
            }
        )
        for device in answer["devices"]
    ]


def _run_combination(question: Question) -> Answer:
    wanted = Combination(question["backend"], question["device"], Precision(question["precision"]), question["title"])
    answers = read_answers(Path(question["answers"]))
    try:
        check = judge(run_demo(demo_card(Path(question["model"])), wanted), answers, wanted)
    except InferoscopeError as error:
        check = replace(failed("inference", wanted.title, error), run=run_of(wanted))
    return _checks([check])


def _checks(checks: list[Check]) -> Answer:
    return {"checks": [to_json(check) for check in checks]}


_TASKS: Mapping[str, Callable[[Question], Answer]] = {
    "devices": _list_devices,
    "combination": _run_combination,
    "pictures": lambda question: _checks(check_pictures(Path(question["folder"]))),
    "cameras": lambda _question: _checks(check_cameras()),
}


def error_of(answer: Answer) -> InferoscopeError | None:
    """What kept a child from doing its task."""
    told = answer.get("error")
    return None if told is None else ModelError(told["what"], expected=told["expected"], remedy=told["remedy"])
