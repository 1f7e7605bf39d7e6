"""Files, folders and cameras."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from engine.capture.camera_list import CameraInfo
from engine.doctor import cameras, surroundings
from engine.doctor.answers import FRAME_NUMBERS, Answers, write_answers
from engine.doctor.cameras import check_cameras
from engine.doctor.check import Check, Outcome
from engine.doctor.surroundings import check_files, check_folders
from engine.results import Detections
from engine.sinks.disk import refusal


@pytest.fixture
def demo(tmp_path: Path) -> tuple[Path, Path]:
    model, stored = tmp_path / "demo.onnx", tmp_path / "demo_answers.json"
    model.write_bytes(b"weights")
    sha256 = hashlib.sha256(b"weights").hexdigest()
    nothing = tuple(Detections.empty() for _ in FRAME_NUMBERS)
    write_answers(stored, Answers(sha256, "Pretend Runtime 1", ((0,) * 8,) * len(FRAME_NUMBERS), nothing))
    return model, stored


def demo_check(model: Path, stored: Path) -> Check:
    return check_files(str(model), str(stored))[0]


def test_whole_files_pass(demo: tuple[Path, Path]) -> None:
    model, catalogue = check_files(*map(str, demo))
    assert (model.outcome, catalogue.outcome) == (Outcome.PASSED, Outcome.PASSED)
    assert "Pretend Runtime 1" in model.found


def test_a_changed_model_fails(demo: tuple[Path, Path]) -> None:
    demo[0].write_bytes(b"weighty")
    check = demo_check(*demo)
    assert (check.outcome, check.reason) == (
        Outcome.FAILED,
        "The demo model is damaged, or of another version",
    )
    assert check.cure == "Install Inferoscope again"


@pytest.mark.parametrize(
    ("missing", "told"),
    [(0, "The demo model is missing"), (1, "The stored answer of the demo model is missing")],
)
def test_a_missing_file_fails(demo: tuple[Path, Path], missing: int, told: str) -> None:
    demo[missing].unlink()
    assert demo_check(*demo).reason == told
    assert check_files("", "")[0].reason == "The demo model is missing"


def test_folders_are_made_and_pass(own_home: Path) -> None:
    checks = check_folders()
    assert [check.outcome for check in checks] == [Outcome.PASSED] * 2
    assert [str(own_home / name) in check.found for check, name in zip(checks, ("cache", "data"), strict=True)] == [
        True,
        True,
    ]
    assert list((own_home / "cache").iterdir()) == []


def test_a_folder_that_cannot_be_made_fails(own_home: Path) -> None:
    own_home.mkdir(exist_ok=True)
    (own_home / "data").write_text("a file is in the way")
    cache, data = check_folders()
    assert (cache.outcome, data.outcome) == (Outcome.PASSED, Outcome.FAILED)
    assert data.reason
    assert data.cure
    assert str(own_home / "data") in data.found


def test_a_folder_without_permission_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise refusal(path, PermissionError(errno.EACCES, "Permission denied"))

    monkeypatch.setattr(surroundings, "require_writable", refuse)
    data = check_folders()[1]
    assert (data.outcome, data.reason) == (Outcome.FAILED, "It may not be written")


def test_a_full_disk_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "KEEP_FREE_BYTES", 1 << 62)
    assert [check.outcome for check in check_folders()] == [Outcome.FAILED] * 2
    assert "almost full" in check_folders()[0].reason


def test_no_camera_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "list_cameras", tuple)
    (check,) = check_cameras()
    assert check.outcome is Outcome.SKIPPED


def test_a_camera_without_permission_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in = (CameraInfo(0, "Yard", "/dev/video0"), CameraInfo(1, "Door", "/dev/video1"))
    monkeypatch.setattr(cameras, "list_cameras", lambda: plugged_in)
    monkeypatch.setattr("engine.doctor.cameras.sys.platform", "linux")
    monkeypatch.setattr("engine.doctor.cameras.os.access", lambda path, _mode: path == "/dev/video0")
    yard, door = check_cameras()
    assert (yard.outcome, yard.title) == (Outcome.PASSED, "camera:0")
    assert "Yard" in yard.found
    assert (door.outcome, door.title) == (Outcome.FAILED, "camera:1")
    assert "video" in door.cure
