"""The engine knows no window, and neither it nor the console script loads a runtime before one is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("cv2", "numpy", "onnx", "onnxruntime", "openvino", "nncf", "PySide6", "pyqtgraph")


def modules(package: str) -> list[str]:
    files = sorted((ROOT / package).rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names]


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)


def test_all_of_the_engine_imports_where_qt_is_blocked() -> None:
    code = (
        "import sys\n"
        "from importlib import import_module\n"
        "for name in ('PySide6', 'PyQt6', 'PyQt5', 'pyqtgraph'): sys.modules[name] = None\n"
        f"for name in {modules('engine')}: import_module(name)\n"
    )
    done = run_python(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_program_starts_where_what_builds_variants_is_not_installed() -> None:
    recipe = "engine.optimise.recipes.openvino_int8"
    names = [name for name in (*modules("engine"), *modules("gui")) if name != recipe]
    code = (
        "import sys\n"
        "from importlib import import_module\n"
        "sys.modules['nncf'] = None\n"
        f"for name in {names}: import_module(name)\n"
    )
    done = run_python(code)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["engine", "engine.cli.main", "gui", "gui.launch"])
def test_nothing_heavy_is_loaded_early(name: str) -> None:
    code = f"import sys, {name}\nprint(*sorted(set({HEAVY}) & set(sys.modules)))"
    done = run_python(code)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_inspect_and_backends_can_be_declared_without_a_runtime() -> None:
    """Asking for the options of a command must not wait for a runtime to load."""
    code = (
        "import sys\n"
        "from engine.cli.main import main, COMMANDS\n"
        "assert all(main([name, '--help']) == 0 for name in COMMANDS)\n"
        "loaded = {'onnxruntime', 'openvino', 'onnx'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    done = run_python(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_window_starts_without_what_optimises() -> None:
    """Only what it takes to name the variants that are there already."""
    code = "import sys, gui.app.run\nprint(*sorted(name for name in sys.modules if '.optimise.' in name))\n"
    done = run_python(code)
    names = {"engine.optimise.candidate", "engine.optimise.shelf", "engine.optimise.variant"}
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.split()) == {*names, "gui.presenters.optimise.kinds"}
