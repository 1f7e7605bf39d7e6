"""What the set-up says and does about libraries that must come from the system."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "packaging" / "linux" / "system_libraries.py"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, on a Debian where one library that nobody has is needed."""
    spec = importlib.util.spec_from_file_location("system_libraries", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "LIBRARIES", {"libnobodyhasthis.so.7": "libnobodyhasthis7"})
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/usr/bin/{name}")
    return module


def test_nothing_is_said_where_everything_is_there(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    script.LIBRARIES.clear()
    assert script.main() == 0
    assert capsys.readouterr() == ("", "")


def test_an_ordinary_user_gets_the_command_to_type(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script.os, "geteuid", lambda: 1000)
    assert script.main() == 1
    assert capsys.readouterr().err == (
        "Inferoscope needs libnobodyhasthis7 from the system. "
        "Type: sudo apt-get install --yes --no-install-recommends libnobodyhasthis7\n"
    )


def test_root_gets_it_installed(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(script.os, "geteuid", lambda: 0)
    monkeypatch.setattr(script.subprocess, "call", lambda command, **_: called.append(command) or 0)
    assert script.main() == 0
    assert called == [
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", "--no-install-recommends", "libnobodyhasthis7"],
    ]


def test_a_failed_installation_is_no_success(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script.os, "geteuid", lambda: 0)
    monkeypatch.setattr(script.subprocess, "call", lambda *_, **__: 100)
    assert script.main() == 1


def test_another_distribution_is_told_the_name_of_the_library(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script.shutil, "which", lambda _: None)
    assert script.main() == 1
    assert "libnobodyhasthis.so.7" in capsys.readouterr().err


def test_a_python_without_its_venv_module_is_found_out(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script.LIBRARIES.clear()
    monkeypatch.setattr(script.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(script.os, "geteuid", lambda: 1000)
    assert script.main() == 1
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"needs python{version}-venv from the system" in capsys.readouterr().err
