"""The installer for Windows with a stand-in for the program, under Wine: install, upgrade, refuse, uninstall.

Not part of ``make test``. It needs ``nsis``, ``wine64`` and a minute:
``.venv/bin/python packaging/icons.py && .venv/bin/python -m pytest packaging/windows/test_installer.py``
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parent
WINE = shutil.which("wine64") or "/usr/lib/wine/wine64"
ANY_PROGRAM = Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/cmd.exe")
"""A Windows program to stand in for ours: it runs for as long as its input is open."""
UNINSTALL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Inferoscope"
CLASSES = r"HKCU\Software\Classes"
IT_RUNS, TOO_OLD = 3, 4

pytestmark = pytest.mark.skipif(
    not (shutil.which("makensis") and Path(WINE).exists() and ANY_PROGRAM.exists()), reason="needs nsis and wine64"
)


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", HERE / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def setups(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Version -> its installer; the older version holds a file that the newer one does not."""
    folder = tmp_path_factory.mktemp("setups")
    made = {}
    for version in ("0.1.0", "0.2.0"):
        inside = folder / version / "_internal"
        inside.mkdir(parents=True)
        for name in ("inferoscope.exe", "inferoscope-window.exe"):
            shutil.copyfile(ANY_PROGRAM, inside.parent / name)
        (inside / f"only-{version}.txt").write_text(version)
        (inside / "日本語 é.txt").write_text("a name in other letters")
        made[version] = folder / f"setup-{version}.exe"
        builder().build(inside.parent, made[version], version)
    return made


