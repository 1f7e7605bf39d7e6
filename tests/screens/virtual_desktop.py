"""A display of our own, the program as a process on it, keys and clicks from outside, and pictures of the result."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable

import mss
import numpy as np
from numpy.typing import NDArray
from program import PROGRAM

ENDS_WITHIN_S = 10.0


class Desktop:
    """A virtual display. Programs started on it are ended with it."""

    def __init__(self, size: tuple[int, int]) -> None:
        reading, writing = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self.name = f":{pipe.readline().strip()}"
        self._programs: list[subprocess.Popen[str]] = []

    def start(self, *arguments: object, entry: tuple[str, ...] = PROGRAM, **environment: str) -> subprocess.Popen[str]:
        """Start Inferoscope's window."""
        program = subprocess.Popen(
            [*entry, *map(str, arguments)],
            env={**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._programs.append(program)
        return program

    def picture(self) -> NDArray[np.uint8]:
        """What is on the display: uint8 (H, W, 3), BGR."""
        with mss.MSS(display=self.name) as grabber:
            shot = grabber.grab(grabber.monitors[0])
        return np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)[:, :, :3].copy()

    def tool(self, *arguments: object) -> str:
        """Run xdotool: keys, clicks, and the names of windows."""
        done = subprocess.run(
            ["xdotool", *map(str, arguments)],
            env={**os.environ, "DISPLAY": self.name},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        return done.stdout.strip()

    def window(self, seconds: float = 30.0) -> str:
        """The main window, with the keyboard's focus."""
        found = self.until(lambda: self.tool("search", "--onlyvisible", "--name", "Inferoscope"), seconds)
        window = found.splitlines()[0]
        self.tool("windowfocus", "--sync", window)
        return window

    def until(self, look: Callable[[], str], seconds: float = 30.0) -> str:
        """Look again and again until there is an answer; "" when there was none in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if answer := look():
                return answer
            self.wait(0.1)
        return ""

    def wait(self, seconds: float) -> None:
        """Let the program go on for a moment, or until it ends."""
        program = self._programs[-1] if self._programs else self._server
        try:
            program.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def close(self) -> None:
        """End the programs, then the display."""
        for process in (*self._programs, self._server):
            process.terminate()
            try:
                process.communicate(timeout=ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
