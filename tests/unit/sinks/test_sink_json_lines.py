"""Result lines: what a reader of the file finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from frame_results import UTC_NS, make_detections, make_result
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pycocotools import mask as coco

from engine.errors import SinkError
from engine.frames import FrameResult
from engine.results import Classification, SegmentationMap, mask_region
from engine.sinks.json_lines import JsonLinesSink
from engine.sinks.mask_rle import encode_rle

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "results.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def written(tmp_path: Path, *results: FrameResult) -> list[dict[str, Any]]:
    """Lines as a reader gets them: valid by the schema, and strict JSON."""
    sink = JsonLinesSink(tmp_path / "out.jsonl")
    sink.open()
    for result in results:
        sink.write(result)
    sink.close()
    text = (tmp_path / "out.jsonl").read_text("utf-8")
    assert text.endswith("\n")
    lines = [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]
    for line in lines:
        VALIDATOR.validate(line)
    return lines


def decoded(rle: dict[str, Any]) -> np.ndarray:
    with warnings.catch_warnings():
        # pycocotools 2.0.11 makes its array in a way that numpy 2 frowns upon.
        warnings.simplefilter("ignore", DeprecationWarning)
        return np.asarray(coco.decode(rle))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_line_says_everything_about_its_frame(tmp_path: Path) -> None:
    found = make_detections((10.126, 20, 30, 40, 0.87654321, 1))
    (line,) = written(tmp_path, make_result(found, sequence=100, media_time_s=8.00000001))
    moment = datetime.fromisoformat(line.pop("time"))
    assert moment.utcoffset() is not None
    assert int(moment.timestamp() * 1000) == UTC_NS // 1_000_000
    assert line == {
        "media_time_s": 8.0,
        "frame": 100,
        "source": "road.mp4",
        "width_px": 768,
        "height_px": 432,
        "configuration": {
            "number": 3,
            "model": "yolox_nano.onnx",
            "task": "detect",
            "backend": "openvino",
            "devices": ["CPU"],
            "precision": "FP32",
        },
        "stages_ms": {"queue": 1.0, "preprocess": 0.5, "infer": 10.25, "decode": 0.4, "total": 12.15},
        "detections": [
            {
                "class_id": 1,
                "class_name": "dog",
                "score": 0.8765,
                "box_xyxy_px": [10.13, 20.0, 30.0, 40.0],
                "track_id": None,
                "keypoints": None,
                "corners_px": None,
                "mask_rle": None,
            }
        ],
    }


def test_a_frame_without_objects_has_a_line_too(tmp_path: Path) -> None:
    lines = written(tmp_path, make_result(sequence=0), make_result(sequence=1))
    assert [(line["frame"], line["detections"], line["media_time_s"]) for line in lines] == [
        (0, [], None),
        (1, [], None),
    ]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
def test_the_time_is_the_moment_of_capture_in_any_zone(zone: str) -> None:
    code = f"from engine.sinks.rows import local_time; print(local_time({UTC_NS}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TZ": zone},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(datetime.fromisoformat(done.stdout.strip()).timestamp() * 1000) == UTC_NS // 1_000_000


def test_poses_oriented_boxes_tracks_and_masks_are_written(tmp_path: Path) -> None:
    box = (10.5, 20.0, 14.0, 23.5)
    left, top, right, bottom = mask_region(box)
    mask = np.zeros((bottom - top, right - left), np.bool_)
    mask[1:3, 1:] = True
    found = make_detections(
        (*box, 0.9, 0),
        track_id=np.array([12], np.int32),
        keypoints=np.array([[[11, 21, 0.5], [12, 22, 1.0]]], np.float32),
        corners=np.array([[[10.5, 20], [14, 20], [14, 23.5], [10.5, 23.5]]], np.float32),
        masks=(mask,),
    )
    (line,) = written(tmp_path, make_result(found, size=(64, 48)))
    (thing,) = line["detections"]
    assert thing["track_id"] == 12
    assert thing["keypoints"] == [[11, 21, 0.5], [12, 22, 1.0]]
    assert thing["corners_px"] == [[10.5, 20], [14, 20], [14, 23.5], [10.5, 23.5]]
    whole = decoded(thing["mask_rle"])
    assert whole.shape == (48, 64)
    assert (whole[top:bottom, left:right] == mask).all() and whole.sum() == mask.sum()


def test_a_classified_picture_has_its_five_best_classes(tmp_path: Path) -> None:
    scores = np.array([0.05, 0.1, 0.3, 0.2, 0.15, 0.08, 0.12], np.float32)
    (line,) = written(tmp_path, make_result(Classification(scores), card={"class_names": tuple("abcdefg")}))
    assert [(c["class_name"], c["score"]) for c in line["classes"]] == [
        ("c", 0.3), ("d", 0.2), ("e", 0.15), ("g", 0.12), ("b", 0.1),
    ]  # fmt: skip
    assert "detections" not in line


def test_a_class_map_has_the_share_and_the_pixels_of_each_class(tmp_path: Path) -> None:
    class_id = np.array([[0, 0, 1, -1], [0, 1, 1, -1]], np.int32)
    (line,) = written(tmp_path, make_result(SegmentationMap(class_id, (0.0, 8.0, 640.0, 472.0))))
    assert line["segmentation"]["region_xyxy_px"] == [0.0, 8.0, 640.0, 472.0]
    for entry in line["segmentation"]["classes"]:
        assert entry["share"] == 0.375
        assert (decoded(entry["mask_rle"]) == (class_id == entry["class_id"])).all()


def test_numbers_that_are_none_become_null(tmp_path: Path) -> None:
    found = make_detections((0, 0, 5, 5, np.nan, 0), keypoints=np.array([[[np.inf, 2, np.nan]]], np.float32))
    (line,) = written(tmp_path, make_result(found))
    assert line["detections"][0]["score"] is None
    assert line["detections"][0]["keypoints"] == [[None, 2.0, None]]


def test_names_keep_their_letters_and_passwords_never_reach_the_file(tmp_path: Path) -> None:
    result = make_result(
        make_detections((0, 0, 5, 5, 0.5, 0)),
        source_id="rtsp://admin:geheim@10.0.0.5/live?token=abc",
        card={"class_names": ('信号灯 "x"\n',)},
    )
    (line,) = written(tmp_path, result)
    assert line["detections"][0]["class_name"] == '信号灯 "x"\n'
    text = (tmp_path / "out.jsonl").read_text("utf-8")
    assert "信号灯" in text and "geheim" not in text and "abc" not in text and "admin" not in text


def test_a_file_name_that_is_not_unicode_stops_nothing(tmp_path: Path) -> None:
    (line,) = written(tmp_path, make_result(source_id="\udce9t\udce9.mp4"))
    assert line["source"] == "?t?.mp4"


def test_each_line_is_there_for_others_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    sink = JsonLinesSink(path)
    sink.open()
    for count in (1, 2, 3):
        sink.write(make_result(sequence=count))
        lines = path.read_text("utf-8").splitlines(keepends=True)
        assert len(lines) == count and lines[-1].endswith("\n")
        assert json.loads(lines[-1])["frame"] == count
    sink.close()


def test_a_process_that_is_killed_leaves_whole_lines(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        f"sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "from pathlib import Path\n"
        "from frame_results import make_result\n"
        "from engine.sinks.json_lines import JsonLinesSink\n"
        f"sink = JsonLinesSink(Path({str(tmp_path / 'out.jsonl')!r}))\n"
        "sink.open()\n"
        "for i in range(20): sink.write(make_result(sequence=i))\n"
        "os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode != 0
    lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["frame"] for line in lines] == list(range(20))


def test_a_new_recording_replaces_an_old_one_with_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old\n")
    sink = JsonLinesSink(path)
    sink.open()
    assert path.read_text() == "old\n"
    sink.write(make_result(sequence=5))
    sink.close()
    assert json.loads(path.read_text("utf-8"))["frame"] == 5


@pytest.mark.parametrize("old", [None, "old\n"])
def test_a_recording_without_a_result_changes_nothing(tmp_path: Path, old: str | None) -> None:
    path = tmp_path / "out.jsonl"
    if old is not None:
        path.write_text(old)
    sink = JsonLinesSink(path)
    sink.open()
    sink.close()
    sink.close()
    assert (path.read_text() if path.exists() else None) == old


def test_results_can_go_into_a_pipe() -> None:
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "from pathlib import Path\n"
        "from frame_results import make_result\n"
        "from engine.sinks.json_lines import JsonLinesSink\n"
        "sink = JsonLinesSink(Path('/dev/stdout'))\n"
        "sink.open(); sink.write(make_result(sequence=4)); sink.close()\n"
    )
    if not Path("/dev/stdout").exists():
        pytest.skip("this system has no /dev/stdout")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["frame"] == 4


def test_what_is_not_open_takes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not open"):
        JsonLinesSink(tmp_path / "out.jsonl").write(make_result())
    with pytest.raises(SinkError):
        JsonLinesSink(tmp_path).open()


# Run lengths of masks -------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_run_lengths_are_those_of_pycocotools(data: st.DataObject) -> None:
    width, height = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    columns, rows = data.draw(st.integers(1, width - left)), data.draw(st.integers(1, height - top))
    bits = data.draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    mask = np.array(bits, np.bool_).reshape(rows, columns)
    whole = np.zeros((height, width), np.uint8, order="F")
    whole[top : top + rows, left : left + columns] = mask
    expected = coco.encode(whole)
    assert encode_rle(mask, left, top, width, height) == {
        "size": [height, width],
        "counts": expected["counts"].decode("ascii"),
    }


def test_full_and_empty_masks_have_run_lengths() -> None:
    for value, size in product((True, False), ((1, 1), (3, 2))):
        rle = encode_rle(np.full(size, value, np.bool_), 0, 0, size[1], size[0])
        assert (decoded(rle) == value).all()
