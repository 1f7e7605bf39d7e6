"""The console script: it ends when it is told to, whatever native code is still doing."""

from __future__ import annotations

import subprocess
import sys

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


def test_without_arguments_the_program_says_how_to_go_on() -> None:
    done = subprocess.run([sys.executable, "-m", "gui.launch"], capture_output=True, text=True, timeout=30, check=False)

    assert done.returncode == 2
    assert "inferoscope run --source" in done.stderr
