"""What tests of the whole program share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from virtual_desktop import Desktop


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    """A display of 1280x720."""
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("Xvfb and xdotool are not installed")
    desktop = Desktop((1280, 720))
    yield desktop
    desktop.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's own folder, which the program started as a process uses, too."""
    monkeypatch.setenv("INFEROSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
