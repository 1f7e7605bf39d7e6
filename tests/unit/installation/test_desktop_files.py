"""What Linux desktops are told of the program is what their own tools take."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

LINUX = Path(__file__).parents[3] / "packaging" / "linux"


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="desktop-file-utils is not installed")
def test_the_menu_entry_is_valid() -> None:
    done = subprocess.run(
        ["desktop-file-validate", LINUX / "inferoscope.desktop"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="appstream is not installed")
def test_the_description_for_software_centres_is_valid(tmp_path: Path) -> None:
    name = "org.inferoscope.Inferoscope.metainfo.xml"
    told = (LINUX / name).read_text(encoding="utf-8").replace("@VERSION@", "1.0").replace("@DATE@", "2026-11-21")
    (tmp_path / name).write_text(told, encoding="utf-8")
    done = subprocess.run(
        ["appstreamcli", "validate", "--no-net", tmp_path / name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
