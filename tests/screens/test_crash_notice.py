"""The program dies while it streams: the next start says so, once."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from virtual_desktop import Desktop

from engine.diagnostics.reports import all_reports

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform == "win32", reason="signals: only on Linux and macOS"),
]

STRIP = (32, 176, 255)
"""BGR of the line at the left of a warning, in the dark theme."""
DARK = '{"theme": "dark"}'


def warns(desktop: Desktop) -> bool:
    """Whether a strip with a warning stands below the top bar."""
    area = desktop.picture()[90:150, 80:100].astype(np.int16)
    return bool((np.abs(area - np.array(STRIP, np.int16)).max(axis=2) < 30).sum() > 40)


def is_up(desktop: Desktop, home: Path, starts: int) -> bool:
    """Whether the window has come for the so manieth time, and the demo runs in it."""
    log = home / "data" / "log" / "inferoscope.log"
    words = "demo shows results"
    return bool(desktop.until(lambda: "up" if log.exists() and log.read_text().count(words) >= starts else "", 60))


def test_a_crash_while_streaming_is_told_at_the_next_start_and_not_again(desktop: Desktop, home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "settings.json").write_text(DARK)
    program = desktop.start()
    assert is_up(desktop, home, 1)
    assert not warns(desktop)
    os.kill(program.pid, signal.SIGSEGV)
    program.communicate(timeout=30)
    assert program.returncode == -signal.SIGSEGV

    program = desktop.start()
    assert is_up(desktop, home, 2)
    assert desktop.until(lambda: "told" if warns(desktop) else "", 20)
    (report,) = all_reports()
    words = report.path.read_text()
    assert "Segmentation fault" in words and "engine/pipeline/stream.py" in words
    assert "demo shows results" in words, "the last lines of its log"
    desktop.window()
    desktop.tool("key", "ctrl+q")
    program.communicate(timeout=30)

    desktop.start()
    assert is_up(desktop, home, 3)
    assert not warns(desktop)
