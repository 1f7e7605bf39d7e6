"""What the self-test and its child processes say to each other: plain data. Loads nothing native."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.cards import Precision
from engine.doctor.check import Check, to_json
from engine.errors import BackendError, InferoscopeError

Question = Mapping[str, Any]
"""``task`` names what to do."""
Answer = Mapping[str, Any]
"""``checks``, or ``title`` and ``devices`` of a backend, or ``error``."""

DEMO_TITLE = "Demo model"
"""Title of the check whether the demo is whole."""
INT8_TASK = "int8_variants"
"""The task to name the INT8 variants of the demo model, by backend: answered by who knows of variants."""
CURE = "Choose another precision, device or backend, and bring the driver of the device up to date"


@dataclass(frozen=True, slots=True)
class Combination:
    """What is to run how. ``title`` is for a person."""

    backend: str
    device: str
    precision: Precision
    title: str


def question_of(wanted: Combination) -> dict[str, Any]:
    """The part of a question that names a combination."""
    return asdict(wanted)


def combination_of(question: Question) -> Combination:
    """The combination that a question names."""
    return Combination(question["backend"], question["device"], Precision(question["precision"]), question["title"])


def run_of(wanted: Combination) -> dict[str, Any]:
    """The keys of every run, those of one that did not come to its end as well."""
    return {
        "backend": wanted.backend,
        "device": wanted.device,
        "precision": wanted.precision.value,
        "execution": None,
        "frames": 0,
        "frames_difference_rms": None,
        "frame_p50_ms": None,
        "infer_p50_ms": None,
        "frames_per_s": None,
        "agreement_f1": None,
        "missing": None,
        "extra": None,
        "box_error_p99_px": None,
        "score_error_p99": None,
        "truth_precision": None,
        "truth_recall": None,
    }


def checks_answer(checks: Sequence[Check]) -> Answer:
    """The answer of a task that checks something."""
    return {"checks": [to_json(check) for check in checks]}


def devices_answer(title: str, devices: Sequence[DeviceInfo]) -> Answer:
    """The answer of the task that lists the devices of a backend."""
    return {"title": title, "devices": [asdict(device) for device in devices]}


def devices_of(answer: Answer) -> list[DeviceInfo]:
    """The devices that were listed."""
    return [DeviceInfo(**{**told, "precisions": _precisions(told["precisions"])}) for told in answer["devices"]]


def _precisions(told: Sequence[Mapping[str, Any]]) -> tuple[PrecisionInfo, ...]:
    return tuple(PrecisionInfo(**{**info, "precision": Precision(info["precision"])}) for info in told)


def error_answer(error: InferoscopeError) -> Answer:
    """The answer of a task that could not be done."""
    return {"error": {"what": error.what, "expected": error.expected, "remedy": error.remedy}}


def error_of(answer: Answer) -> InferoscopeError | None:
    """What kept a child from doing its task."""
    told = answer.get("error")
    return None if told is None else BackendError(told["what"], expected=told["expected"], remedy=told["remedy"])
