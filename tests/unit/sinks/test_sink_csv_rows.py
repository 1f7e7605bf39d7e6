"""The table: what a spreadsheet or a script finds in it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from frame_results import make_detections, make_result

from engine.frames import FrameResult
from engine.results import Classification, SegmentationMap
from engine.sinks.csv_rows import COLUMNS, CsvSink


def written(path: Path, *results: FrameResult) -> list[dict[str, str]]:
    sink = CsvSink(path)
    sink.open()
    for result in results:
        sink.write(result)
    sink.close()
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.csv"


def test_each_object_has_a_row_with_everything(path: Path) -> None:
    found = make_detections((10, 20, 30.5, 40, 0.9, 1), (1, 2, 3, 4, 0.5, 0), track_id=np.array([7, 8], np.int32))
    rows = written(path, make_result(found, sequence=3, media_time_s=0.24))
    assert len(rows) == 2
    first = rows[0]
    assert first.pop("time").startswith("2025-10-")
    assert first == {
        "media_time_s": "0.24",
        "frame": "3",
        "source": "road.mp4",
        "configuration": "3",
        "model": "yolox_nano.onnx",
        "backend": "openvino",
        "devices": "CPU",
        "precision": "FP32",
        "class_id": "1",
        "class_name": "dog",
        "score": "0.9",
        "share": "",
        "left_px": "10.0",
        "top_px": "20.0",
        "right_px": "30.5",
        "bottom_px": "40.0",
        "track_id": "7",
    }


def test_the_header_stands_there_once_even_where_nothing_was_found(path: Path) -> None:
    empty = make_result()
    full = make_result(make_detections((1, 2, 3, 4, 0.5, 0)))
    assert len(written(path, empty, empty)) == 0
    assert path.read_text() == ",".join(COLUMNS) + "\n"
    assert len(written(path, empty, full, empty, full)) == 2
    assert path.read_text().count("class_name") == 1


def test_the_columns_are_documented(path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "results.md").read_text("utf-8")
    table = text.split("## Table")[1].split("## Video")[0]
    assert [column for column in COLUMNS if f"`{column}`" not in table] == []


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_a_name_that_a_spreadsheet_would_run_is_made_harmless(path: Path, name: str) -> None:
    result = make_result(
        make_detections((1, 2, 3, 4, 0.5, 0)), card={"class_names": (name,)}, source_id="-folder/pictures"
    )
    (row,) = written(path, result)
    assert row["class_name"] == "'" + name.replace("\t", " ").replace("\r", " ")
    assert row["source"] == "'-folder/pictures"


@pytest.mark.parametrize("name", ["traffic light", 'a "quoted", name', "信号灯", "a=b"])
def test_other_names_are_read_back_as_they_are(path: Path, name: str) -> None:
    (row,) = written(path, make_result(make_detections((1, 2, 3, 4, 0.5, 0)), card={"class_names": (name,)}))
    assert row["class_name"] == name


def test_a_row_is_one_line(path: Path) -> None:
    found = make_detections((1, 2, 3, 4, 0.5, 0))
    (row,) = written(path, make_result(found, card={"class_names": ("two\nlines\r\0",)}))
    assert row["class_name"] == "two lines  "
    assert len(path.read_text().splitlines()) == 2


def test_classes_of_a_picture_and_of_a_map_have_rows_too(path: Path) -> None:
    (best, *_) = written(path, make_result(Classification(np.array([0.25, 0.75], np.float32))))
    assert (best["class_name"], best["score"], best["left_px"], best["share"]) == ("dog", "0.75", "", "")
    (most, _) = written(path, make_result(SegmentationMap(np.array([[0, 1, 1, 1]], np.int32))))
    assert (most["class_name"], most["share"], most["score"]) == ("dog", "0.75", "")


def test_passwords_never_reach_the_table(path: Path) -> None:
    result = make_result(make_detections((1, 2, 3, 4, 0.5, 0)), source_id="rtsp://u:geheim@host/live")
    written(path, result)
    assert "geheim" not in path.read_text()
