"""A child process ends with its parent, also where that was killed and could say nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest
from fakes import wait_until

_CHILD = """
import time
from engine.pipeline.child import end_with_parent
end_with_parent()
print("ready", flush=True)
time.sleep(120)
"""
_PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(120)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="only POSIX systems have SIGKILL")
def test_a_child_whose_parent_was_killed_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT, _CHILD], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        os.kill(parent.pid, signal.SIGKILL)
    assert wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)
