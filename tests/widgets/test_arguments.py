"""What opens the window, and with what: as typed, and as a file manager names a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gui.arguments import Wanted, opens_window, parse


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("yard.mp4", "net.ONNX", "run"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("arguments", [[], ["--source", "demo"], ["--model=m.onnx"], ["yard.mp4"], ["net.ONNX"]])
def test_what_opens_the_window(folder: Path, arguments: list[str]) -> None:
    assert opens_window(arguments)


@pytest.mark.parametrize("arguments", [["run"], ["doctor", "--json"], ["--help"], ["gone.mp4"], ["bnech"]])
def test_what_is_a_command_or_a_mistake(folder: Path, arguments: list[str]) -> None:
    assert not opens_window(arguments)


def test_a_file_is_a_model_or_a_source() -> None:
    assert parse(["yard.mp4"]) == Wanted(source="yard.mp4")
    assert parse(["net.ONNX"]) == Wanted(model=Path("net.ONNX"))
    assert parse(["yard.mp4", "--model", "net.onnx"]) == Wanted(source="yard.mp4", model=Path("net.onnx"))


def test_two_files_of_a_kind_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["yard.mp4", "--source", "demo"])
    assert "second source" in capsys.readouterr().err
