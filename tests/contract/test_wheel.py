"""The wheel, installed into an empty environment, works from another folder and has everything it needs inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import onnx
import pytest
from perf.yolo11n_shaped import build

ROOT = Path(__file__).resolve().parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
PIP = (sys.executable, "-m", "pip", "--quiet")
FROM_HERE = ("--no-deps", "--no-index")
PLACES = {"engine": "engine", "gui": "gui", "assets": "gui/assets", "models": "engine/models"}
"""Folder of the project -> where it lands in the wheel."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", *FROM_HERE, "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (path,) = folder.glob("inferoscope-*.whl")
    return path


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console script in an environment that holds the wheel, and borrows our copies of what it depends on."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / BIN / "python"
    run(*PIP, "--python", python, "install", *FROM_HERE, wheel)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "env" / BIN / "inferoscope"


def run(*command: str | Path, cwd: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_file_comes_along(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        (Path(place) / file.relative_to(ROOT / folder)).as_posix()
        for folder, place in PLACES.items()
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and not {"__pycache__", "training"} & set(file.parts)
    }
    assert expected - inside == set()
    assert all(name.split("/")[0] in ("engine", "gui") or ".dist-info/" in name for name in inside)


def test_it_is_the_installed_program_that_runs(program: Path) -> None:
    where = run(
        program.parent / "python",
        "-c",
        "import engine, gui; print(*engine.__path__, *gui.__path__)",
        cwd=program.parent,
    )
    assert str(ROOT) not in where


def test_it_answers_from_another_folder(program: Path, tmp_path: Path) -> None:
    assert "inspect" in run(program, "--help", cwd=tmp_path)
    onnx.save(build(size=64, width=0.25), tmp_path / "toy.onnx")
    card = json.loads(run(program, "inspect", "toy.onnx", "--json", cwd=tmp_path))
    assert card["task"] == "detect"
