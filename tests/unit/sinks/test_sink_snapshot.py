"""Pictures of single frames."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from frame_results import make_detections, make_result
from jsonschema import Draft202012Validator

from engine.errors import SinkError
from engine.opencv import cv2
from engine.sinks.snapshot import save_snapshot

SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "docs" / "results.schema.json").read_text("utf-8"))


def read(path: Path) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


def test_a_result_is_saved_with_its_boxes_under_any_name(tmp_path: Path) -> None:
    result = make_result(make_detections((100, 100, 200, 200, 0.9, 0)))
    path = tmp_path / "Straße 車 1.png"
    save_snapshot(result, path)
    image = read(path)
    assert image.shape == (432, 768, 3)
    assert (image[99:101, 150] != 90).any() and (image[300, 600] == 90).all()
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_clean_picture_is_pixel_for_pixel_the_frame(tmp_path: Path) -> None:
    result = make_result(make_detections((100, 100, 200, 200, 0.9, 0)))
    for shown, style in ((result, None), (result.frame, None)):
        save_snapshot(shown, tmp_path / "clean.png", style)
        assert np.array_equal(read(tmp_path / "clean.png"), result.frame.image)
    save_snapshot(result.frame, tmp_path / "frame.png")
    assert np.array_equal(read(tmp_path / "frame.png"), result.frame.image)


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG"])
def test_jpeg_comes_close_to_the_frame(tmp_path: Path, name: str) -> None:
    save_snapshot(make_result().frame, tmp_path / name)
    assert (tmp_path / name).read_bytes()[:2] == b"\xff\xd8"
    assert np.abs(read(tmp_path / name).astype(int) - 90).max() <= 2


def test_the_result_can_lie_beside_the_picture(tmp_path: Path) -> None:
    result = make_result(make_detections((1, 2, 3, 4, 0.9, 1)), card={"class_names": ("a", "信号")})
    save_snapshot(result, tmp_path / "shot.png", with_record=True)
    record = json.loads((tmp_path / "shot.json").read_text("utf-8"))
    Draft202012Validator(SCHEMA).validate(record)
    assert record["detections"][0]["class_name"] == "信号"


def test_another_ending_is_refused_with_those_that_work(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"expected \.png, \.jpg, \.jpeg"):
        save_snapshot(make_result(), tmp_path / "shot.gif")
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_replaces_an_older_one(tmp_path: Path) -> None:
    save_snapshot(make_result(size=(10, 10)), tmp_path / "shot.png")
    save_snapshot(make_result(size=(20, 10)), tmp_path / "shot.png")
    assert read(tmp_path / "shot.png").shape == (10, 20, 3)
