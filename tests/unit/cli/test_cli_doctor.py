"""``inferoscope doctor``: what it prints and how it ends, with checks of our own making."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.cards import Precision
from engine.cli import doctor
from engine.cli.main import main
from engine.doctor.check import Check, failed, passed, skipped
from engine.doctor.messages import Combination, run_of
from engine.errors import BackendError, CancelledError

CPU = Combination("pretend", "CPU", Precision.FP32, "Pretend · CPU · FP32")
GPU = Combination("pretend", "GPU", Precision.AUTO, "Pretend · GPU")
WORKS = [
    passed("files", "Demo model", "1.20 MB"),
    skipped("cameras", "Cameras", "No camera is plugged in"),
    replace(passed("inference", CPU.title, "5 ms a frame"), run=run_of(CPU), elapsed_s=1.23456),
    skipped("inference", GPU.title, "No driver was found", "Install the driver", run_of(GPU)),
]
WRONG = replace(
    failed("inference", "Pretend · CPU · BF16", BackendError("It crashed", remedy="Choose another")), run=run_of(CPU)
)


def examine(monkeypatch: pytest.MonkeyPatch, checks: list[Check], then: type[Exception] | None = None) -> None:
    def made(*_: Any) -> Iterator[Check]:
        yield from checks
        if then is not None:
            raise then

    monkeypatch.setattr(doctor, "examine", made)


def test_all_is_well(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    examine(monkeypatch, WORKS)
    assert main(["doctor"]) == 0

    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert printed.err == ""
    assert lines[0].startswith("Inferoscope ")
    assert "OpenVINO 2" in lines[2]
    assert "passed    Pretend · CPU · FP32        5 ms a frame" in lines
    assert "skipped   Cameras                     No camera is plugged in" in lines
    assert "not here  Pretend: GPU (inferoscope backends tells why)" in lines
    assert lines[-1] == "All 2 checks passed: everything that is here works."


def test_a_failure_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    examine(monkeypatch, [*WORKS, WRONG])
    assert main(["doctor"]) == 1

    text = capsys.readouterr().out
    assert "failed    Pretend · CPU · BF16\n          It crashed.\n          Choose another.\n" in text
    assert text.endswith("1 of 3 checks failed: Pretend · CPU · BF16.\n")


def test_the_document(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    examine(monkeypatch, [*WORKS, WRONG])
    assert main(["doctor", "--json"]) == 1

    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert printed.err == ""
    assert set(document) == {
        *("healthy", "verdict", "passed", "failed", "skipped", "elapsed_s", "versions", "checks"),
    }
    assert (document["healthy"], document["passed"], document["failed"], document["skipped"]) == (False, 2, 1, 2)
    assert document["verdict"] == "1 of 3 checks failed: Pretend · CPU · BF16."
    assert {"inferoscope", "python", "system", "processor", "openvino", "cores"} <= set(document["versions"])
    run = document["checks"][2]
    assert set(run) == {"area", "title", "outcome", "found", "reason", "cure", "elapsed_s", "run"}
    assert (run["outcome"], run["elapsed_s"], run["run"]["precision"]) == ("passed", 1.235, "fp32")
    assert document["checks"][3]["cure"] == "Install the driver"
    assert document["checks"][4]["outcome"] == "failed"


def test_an_interrupt_ends_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    examine(monkeypatch, WORKS[:1], CancelledError)
    assert main(["doctor", "--json"]) >= 128
    assert capsys.readouterr().out == ""


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "all"]) == 2
    assert "unrecognized arguments: all" in capsys.readouterr().err
