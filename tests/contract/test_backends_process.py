"""Each runtime in a plain process: silent on the network, on the terminal and in the home, and a clean end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import backend_graphs as graphs
import pytest

from engine.backends.table import BACKENDS

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from pathlib import Path

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"):
        print(event, arguments)

sys.addaudithook(refuse)
sys.path.insert(0, sys.argv[1] + "/tests")
from cards import make_card
from engine.backends.backend import CompileRequest
from engine.backends.table import load_backend
from engine.cards import InputSpec, TensorSpec
from engine.errors import BackendError

backend = load_backend(sys.argv[2])
backend.devices()
spec = InputSpec("images", 8, 8)
tensor = TensorSpec("pixels", (1, 3, 8, 8), "float32")
for path in sys.argv[3:]:
    card = make_card(Path(path), input=spec, outputs=(tensor,))
    try:
        model = backend.compile(CompileRequest(card), lambda phase: None, lambda: False)
        lane = model.open_lane()
        lane.infer()
        kept = lane.infer()["pixels"]
    except BackendError as error:
        print("error" if str(error) else "")
"""


@pytest.mark.parametrize("name", list(BACKENDS))
def test_a_process_says_nothing_and_ends_well_with_everything_open(name: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    good = graphs.save_pixels(tmp_path / "good.onnx", (1, 3, 8, 8))
    bad = graphs.save_unknown_operator(tmp_path / "bad.onnx")
    # Runtimes keep quiet where they see a test runner, so they see none.
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(ROOT), name, str(good), str(bad), str(good)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "error\n", "")
    folders = {path.relative_to(home).parts[:2] for path in home.rglob("*") if path.is_file()}
    assert folders <= {(".cache", "inferoscope")}


def test_openvino_cannot_find_its_telemetry() -> None:
    code = "import engine.backends.openvino_runtime, sys; print(sys.modules['openvino_telemetry'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("None\n", "")
