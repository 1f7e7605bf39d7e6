"""The console script: it ends when it is told to, whatever native code is still doing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from program import PROGRAM

_PROGRAM = """
import sys, threading
import gui.launch
gui.launch.run_command = lambda arguments: 130
threading.Thread(target=threading.Event().wait, args=(600,)).start()
sys.argv = ["inferoscope", "run"]
sys.exit(gui.launch.main())
"""


def test_a_thread_that_does_not_come_back_holds_nobody_up() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=30, check=False)

    assert done.returncode == 130
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
@pytest.mark.parametrize("arguments", [[], ["--source", "a.mp4"]])
def test_a_window_without_a_display_is_one_sentence(arguments: list[str]) -> None:
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in displays}
    program = [*PROGRAM, *arguments]
    done = subprocess.run(program, capture_output=True, text=True, timeout=30, check=False, env=environment)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("inferoscope: There is no display")
    assert "inferoscope --help" in done.stderr
    assert len(done.stderr.splitlines()) == 1
