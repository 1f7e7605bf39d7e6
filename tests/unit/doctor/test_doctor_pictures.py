"""Videos and pictures are written and read back; what comes back otherwise is noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.doctor import pictures
from engine.doctor.check import Outcome
from engine.doctor.pictures import check_pictures
from engine.errors import SinkError
from engine.sinks.encoder import Encoder


def failures(folder: Path) -> dict[str, str]:
    return {check.title: check.reason for check in check_pictures(folder) if check.outcome is not Outcome.PASSED}


def test_all_that_the_recorder_offers_works_here(tmp_path: Path) -> None:
    checks = check_pictures(tmp_path)
    assert {check.title for check in checks} == {
        "MPEG-4 (.mp4)",
        "VP8 (.webm)",
        "PNG",
        "JPEG",
        "Boxes and letters",
    }
    assert failures(tmp_path) == {}


def test_an_encoder_that_does_not_start_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class OnlyMp4(Encoder):
        def __init__(self, path: Path, *rest: object) -> None:
            if path.suffix == ".webm":
                raise SinkError("The video encoder does not start", remedy="Record .mp4")
            super().__init__(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(pictures, "Encoder", OnlyMp4)
    assert failures(tmp_path) == {"VP8 (.webm)": "The video encoder does not start"}


def test_lost_frames_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Encoder.write
    monkeypatch.setattr(Encoder, "write", lambda self, image: None if image[0, 0, 0] == 80 else write(self, image))
    assert set(failures(tmp_path).values()) == {"5 frames were written and 4 are read back"}


def test_wrong_colours_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Encoder.write
    monkeypatch.setattr(Encoder, "write", lambda self, image: write(self, np.ascontiguousarray(image[:, :, ::-1])))
    assert set(failures(tmp_path).values()) == {"What is read back is not what was written"}


def test_a_painter_that_draws_nothing_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "paint", lambda image, _operations: image)
    assert failures(tmp_path) == {"Boxes and letters": "No boxes and no letters and no areas can be drawn on a picture"}
