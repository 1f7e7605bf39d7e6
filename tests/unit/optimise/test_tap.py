"""Frames of a stream that runs are collected without opening its source again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cards import make_card

from engine.capture.source import SourceInfo, Wait
from engine.capture.tap import TappedSource
from engine.errors import SourceError
from engine.frames import Frame
from engine.optimise import calibration

CAMERA = SourceInfo("camera", "Yard", 64, 36, 30.0, None, None, "", live=True, seekable=False)


def frame(number: int) -> Frame:
    image = np.random.default_rng(number).integers(0, 255, (4, 6, 3), np.uint8)
    return Frame(np.kron(image, np.ones((9, 9, 1), np.uint8)), number, 0, 0, None, "camera:0")


class Feeding:
    """Whoever waits finds a new frame afterwards."""

    def __init__(self, tapped: TappedSource) -> None:
        self._tapped = tapped
        self._number = 0

    def progress(self, _phase: str, _share: float | None = None) -> None:
        """Nobody looks."""

    def cancelled(self) -> bool:
        return False

    def wait(self, _seconds: float) -> bool:
        self._number += 1
        self._tapped.offer(frame(self._number))
        return False


def test_each_frame_is_given_once_and_the_newest_wins() -> None:
    tapped = TappedSource(CAMERA, "camera:0")
    assert isinstance(tapped.read(), Wait)
    first, second = frame(1), frame(2)
    tapped.offer(first)
    tapped.offer(second)
    assert tapped.read() is second
    assert isinstance(tapped.read(), Wait)


def test_it_cannot_be_sought_in() -> None:
    with pytest.raises(SourceError):
        TappedSource(CAMERA, "camera:0").seek_frame(3)


def test_calibration_takes_what_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "_LIVE_STEP_S", 0.0)
    monkeypatch.setattr(calibration, "_LIVE_MOMENT_S", 1e-3)
    tapped = TappedSource(CAMERA, "camera:0")
    card = make_card(Path("/m/yard.onnx"))
    found = calibration.collect(card, "camera:0", tmp_path, Feeding(tapped), frames=6, tapped=tapped)
    assert found.source == "camera:0"
    assert found.frames == 6
    assert len(found.held_out) >= 1
