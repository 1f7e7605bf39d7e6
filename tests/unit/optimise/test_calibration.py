"""Frames to calibrate with: spread, different from each other, and apart from those to judge by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cards import make_card
from numpy.typing import NDArray

from engine.cards import Fit, InputSpec
from engine.errors import CancelledError, SourceError
from engine.frames import Image
from engine.geometry import fit_onto_canvas
from engine.opencv import cv2
from engine.optimise.calibration import Calibration, collect

SPEC = InputSpec("images", 48, 64, fit=Fit.LETTERBOX_CENTRE, scale=(255.0, 255.0, 255.0))


class Waiting:
    """Whoever waits; ``most`` steps and they cancel."""

    def __init__(self, most: int = 1 << 30) -> None:
        self.shares: list[float | None] = []
        self._most = most

    def progress(self, _phase: str, share: float | None = None) -> None:
        self.shares.append(share)
        if self.cancelled():
            raise CancelledError

    def cancelled(self) -> bool:
        return len(self.shares) >= self._most

    def wait(self, _seconds: float) -> bool:
        return self.cancelled()


def picture(number: int) -> Image:
    return np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8).repeat(10, 0).repeat(10, 1)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def fill(folder: Path, images: list[Image]) -> None:
    for number, image in enumerate(images):
        cv2.imwrite(str(folder / f"{number:03d}.png"), image)


def collected(source: Path | str, folder: Path, frames: int, control: Waiting | None = None) -> Calibration:
    work = folder / "work"
    work.mkdir()
    card = make_card(folder / "model.onnx", input=SPEC)
    return collect(card, str(source), work, control or Waiting(), frames=frames)


def canvases_of(calibration: Calibration) -> NDArray[np.uint8]:
    """The canvases as whoever quantises reads them."""
    canvases: NDArray[np.uint8] = np.load(calibration.canvases)[: calibration.frames]
    return canvases


def test_canvases_are_what_the_live_pipeline_fits(pictures: Path, tmp_path: Path) -> None:
    fill(pictures, [picture(i) for i in range(3)])
    canvases = canvases_of(collected(pictures, tmp_path, 3))

    expected = np.zeros(SPEC.canvas_shape[1:], np.uint8)
    fit_onto_canvas(picture(0), expected, SPEC)
    assert (canvases[0] == expected).all()


def test_of_a_short_source_half_is_held_out_unchanged(pictures: Path, tmp_path: Path) -> None:
    fill(pictures, [picture(i) for i in range(40)])
    control = Waiting()
    found = collected(pictures, tmp_path, 300, control)

    assert (found.frames, len(found.held_out)) == (20, 20)
    canvases = {canvas.tobytes() for canvas in canvases_of(found)}
    held_out = list(found.pictures())
    assert any((held_out[0] == picture(i)).all() for i in range(40))
    for image in held_out:
        canvas = np.zeros(SPEC.canvas_shape[1:], np.uint8)
        fit_onto_canvas(image, canvas, SPEC)
        assert canvas.tobytes() not in canvases
    assert control.shares == sorted(share or 0.0 for share in control.shares)


def test_pictures_that_look_alike_are_taken_once(pictures: Path, tmp_path: Path) -> None:
    noisy = picture(1) // 2 + np.random.default_rng(5).integers(0, 3, picture(1).shape, np.uint8)
    fill(pictures, [picture(0), picture(0), picture(1) // 2, noisy, picture(2)])
    found = collected(pictures, tmp_path, 20)

    assert any("3 frames differ" in warning for warning in found.warnings)


def test_a_part_of_the_picture_that_moved_makes_it_another(pictures: Path, tmp_path: Path) -> None:
    one, other = np.full((180, 320, 3), 90, np.uint8), np.full((180, 320, 3), 90, np.uint8)
    one[40:60, 40:60], other[40:60, 80:100] = 200, 200
    fill(pictures, [one, other])
    found = collected(pictures, tmp_path, 20)
    assert (found.frames, len(found.held_out)) == (1, 1)


def test_a_long_source_is_sampled_over_its_whole_length(pictures: Path, tmp_path: Path) -> None:
    fill(pictures, [picture(i) for i in range(60)])
    found = collected(pictures, tmp_path, 6)

    assert (found.frames, len(found.held_out)) == (6, 6)
    canvases = [np.zeros(SPEC.canvas_shape[1:], np.uint8) for _ in range(60)]
    for number, canvas in enumerate(canvases):
        fit_onto_canvas(picture(number), canvas, SPEC)
    places = [next(i for i, c in enumerate(canvases) if (c == kept).all()) for kept in canvases_of(found)]
    assert min(places) < 15
    assert max(places) > 40


def test_one_picture_serves_both_purposes_and_that_is_told(pictures: Path, tmp_path: Path) -> None:
    fill(pictures, [picture(0)])
    found = collected(pictures / "000.png", tmp_path, 20)

    assert (found.frames, len(found.held_out)) == (1, 1)
    assert any("too few" in warning for warning in found.warnings)


def test_the_demo(tmp_path: Path) -> None:
    found = collected("demo", tmp_path, 4)
    assert found.source == "demo"
    assert (found.frames, len(found.held_out)) == (4, 4)


def test_a_cancel_ends_it(pictures: Path, tmp_path: Path) -> None:
    fill(pictures, [picture(i) for i in range(8)])
    with pytest.raises(CancelledError):
        collected(pictures, tmp_path, 8, Waiting(most=3))


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        collected(tmp_path / "nothing.mp4", tmp_path, 8)
