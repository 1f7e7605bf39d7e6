"""What was found of what was built on this computer is known again."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from findings import FP16_FINDING, INT8_FINDING, ORIGINAL_FINDING, make_finding

from engine.cards import Precision
from engine.errors import SinkError
from engine.optimise.candidate import ORIGINAL
from engine.optimise.keeping import keep, kept
from engine.optimise.plan import Finding
from engine.optimise.report import WorstFrame
from engine.optimise.shelf import original_of, shelf_of

SHA256 = "cd" * 32


@pytest.fixture
def shelf() -> Path:
    folder = shelf_of(SHA256)
    folder.mkdir(parents=True)
    return folder


def picture(content: bytes) -> WorstFrame:
    return WorstFrame(ORIGINAL, "somewhere", 3, 0.5, content, content)


def put(shelf: Path, finding: Finding) -> Finding:
    finding = replace(finding, path=shelf / f"yard-{finding.name}.xml")
    finding.path.write_bytes(b"variant")
    return finding


def test_findings_come_back_as_they_were_pictures_included(shelf: Path) -> None:
    int8 = put(shelf, INT8_FINDING)
    keep(shelf, Path("/models/yard.onnx"), (ORIGINAL_FINDING, int8))
    assert kept(shelf) == (ORIGINAL_FINDING, int8)
    assert original_of(int8.path) == Path("/models/yard.onnx")


def test_ways_to_run_the_original_keep_their_own_pictures(shelf: Path) -> None:
    ways = [
        make_finding(ORIGINAL, 1.0, backend=backend, precision=precision, worst=(picture(content),))
        for backend, precision, content in (
            ("openvino", Precision.BF16, b"1"),
            ("openvino", Precision.FP32, b"2"),
            ("onnxruntime", Precision.FP32, b"3"),
        )
    ]
    keep(shelf, Path("yard.onnx"), ways)
    assert kept(shelf) == tuple(ways)


def test_a_variant_that_runs_best_elsewhere_now_is_kept_once(shelf: Path) -> None:
    int8 = put(shelf, INT8_FINDING)
    keep(shelf, Path("yard.onnx"), (ORIGINAL_FINDING, int8))
    elsewhere = replace(int8, backend="onnxruntime", precision=Precision.BF16)
    keep(shelf, Path("yard.onnx"), (ORIGINAL_FINDING, elsewhere))
    assert kept(shelf) == (ORIGINAL_FINDING, elsewhere)


def test_a_later_measurement_replaces_its_own_kind_alone(shelf: Path) -> None:
    int8, fp16 = put(shelf, INT8_FINDING), put(shelf, FP16_FINDING)
    keep(shelf, Path("yard.onnx"), (ORIGINAL_FINDING, int8))
    faster = replace(int8, speed=3.0)
    keep(shelf, Path("yard.onnx"), (ORIGINAL_FINDING, fp16, faster))
    assert {finding.name: finding.speed for finding in kept(shelf)} == {
        "original": 1.0,
        "openvino-fp16": 1.0,
        "openvino-int8": 3.0,
    }
    assert kept(shelf)[0].name == "original"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 9}', b'{"version": 1, "original": "a"}'])
def test_a_damaged_file_means_that_nothing_is_known(shelf: Path, content: bytes) -> None:
    (shelf / "findings.json").write_bytes(content)
    assert kept(shelf) == ()


def test_a_variant_without_its_pictures_is_measured_again(shelf: Path) -> None:
    keep(shelf, Path("yard.onnx"), (ORIGINAL_FINDING, put(shelf, INT8_FINDING)))
    for picture in (shelf / "frames").iterdir():
        picture.unlink()
    assert kept(shelf) == ()


def test_a_disk_that_refuses_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SinkError):
        keep(tmp_path / "file", Path("yard.onnx"), (ORIGINAL_FINDING,))


def test_a_disk_that_fills_while_pictures_are_kept_is_told_in_words(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("engine.optimise.keeping.write_atomic", full)
    with pytest.raises(SinkError, match="The disk is full"):
        keep(shelf, Path("yard.onnx"), (ORIGINAL_FINDING, put(shelf, INT8_FINDING)))
    assert not (shelf / "findings.json").exists()