class Windows:
    """One person's Windows, as far as Wine has it."""

    def __init__(self, prefix: Path) -> None:
        self._environment = {
            **os.environ,
            "WINEPREFIX": str(prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree=",
        }
        self._environment.pop("DISPLAY", None)
        self.run("wineboot", "--init")
        self.run("winecfg", "/v", "win10")
        (users,) = (path for path in (prefix / "drive_c" / "users").iterdir() if path.name != "Public")
        self.local = users / "AppData" / "Local"
        self.menu = users / "AppData" / "Roaming" / "Microsoft" / "Windows" / "Start Menu" / "Programs"
        self.program = self.local / "Programs" / "Inferoscope"

    def run(self, *command: str | Path, timeout: float = 120) -> int:
        done = subprocess.run([WINE, *map(str, command)], env=self._environment, check=False, timeout=timeout)
        return done.returncode

    def start(self, program: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [WINE, program],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def registry(self, key: str, value: str = "") -> str:
        """What stands there; "" where there is nothing."""
        which = ["/v", value] if value else ["/ve"]
        done = subprocess.run(
            [WINE, "reg", "query", key, *which],
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        lines = [line for line in done.stdout.splitlines() if "REG_" in line]
        return lines[0].split("REG_", 1)[1].partition("    ")[2].strip() if done.returncode == 0 and lines else ""

    def knows(self, key: str) -> bool:
        command = [WINE, "reg", "query", key]
        return (
            subprocess.run(command, env=self._environment, check=False, capture_output=True, timeout=60).returncode == 0
        )

    def uninstall(self) -> None:
        """The uninstaller goes on in a copy of itself, and the first one ends at once."""
        assert self.run(self.program / "uninstall.exe", "/S") == 0
        until(lambda: not (self.program / "uninstall.exe").exists() and not self.knows(UNINSTALL))

    def end(self) -> None:
        subprocess.run([str(Path(WINE).with_name("wineserver")), "-k"], env=self._environment, check=False)


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it does not become so"
        time.sleep(0.2)


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Windows]:
    made = Windows(tmp_path / "prefix")
    yield made
    made.end()


def test_a_silent_installation_is_all_there(windows: Windows, setups: dict[str, Path]) -> None:
    assert windows.run(setups["0.1.0"], "/S") == 0
    assert (windows.program / "inferoscope.exe").is_file()
    assert (windows.program / "inferoscope-window.exe").is_file()
    assert (windows.program / "_internal" / "日本語 é.txt").is_file()
    assert (windows.menu / "Inferoscope.lnk").is_file()
    assert windows.registry(UNINSTALL, "DisplayVersion") == "0.1.0"
    assert windows.registry(UNINSTALL, "DisplayIcon").endswith("inferoscope-window.exe")
    assert int(windows.registry(UNINSTALL, "EstimatedSize"), 16) > 100
    assert windows.registry(UNINSTALL, "UninstallString").endswith('uninstall.exe"')


def test_a_windows_that_is_too_old_is_refused(windows: Windows, setups: dict[str, Path]) -> None:
    windows.run("winecfg", "/v", "win7")
    assert windows.run(setups["0.1.0"], "/S") == TOO_OLD
    assert not windows.program.exists()


def test_onnx_files_can_be_opened_with_it_and_their_default_stays(windows: Windows, setups: dict[str, Path]) -> None:
    windows.run("reg", "add", rf"{CLASSES}\.onnx", "/ve", "/d", "Netron.Model", "/f")
    windows.run(setups["0.1.0"], "/S")
    assert windows.registry(rf"{CLASSES}\.onnx") == "Netron.Model"
    assert windows.registry(rf"{CLASSES}\Inferoscope.onnx\shell\open\command").endswith(r'inferoscope-window.exe" "%1"')
    assert windows.knows(rf"{CLASSES}\.onnx\OpenWithProgids")
    windows.uninstall()
    assert windows.registry(rf"{CLASSES}\.onnx") == "Netron.Model"
    assert not windows.knows(rf"{CLASSES}\.onnx\OpenWithProgids")


@pytest.mark.parametrize("elsewhere", [False, True], ids=["in the same folder", "into another folder"])
def test_an_upgrade_keeps_settings_and_models_and_no_old_file(
    windows: Windows, setups: dict[str, Path], elsewhere: bool
) -> None:
    windows.run(setups["0.1.0"], "/S")
    own = windows.local / "inferoscope" / "models"
    own.mkdir(parents=True)
    (own / "mine.onnx").write_text("mine")
    folder = windows.local / "Programs" / "Elsewhere" if elsewhere else windows.program
    target = [rf"/D=C:\users\{windows.local.parents[1].name}\AppData\Local\Programs\Elsewhere"] if elsewhere else []
    assert windows.run(setups["0.2.0"], "/S", *target) == 0
    assert (folder / "_internal" / "only-0.2.0.txt").is_file()
    assert not (folder / "_internal" / "only-0.1.0.txt").exists()
    assert windows.registry(UNINSTALL, "DisplayVersion") == "0.2.0"
    assert (own / "mine.onnx").read_text() == "mine"
    assert windows.program.exists() is not elsewhere


def test_while_the_program_runs_nothing_is_changed(windows: Windows, setups: dict[str, Path]) -> None:
    windows.run(setups["0.1.0"], "/S")
    running = windows.start(windows.program / "inferoscope-window.exe")
    assert running.stdout is not None
    assert running.stdout.read(1)
    assert windows.run(setups["0.2.0"], "/S") == IT_RUNS
    drive = rf"C:\users\{windows.local.parents[1].name}\AppData\Local\Programs\Inferoscope"
    assert windows.run(windows.program / "uninstall.exe", "/S", f"_?={drive}") == IT_RUNS
    assert (windows.program / "_internal" / "only-0.1.0.txt").is_file()
    assert windows.registry(UNINSTALL, "DisplayVersion") == "0.1.0"
    running.communicate(b"exit\r\n", timeout=30)
    assert windows.run(setups["0.2.0"], "/S") == 0


def test_uninstalling_leaves_what_a_person_would_miss_and_nothing_else(
    windows: Windows, setups: dict[str, Path]
) -> None:
    windows.run(setups["0.1.0"], "/S")
    settings = windows.local / "inferoscope" / "settings.json"
    compiled = windows.local / "inferoscope" / "Cache" / "compiled.blob"
    compiled.parent.mkdir(parents=True)
    for file in (settings, compiled):
        file.write_text("{}")
    windows.uninstall()
    until(lambda: not windows.program.exists())
    assert settings.is_file()
    assert not compiled.parent.exists()
    assert not (windows.menu / "Inferoscope.lnk").exists()
    for key in (
        r"HKCU\Software\Inferoscope",
        rf"{CLASSES}\Inferoscope.onnx",
        rf"{CLASSES}\Applications\inferoscope-window.exe",
    ):
        assert not windows.knows(key)


def test_a_file_of_another_in_the_programs_folder_stays(windows: Windows, setups: dict[str, Path]) -> None:
    windows.run(setups["0.1.0"], "/S")
    (windows.program / "notes.txt").write_text("mine")
    windows.uninstall()
    assert [path.name for path in windows.program.iterdir()] == ["notes.txt"]


def test_two_builds_are_the_same(setups: dict[str, Path], tmp_path: Path) -> None:
    again = tmp_path / "again.exe"
    builder().build(setups["0.1.0"].parent / "0.1.0", again, "0.1.0")
    assert again.read_bytes() == setups["0.1.0"].read_bytes()
