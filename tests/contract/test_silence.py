"""The program speaks to nobody and leaves nothing behind, also where no test runner is watching.

Runtimes know when they are tested (CI, PYTEST_CURRENT_TEST ..) and keep quiet then, so each command runs as a plain
process with an empty home and almost no environment. Two recorders watch it: an audit hook inside every Python process,
and strace, which sees native code too.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from demo_stand_in import save_stand_in
from perf.yolo11n_shaped import build
from program import PROGRAM

from engine.backends.table import BACKENDS
from engine.opencv import cv2

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = re.compile(r"127\.\d+\.\d+\.\d+|::1|::ffff:127\..*")
STRACE_ADDRESS = re.compile(r'inet_(?:addr\(|pton\(AF_INET6, )"([^"]+)"')
"""How strace writes one."""

AUDIT_HOOK = """
import sys

def record(event, arguments, log={log!r}):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(arguments[1], tuple):
        line = arguments[1][0]
    elif event == "socket.getaddrinfo":
        line = arguments[0]
    else:
        return
    with open(log, "a") as file:
        print(line, file=file)

sys.addaudithook(record)
"""

DOCTOR = """
import sys
from pathlib import Path
from engine.cli import doctor
from engine.cli.main import main
from engine.doctor.examination import DemoFiles

doctor.demo_files = lambda: DemoFiles(*map(Path, sys.argv[1:]))
sys.exit(main(["doctor", "--json"]))
"""
"""The self-test, with another model and its answer in place of the demo's."""

Recorder = Callable[[Sequence[str]], list[str]]
"""Runs a program to its end in the empty home and gives the addresses that it or a child of it spoke to."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(params=["audit hook", "strace"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Recorder:
    log = tmp_path / "addresses.txt"
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    prefix: list[str] = []
    if request.param == "strace":
        strace = shutil.which("strace")
        if strace is None:
            pytest.skip("strace is not installed")
        calls = "trace=connect,sendto,sendmsg,sendmmsg"
        prefix = [strace, "--follow-forks", "--seccomp-bpf", "--quiet=all", "-e", calls, "-o", str(log)]
    else:
        hook = tmp_path / "hook"
        hook.mkdir()
        (hook / "sitecustomize.py").write_text(AUDIT_HOOK.format(log=str(log)))
        environment["PYTHONPATH"] += os.pathsep + str(hook)

    def run(program: Sequence[str]) -> list[str]:
        done = subprocess.run(
            [*prefix, *program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        text = log.read_text() if log.exists() else ""
        return STRACE_ADDRESS.findall(text) if prefix else text.splitlines()

    return run


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "toy.onnx"
    onnx.save(build(size=64, width=0.25), path)
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "grey.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (96, 64))
    for level in range(8):
        writer.write(np.full((64, 96, 3), 20 * level, np.uint8))
    writer.release()
    return path


def arguments_of(command: str, model: Path, video: Path, folder: Path) -> list[str]:
    name, *options = command.split()
    match name:
        case "inspect":
            return ["inspect", str(model), "--json"]
        case "run":
            outputs = ["--results", str(folder / "out.jsonl"), "--video", str(folder / "out.mp4")]
            return ["run", *options, "--source", str(video), "--model", str(model), "--json", *outputs]
        case "export":
            outputs = ["--calibrate", str(video), "--output", str(folder / "variants")]
            return [
                "export",
                str(model),
                *options,
                *outputs,
                "--frames",
                "4",
                "--limit",
                "0",
                "--budget",
                "1",
                "--json",
            ]
        case _:
            return [command, "--json"]


COMMANDS = ("inspect", "backends", "sources", *(f"run --backend {name}" for name in BACKENDS), "export --to all")


@pytest.mark.timeout(400)  # six variants, each of them watched system call by system call
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_speaks_to_nobody_and_writes_nowhere_else(
    command: str, addresses: Recorder, home: Path, model: Path, video: Path, tmp_path: Path
) -> None:
    spoken_to = addresses([*PROGRAM, *arguments_of(command, model, video, tmp_path)])
    assert [address for address in spoken_to if not LOOPBACK.fullmatch(address)] == []

    assert strangers(home) == []


def test_the_self_test_speaks_to_nobody_and_writes_nowhere_else(
    addresses: Recorder, home: Path, tmp_path: Path
) -> None:
    demo, answers = save_stand_in(tmp_path / "demo.onnx"), tmp_path / "demo_answers.json"
    store = [sys.executable, ROOT / "models" / "training" / "answers.py", "--model", demo, "--output", answers]
    subprocess.run(store, check=True, capture_output=True)
    spoken_to = addresses([sys.executable, "-c", DOCTOR, str(demo), str(answers)])
    assert [address for address in spoken_to if not LOOPBACK.fullmatch(address)] == []

    assert strangers(home) == []


def strangers(home: Path) -> list[Path]:
    """Files outside the program's own folders."""
    ours = (home / ".cache" / "inferoscope", home / ".local" / "share" / "inferoscope")
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path for path in files if not any(path.is_relative_to(folder) for folder in ours)]


def test_the_window_speaks_to_nobody_and_writes_nowhere_else(
    addresses: Recorder, home: Path, model: Path, video: Path
) -> None:
    a_while = ["env", "QT_QPA_PLATFORM=offscreen", "timeout", "--preserve-status", "--signal", "TERM", "8"]
    window = [*PROGRAM, "--source", str(video), "--model", str(model)]
    spoken_to = addresses([*a_while, *window])
    assert [address for address in spoken_to if not LOOPBACK.fullmatch(address)] == []

    log = (home / ".local" / "share" / "inferoscope" / "log" / "inferoscope.log").read_text()
    assert "shows results of toy.onnx" in log
    assert strangers(home) == []


def test_the_recorders_see_what_they_are_for(addresses: Recorder) -> None:
    """192.0.2.1 is nobody (RFC 5737): the attempt is recorded and goes nowhere."""
    code = "import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('192.0.2.1', 9))"
    assert addresses([sys.executable, "-c", code]) == ["192.0.2.1"]
