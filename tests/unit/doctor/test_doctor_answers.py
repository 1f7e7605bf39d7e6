"""The stored answer on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.doctor.answers import FRAME_NUMBERS, Answers, difference_rms, print_of, read_answers, write_answers
from engine.errors import ModelError
from engine.results import Detections
from engine.scene import Scene

PRINTS = tuple((number, *range(7)) for number in FRAME_NUMBERS)


def answers() -> Answers:
    one = Detections(np.float32([[1.25, 2, 30, 40]]), np.float32([0.875]), np.int32([3]))
    found = (one, *(Detections.empty() for _ in FRAME_NUMBERS[1:]))
    return Answers("ab" * 32, "Pretend Runtime 1", PRINTS, found)


def test_it_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_answers(tmp_path / "a.json", answers())
    read = read_answers(tmp_path / "a.json")

    assert (read.model_sha256, read.reference, read.prints) == ("ab" * 32, "Pretend Runtime 1", PRINTS)
    assert read.found[0].xyxy.tolist() == [[1.25, 2, 30, 40]]
    assert (read.found[0].score.tolist(), read.found[0].class_id.tolist()) == ([0.875], [3])
    assert all(len(found) == 0 for found in read.found[1:])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text[:-40], "damaged"),
        (lambda text: text.replace('"objects": [[3', '"objects": [["three"'), "damaged"),
        (lambda text: text.replace('"print"', '"prints"'), "damaged"),
        (lambda text: text.replace(", 5, 6]", ", 5]"), "damaged"),
        (lambda text: text.replace('"frame": 7,', '"frame": 8,'), "another version"),
        (lambda text: text.replace('"format": 1', '"format": 2'), "another version"),
    ],
)
def test_what_is_not_such_a_file_is_told(tmp_path: Path, change: Callable[[str], str], told: str) -> None:
    path = tmp_path / "a.json"
    write_answers(path, answers())
    path.write_text(change(path.read_text()))
    with pytest.raises(ModelError, match=told):
        read_answers(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_answers(tmp_path / "none.json")


def test_prints_tell_how_far_frames_lie_apart() -> None:
    frames = [Scene().frame(number).image for number in FRAME_NUMBERS[:8]]
    noise = np.random.default_rng(3).integers(-1, 2, frames[0].shape)
    noisy = [np.clip(frame + noise, 0, 255).astype(np.uint8) for frame in frames]
    stored = [print_of(frame) for frame in frames]

    assert difference_rms([print_of(frame.copy()) for frame in frames], stored) == 0.0
    assert difference_rms([print_of(frame) for frame in noisy], stored) == pytest.approx((2 / 3) ** 0.5, rel=0.35)
    one_pixel = frames[0].copy()
    one_pixel[100, 100, 1] ^= 1
    assert 0.0 < difference_rms([print_of(one_pixel)], stored[:1]) < 0.004
