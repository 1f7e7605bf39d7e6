"""All checks in their order, with children that do what a test tells them to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import LIMIT_S

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.cards import Precision
from engine.doctor import examination
from engine.doctor.check import Check, Outcome, failed, passed
from engine.doctor.examination import Ask, DemoFiles, asking, examine
from engine.doctor.messages import DEMO_TITLE, Answer, Question, checks_answer, devices_answer, error_answer
from engine.errors import BackendError, CancelledError, ModelError
from engine.pipeline.child import ChildLimits, ChildLostError

FILES = DemoFiles(Path("demo.onnx"), Path("demo_answers.json"))
DEVICES = (
    DeviceInfo(
        "CPU",
        "A processor",
        usable=True,
        precisions=(
            PrecisionInfo(Precision.FP32, usable=True),
            PrecisionInfo(Precision.FP16, usable=False, reason="It computes in BF16", cure="Ask for bf16"),
            PrecisionInfo(Precision.INT8, usable=True),
        ),
    ),
    DeviceInfo("GPU", "", usable=False, reason="No driver was found", cure="Install the driver"),
)


def crash() -> Answer:
    raise ChildLostError("crashed the runtime (SIGSEGV)")


class Children:
    """Answers questions at once; ``changed`` holds what a test wants otherwise, by task."""

    def __init__(self, **changed: Callable[[], Answer]) -> None:
        self.questions: list[Question] = []
        self._changed = changed

    def __call__(self, question: Question) -> Answer:
        self.questions.append(question)
        task = question["task"]
        if task in self._changed:
            return self._changed[task]()
        if task == "devices":
            return devices_answer("Pretend", DEVICES)
        return checks_answer([passed(task, question.get("title", task), "fine")])


def examined(children: Children, files: DemoFiles = FILES) -> dict[str, Check]:
    checks = list(examine(files, children, lambda _title: None, ["pretend"]))
    return {check.title: check for check in checks}


def test_what_can_run_is_tried_and_what_cannot_is_skipped_with_its_reason() -> None:
    children = Children()
    checks = examined(children)

    assert checks["Pretend · CPU · FP32"].outcome is Outcome.PASSED
    (asked,) = [question for question in children.questions if question["task"] == "combination"]
    assert (asked["backend"], asked["device"], asked["precision"], asked["model"]) == (
        "pretend",
        "CPU",
        "fp32",
        "demo.onnx",
    )
    skipped = {title: (c.reason, c.cure) for title, c in checks.items() if c.outcome is Outcome.SKIPPED}
    assert skipped == {
        "Pretend · CPU · FP16": ("It computes in BF16", "Ask for bf16"),
        "Pretend · CPU · INT8": (
            "There is no INT8 variant of the demo model here",
            "Build it: inferoscope export demo --to openvino-int8,onnx-int8 --calibrate demo --output variants",
        ),
        "Pretend · GPU": ("No driver was found", "Install the driver"),
    }
    json.dumps(asked)


def test_an_int8_variant_that_was_built_here_is_tried() -> None:
    children = Children(int8_variants=lambda: {"int8": {"pretend": "demo-int8.onnx", "another": "demo-int8.xml"}})
    assert examined(children)["Pretend · CPU · INT8"].outcome is Outcome.PASSED
    models = {q["precision"]: q["model"] for q in children.questions if q["task"] == "combination"}
    assert models == {"fp32": "demo.onnx", "int8": "demo-int8.onnx"}


@pytest.mark.parametrize("happens", [crash, lambda: error_answer(BackendError("It cannot be loaded"))])
def test_where_variants_cannot_be_looked_for_there_is_none(happens: Callable[[], Answer]) -> None:
    check = examined(Children(int8_variants=happens))["Pretend · CPU · INT8"]
    assert (check.outcome, check.reason) == (Outcome.SKIPPED, "There is no INT8 variant of the demo model here")


@pytest.mark.parametrize("task", ["surroundings", "pictures", "cameras", "devices", "combination"])
def test_a_crash_is_a_failed_check_and_the_others_go_on(task: str) -> None:
    untouched = len(examined(Children()))
    checks = examined(Children(**{task: crash}))

    failures = [check for check in checks.values() if check.outcome is Outcome.FAILED]
    assert len(failures) == 1
    assert "crashed the runtime (SIGSEGV)" in failures[0].reason
    assert failures[0].cure
    assert len(checks) == (untouched - 3 if task == "devices" else untouched)


def test_a_run_that_crashed_says_what_was_to_run() -> None:
    check = examined(Children(combination=crash))["Pretend · CPU · FP32"]
    assert check.run is not None
    assert (check.run["backend"], check.run["precision"], check.run["execution"]) == ("pretend", "fp32", None)


def test_a_runtime_that_cannot_be_loaded_has_failed() -> None:
    refusal = BackendError("The runtime of this backend cannot be loaded", remedy="Install the program again")
    check = examined(Children(devices=lambda: error_answer(refusal)))["pretend"]
    assert (check.outcome, check.reason, check.cure) == (
        Outcome.FAILED,
        "The runtime of this backend cannot be loaded",
        "Install the program again",
    )


def test_a_runtime_without_any_usable_device_has_failed() -> None:
    check = examined(Children(devices=lambda: devices_answer("Pretend", DEVICES[1:])))["Pretend"]
    assert (check.outcome, check.reason) == (Outcome.FAILED, "No device can be used")


def test_without_the_demo_model_nothing_is_run() -> None:
    children = Children()
    check = examined(children, DemoFiles(None, None))["Pretend · CPU · FP32"]
    assert (check.outcome, check.cure) == (Outcome.SKIPPED, "Install Inferoscope again")
    assert not [question for question in children.questions if question["task"] == "combination"]


def test_a_damaged_demo_model_is_told_once() -> None:
    damaged = failed("files", DEMO_TITLE, ModelError("The demo model is damaged", remedy="Install Inferoscope again"))
    children = Children(surroundings=lambda: checks_answer([damaged]))
    checks = examined(children)

    assert [title for title, check in checks.items() if check.outcome is Outcome.FAILED] == [DEMO_TITLE]
    assert checks["Pretend · CPU · FP32"].reason == "The demo model or its stored answer is missing or damaged"
    assert not [question for question in children.questions if question["task"] == "combination"]


def test_the_folder_for_pictures_is_removed(own_home: Path) -> None:
    def crash_with_a_file() -> Answer:
        (folder,) = (own_home / "cache").glob("doctor-*")
        (folder / "left.mp4").write_text("half a video")
        return crash()

    examined(Children(pictures=crash_with_a_file))
    assert list((own_home / "cache").iterdir()) == []


def test_a_cache_folder_that_cannot_be_made_is_told(own_home: Path) -> None:
    own_home.mkdir(exist_ok=True)
    (own_home / "cache").write_text("a file is in the way")
    check = examined(Children())["Videos and pictures"]
    assert check.outcome is Outcome.FAILED
    assert (check.reason, check.cure) == ("There is a file where the folder should be", "Choose another folder")


# Real children --------------------------------------------------------------------------------------------------------


def real_children(
    monkeypatch: pytest.MonkeyPatch, program: str, *, seconds: float = LIMIT_S, cancelled: bool = False
) -> Ask:
    monkeypatch.setattr(examination, "command_of", lambda _name, _request: [sys.executable, "-c", program])
    return asking(lambda: cancelled, ChildLimits(seconds=seconds))


@pytest.mark.parametrize(
    ("program", "seconds", "told"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", LIMIT_S, "crashed the runtime (SIGSEGV)"),
        ("print('noise'); raise SystemExit(7)", LIMIT_S, "crashed the runtime (status 7)"),
        ("import threading; threading.Event().wait(60)", 0.2, "did not finish within 0.2 s"),
    ],
)
def test_a_child_that_crashes_or_hangs_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, program: str, seconds: float, told: str
) -> None:
    checks = examine(FILES, real_children(monkeypatch, program, seconds=seconds), lambda _title: None, [])
    (check,) = [check for check in checks if check.area == "cameras"]
    assert check.outcome is Outcome.FAILED
    assert check.reason == f"The child process that tried it {told}"


def test_an_interrupt_ends_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = real_children(monkeypatch, "import threading; threading.Event().wait(60)", cancelled=True)
    with pytest.raises(CancelledError):
        list(examine(FILES, ask, lambda _title: None, []))
