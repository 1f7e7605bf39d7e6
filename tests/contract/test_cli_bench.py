"""``inferoscope bench`` as a process: real runtimes in real children."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from demo_stand_in import save_stand_in
from program import PROGRAM


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_stand_in(tmp_path_factory.mktemp("bench") / "bench me.onnx")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_way_to_run_it_is_measured_and_compared(model: Path, tmp_path: Path, own_home: Path) -> None:
    page, rows = tmp_path / "page.html", tmp_path / "rows.csv"
    arguments = ("--source", "demo", "--frames", 12, "--budget", 1, "--html", page, "--csv", rows, "--json")

    told = document(run("bench", model, *arguments))

    timings = told["original"]["timings"]
    assert {timing["backend"] for timing in timings} == {"openvino", "onnxruntime", "opencv"}
    assert (timings[0]["speed_ratio"], timings[0]["agreement_f1"], timings[0]["precision"]) == (1.0, 1.0, "fp32")
    for timing in timings:
        assert timing["frames_per_s"] > 0
        assert timing["latency_p50_ms"] <= timing["latency_p95_ms"]
        assert timing["peak_memory_bytes"] > 50e6
        assert timing["execution"]["precision_requested"] == timing["precision"]
        assert timing["agreement_f1"] > 0.9
    assert told["original"]["bytes"] == model.stat().st_size
    assert (told["variants"], told["stored"]) == ([], False)
    assert told["recommendation"]["reason"]
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with rows.open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(timings)
    assert list((own_home / "cache" / "optimise").glob("*")) == []


def test_what_tune_finds_is_how_run_goes_from_then_on(model: Path, own_home: Path) -> None:
    told = document(run("bench", model, "--backends", "onnxruntime", "--tune", "--budget", 1, "--json"))

    assert told["stored"] is True
    assert told["recommendation"]["backend"] == "onnxruntime"
    went = run("run", "--source", "demo", "--model", model, "--max-frames", 3, "--json")
    assert document(went)["execution"]["backend"] == "onnxruntime"
    assert "bench --tune" in went.stderr
    asked = run("run", "--source", "demo", "--model", model, "--max-frames", 3, "--json", "--precision", "fp32")
    assert document(asked)["execution"]["backend"] == "openvino"

    assert run("bench", model, "--forget").returncode == 0
    after = run("run", "--source", "demo", "--model", model, "--max-frames", 3, "--json")
    assert document(after)["execution"]["backend"] == "openvino"


def test_where_it_cannot_write_is_told_before_it_measures(model: Path, tmp_path: Path) -> None:
    done = run("bench", model, "--html", tmp_path / "nowhere" / "page.html", "--budget", 100_000)

    assert (done.returncode, done.stdout) == (1, "")
    assert "The folder does not exist" in done.stderr


def test_what_is_no_model_is_told_in_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")

    done = run("bench", broken)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert run("bench", broken, "--backends", "nothing").returncode == 2
