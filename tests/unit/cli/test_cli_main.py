"""The door to the sub-commands: exit statuses, one-line errors, and nothing loaded too early."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from program import PROGRAM

from engine.cli import main as door
from engine.errors import ModelError


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A sub-command ``pretend`` whose ``run`` each test sets."""
    module = ModuleType("pretend_command")
    vars(module)["add_arguments"] = lambda parser: parser.add_argument("--number", type=int, default=7)
    monkeypatch.setitem(sys.modules, "pretend_command", module)
    monkeypatch.setitem(door.COMMANDS, "pretend", ("pretend_command", "does nothing much"))
    return module


def run_raising(command: ModuleType, error: BaseException) -> int:
    def run(_: argparse.Namespace) -> int:
        raise error

    vars(command)["run"] = run
    return door.main(["pretend"])


def test_status_is_the_commands_own(command: ModuleType) -> None:
    vars(command)["run"] = lambda arguments: arguments.number
    assert door.main(["pretend"]) == 7
    assert door.main(["pretend", "--number", "3"]) == 3


def test_an_error_is_one_line(command: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    error = ModelError("The file is\ncut off", subject="a.onnx", remedy="Copy it again", detail="long")
    assert run_raising(command, error) == 1
    captured = capsys.readouterr()
    assert captured.err == "inferoscope: a.onnx: The file is cut off. Copy it again.\n"
    assert captured.out == ""


def test_a_fault_of_the_program_is_one_line_too(command: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_raising(command, ValueError("two\nlines")) == 1
    assert capsys.readouterr().err == "inferoscope: Unexpected ValueError: two lines. --verbose tells more.\n"


def test_interrupt_gives_130(command: ModuleType) -> None:
    assert run_raising(command, KeyboardInterrupt()) == 130


@pytest.mark.parametrize(
    "arguments", [[], ["no-such-command"], ["pretend", "--number", "x"], ["pretend", "--num", "1"]]
)
def test_wrong_usage_gives_2(command: ModuleType, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("inferoscope")
    assert "--help" in told
    assert len(told.splitlines()) == 1


def test_help_lists_every_command_and_loads_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in door.COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_and_version_load_no_runtime(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from gui.launch import main\n"
        "status = main()\n"
        "heavy = {'cv2', 'numpy', 'onnx', 'onnxruntime', 'openvino', 'PySide6'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else status)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently on Windows")
def test_a_reader_that_goes_away_is_no_crash() -> None:
    program = [*PROGRAM, "backends", "--json"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        complaint = process.stderr.read()
    assert process.wait() == 1
    assert complaint == b""


def test_pipes_get_utf8_whatever_the_locale() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    program = [*PROGRAM, "inspect", "Größe 大きさ.onnx"]
    done = subprocess.run(program, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert done.returncode == 1
    assert "Größe 大きさ.onnx" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--model", "m.onnx", "--source", "rtsp:/ann:hush@yard/x"],
        ["run", "--model", "http://ann:hush@yard/m.onnx", "--source", "a.mp4"],
        ["run", "--model", "m.onnx", "--source", "a.mp4", "--results", "http://ann:hush@yard/r.jsonl"],
        ["run", "--model", "m.onnx", "--source", "rtsp://ann:hu\nhush@yard/x"],
        ["inspect", "rtsp://ann:hush@yard"],
        ["inspect", "rtsp:/ann:hush@yard"],
        ["inspect", "m.onnx", "ann:hush@yard"],
        ["evaluate", "m.onnx", "--images", "http://ann:hush@yard", "--annotations", "http://ann:hush@yard"],
    ],
)
@pytest.mark.parametrize("verbose", [[], ["--verbose"]])
def test_no_output_shows_a_password(
    arguments: list[str], verbose: list[str], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert door.main([*arguments, *verbose]) in (door.FAILED, door.WRONG_USAGE)
    printed = capfd.readouterr()
    assert "hush" not in printed.out + printed.err + caplog.text
    assert len([line for line in printed.err.splitlines() if line.startswith("inferoscope")]) == 1


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--max-frames", "many", "expected a whole number from 1"),
        ("--lanes", "65", "expected a whole number from 1 to 64"),
        ("--threads", "9999", "expected a whole number from 1 to 1024"),
        ("--conf", "high", "expected a number from 0 to 1"),
        ("--max-fps", "nan", "expected a number above 0"),
        ("--size", "1280x", "expected a size such as 1280x720"),
    ],
)
def test_a_wrong_value_is_told_in_words(
    option: str, value: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert door.main(["run", "--source", "a.mp4", "--model", "m.onnx", option, value]) == door.WRONG_USAGE
    told = capsys.readouterr().err
    assert told == f"inferoscope run: argument {option}: {words} (see inferoscope run --help)\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full; only on Windows and macOS")
def test_an_output_that_takes_nothing_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        program = [*PROGRAM, "sources"]
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("inferoscope: What was to be printed cannot be written (No space")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="outputs are closed in another way; only on Windows")
def test_a_closed_output_is_no_crash() -> None:
    program = f"{shlex.join(PROGRAM)} sources >&-"
    done = subprocess.run(["sh", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
