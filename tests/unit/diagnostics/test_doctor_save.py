"""``inferoscope doctor --save``: diagnostics for those without a window."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.cli import doctor
from engine.cli.main import main
from engine.doctor.check import Check, passed


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The self-test finds one camera, whose name is nobody's business."""

    def examine(*_: Any) -> Iterator[Check]:
        yield passed("cameras", "camera:0", "/home/ann/clients/yard.onnx is there")

    monkeypatch.setattr(doctor, "examine", examine)
    monkeypatch.setattr("engine.capture.camera_list.list_cameras", lambda: ())


def test_the_report_is_printed_as_ever_and_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "saved.zip"
    assert main(["doctor", "--save", str(path), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["checks"][0]["title"] == "camera:0"
    assert printed.err.startswith(f"Saved: {path}.")
    with zipfile.ZipFile(path) as saved:
        (check,) = json.loads(saved.read("inferoscope/doctor.json"))["checks"]
        assert json.loads(saved.read("inferoscope/versions.json"))["inferoscope"]
    assert check["found"] == "~/…/yard.onnx is there"


def test_a_place_that_cannot_be_written_is_told_before_anything_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--save", str(tmp_path / "absent" / "saved.zip")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert str(tmp_path / "absent") in printed.err and len(printed.err.splitlines()) == 1


def test_without_the_option_nothing_is_written(own_home: Path) -> None:
    assert main(["doctor"]) == 0
    assert list(own_home.rglob("*.zip")) == []
