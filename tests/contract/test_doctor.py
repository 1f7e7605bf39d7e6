"""The self-test as a whole, with a stand-in for the demo model: real runtimes in real child processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from demo_stand_in import save_stand_in

from engine.backends.table import BACKENDS
from engine.cli import doctor
from engine.cli.main import main
from engine.doctor.answers import read_answers
from engine.doctor.check import Outcome
from engine.doctor.examination import DemoFiles, asking, examine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    """A model and the answer that the one command stores for it."""
    folder = tmp_path_factory.mktemp("demo")
    model, answers = save_stand_in(folder / "demo.onnx"), folder / "demo_answers.json"
    program = [sys.executable, ROOT / "models" / "training" / "answers.py", "--model", model, "--output", answers]
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return DemoFiles(model, answers)


def examined(
    files: DemoFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any]]:
    monkeypatch.setattr(doctor, "demo_files", lambda: files)
    status = main(["doctor", "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_everything_that_is_here_works(
    demo: DemoFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], own_home: Path
) -> None:
    status, document = examined(demo, monkeypatch, capsys)

    failures = [check for check in document["checks"] if check["outcome"] == "failed" and check["area"] != "cameras"]
    assert failures == []
    assert (status, document["healthy"]) == ((1, False) if document["failed"] else (0, True))
    ran = [check["run"] for check in document["checks"] if check["run"] and check["run"]["execution"]]
    assert {run["backend"] for run in ran if run["precision"] == "fp32"} == set(BACKENDS)
    for run in ran:
        assert run["execution"]["precision_requested"] == run["precision"]
        assert (run["frames"], run["frames_per_s"] > 0) == (60, True)
        assert run["agreement_f1"] > 0.95
    assert [path.name for path in (own_home / "cache").glob("doctor-*")] == []


def test_wrong_numbers_are_noticed(demo: DemoFiles, tmp_path: Path) -> None:
    assert demo.answers is not None
    document = json.loads(demo.answers.read_text())
    for frame in document["frames"]:
        for found in frame["objects"]:
            found[2:] = [edge + 1.5 for edge in found[2:]]
    (tmp_path / "moved.json").write_text(json.dumps(document))

    files = DemoFiles(demo.model, tmp_path / "moved.json")
    checks = {check.title: check for check in examine(files, asking(lambda: False), lambda _: None, ["onnxruntime"])}
    check = checks["ONNX Runtime · CPU · FP32"]
    assert check.outcome is Outcome.FAILED
    assert "boxes are off by 1.50 px" in check.reason
    assert check.cure


def test_the_answer_names_its_model_and_its_reference(demo: DemoFiles) -> None:
    assert demo.answers is not None
    answers = read_answers(demo.answers)
    assert answers.reference.startswith("ONNX Runtime ")
    assert answers.reference.endswith("CPU, FP32")
    assert sum(map(len, answers.found)) > 100


@pytest.mark.parametrize("command", ["inspect", "run --source demo --max-frames 5 --model"])
def test_demo_names_the_model_that_comes_with_the_program(
    command: str, demo: DemoFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("engine.cli.files.model_file", lambda _path: demo.model)
    assert main([*command.split(), "demo", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["path" if command == "inspect" else "model"]
