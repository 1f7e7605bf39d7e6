"""The program as a person has it: a process on a display, real keys, a real video and a real model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from demo_stand_in import save_stand_in
from numpy.typing import NDArray
from program import PROGRAM
from virtual_desktop import Desktop

pytestmark = pytest.mark.timeout(180)

FIRST = (32, 176, 255)
"""BGR of the first class: person, or the bottle of the demo."""

WITH_MODEL_INSIDE = """
import sys
from pathlib import Path
from engine.library import bundled
model, files = Path(sys.argv.pop(1)), bundled.bundled
bundled.bundled = lambda name: model if name == "demo.onnx" else files(name)
from gui.launch import main
sys.exit(main())
"""
"""The program, in an installation whose demo model is the file named first."""


def log(home: Path) -> str:
    """What the program has written down."""
    file = home / "data" / "log" / "inferoscope.log"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def waits_for(desktop: Desktop, home: Path, words: str) -> bool:
    """Whether the log comes to tell something."""
    return bool(desktop.until(lambda: words if words in log(home) else ""))


def area(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    """How many pixels have very nearly this colour."""
    distance = np.abs(picture.astype(np.int16) - np.array(colour, np.int16)).max(axis=2)
    return int((distance < 6).sum())


def changes(desktop: Desktop) -> bool:
    """Whether the upper part of the display, where the video is, changes within two seconds."""
    first = desktop.picture()[120:420, 80:900]
    moved = desktop.until(lambda: "" if np.array_equal(first, desktop.picture()[120:420, 80:900]) else "moved", 2.0)
    return bool(moved)


def quit_by_key(desktop: Desktop, program: subprocess.Popen[str]) -> None:
    desktop.tool("key", "ctrl+q")
    _, complaints = program.communicate(timeout=20)
    assert program.returncode == 0, complaints
    assert "Traceback" not in complaints


def test_at_the_first_start_the_demo_moves_with_what_was_found(desktop: Desktop, home: Path, tmp_path: Path) -> None:
    model = save_stand_in(tmp_path / "demo.onnx")
    program = desktop.start(entry=(sys.executable, "-c", WITH_MODEL_INSIDE, str(model)))
    desktop.window()
    assert waits_for(desktop, home, "demo shows results of demo.onnx, OpenVINO · CPU · FP32"), log(home)
    found = desktop.until(lambda: "bottle" if area(desktop.picture()[120:400, 240:810], FIRST) > 300 else "", 20.0)
    assert found, "no box came"
    assert changes(desktop), "the scene stands still"
    quit_by_key(desktop, program)


@pytest.mark.data
def test_it_plays_finds_people_obeys_keys_and_comes_back(desktop: Desktop, home: Path, shared_data: Path) -> None:
    session = home / "yard.json"
    video = shared_data / "video" / "one-by-one-person-detection.mp4"
    model = shared_data / "models" / "yolox_nano.onnx"
    program = desktop.start("--session", session, "--source", video, "--model", model)
    desktop.window()
    assert waits_for(desktop, home, "shows results of yolox_nano.onnx, OpenVINO · CPU · FP32"), log(home)
    found = desktop.until(lambda: "person" if area(desktop.picture()[120:450, 80:970], FIRST) > 300 else "", 40.0)
    assert found, "no box around a person came"

    desktop.tool("key", "o")
    hidden = desktop.until(lambda: "none" if area(desktop.picture()[120:450, 80:970], FIRST) < 100 else "", 3.0)
    assert hidden, "the boxes did not go"
    desktop.tool("key", "o")

    desktop.tool("key", "space")
    held = desktop.until(lambda: "" if changes(desktop) else "held", 10.0)
    assert held, "the picture was not held"
    desktop.tool("key", "space")
    assert changes(desktop), "the picture did not go on"

    quit_by_key(desktop, program)
    kept = json.loads(session.read_text(encoding="utf-8"))
    assert str(video) in json.dumps(kept)

    results = log(home).count("shows results of")
    again = desktop.start("--session", session)
    desktop.window()
    assert desktop.until(lambda: "again" if log(home).count("shows results of") > results else "")
    assert desktop.until(lambda: "moves" if changes(desktop) else ""), "the session did not come back"
    quit_by_key(desktop, again)


@pytest.mark.data
def test_it_ends_when_the_system_asks_it_to(desktop: Desktop, home: Path, shared_data: Path) -> None:
    program = desktop.start("--source", shared_data / "video" / "car-detection.mp4")
    assert waits_for(desktop, home, "The window is there")
    program.terminate()
    _, complaints = program.communicate(timeout=20)
    assert program.returncode == 0, complaints


def test_a_file_that_is_gone_is_told_and_the_window_stays(desktop: Desktop, home: Path) -> None:
    program = desktop.start("--source", home / "gone.mp4", "--model", home / "gone.onnx")
    desktop.window()
    assert waits_for(desktop, home, "The window is there")
    quit_by_key(desktop, program)


def test_without_a_display_it_says_so_in_one_line() -> None:
    done = subprocess.run(
        ["env", "-u", "DISPLAY", "-u", "WAYLAND_DISPLAY", "-u", "QT_QPA_PLATFORM", *PROGRAM],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no display" in done.stderr


@pytest.mark.parametrize("platform", ["", "xcb"])
def test_a_display_that_does_not_answer_is_none(platform: str) -> None:
    surroundings = ["-u", "WAYLAND_DISPLAY", "DISPLAY=:64999", f"QT_QPA_PLATFORM={platform}"]
    done = subprocess.run(
        ["env", *surroundings, *PROGRAM],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no display" in done.stderr
