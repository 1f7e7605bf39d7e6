"""The child's side: whatever goes wrong is an answer; and what the parent itself loads."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from engine.backends import table
from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.cards import Precision
from engine.cli.main import main
from engine.doctor import tasks
from engine.doctor.messages import devices_of, error_of
from engine.doctor.tasks import do_task

DEVICE = DeviceInfo(
    "CPU", "A processor", usable=True, precisions=(PrecisionInfo(Precision.BF16, usable=False, reason="r", cure="c"),)
)


class Pretend:
    """A runtime with one device."""

    title = "Pretend"

    def devices(self) -> tuple[DeviceInfo, ...]:
        return (DEVICE,)


class Broken:
    """A runtime that cannot list its devices."""

    title = "Broken"

    def devices(self) -> tuple[DeviceInfo, ...]:
        raise RuntimeError("the driver\nis in a bad mood")


@pytest.fixture(autouse=True)
def pretend_runtimes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Pretend", "Broken"):
        monkeypatch.setitem(table.BACKENDS, name.lower(), f"{__name__}:{name}")
    monkeypatch.setitem(table.BACKENDS, "absent", "no_such_runtime:Backend")


def test_devices_arrive_as_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor-child", json.dumps({"task": "devices", "backend": "pretend"})]) == 0
    line = capsys.readouterr().out
    answer = json.loads(line.removeprefix("inferoscope-answer "))
    assert (answer["title"], devices_of(answer)) == ("Pretend", [DEVICE])


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        ("broken", "Unexpected RuntimeError: the driver is in a bad mood"),
        ("absent", "The runtime of this backend cannot be loaded"),
    ],
)
def test_what_goes_wrong_is_an_answer(backend: str, told: str) -> None:
    error = error_of(do_task({"task": "devices", "backend": backend}))
    assert error is not None
    assert error.what == told
    assert error.remedy


def test_a_library_that_does_not_load_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tasks.TASKS, "pictures", "no_such_library.pictures:answer")
    error = error_of(do_task({"task": "pictures", "folder": ""}))
    assert error is not None
    assert "ModuleNotFoundError" in error.what


def test_every_task_is_there() -> None:
    for entry in tasks.TASKS.values():
        module, _, function = entry.partition(":")
        assert callable(getattr(__import__(module, fromlist=[function]), function))


def test_the_parent_needs_neither_opencv_nor_a_runtime() -> None:
    code = (
        "import sys\n"
        "for name in ('cv2', 'onnx', 'onnxruntime', 'openvino'): sys.modules[name] = None\n"
        "import engine.cli.doctor\n"
        "from engine.doctor.tasks import do_task\n"
        "sys.exit('cv2' not in do_task({'task': 'cameras'})['error']['what'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
