"""``inferoscope run`` as a person starts it: a process of its own, real models and videos, and what can fail."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import wait_until
from program import PROGRAM

pytestmark = pytest.mark.data

LIMIT_S = 100


def _command(*arguments: object) -> list[str]:
    return [*PROGRAM, "run", *map(str, arguments)]


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(*arguments), capture_output=True, text=True, timeout=LIMIT_S, check=False)


def _summary(*arguments: object) -> dict[str, Any]:
    done = _run(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def cars(shared_data: Path) -> list[object]:
    """The arguments of the README's example."""
    return [
        *("--source", shared_data / "video" / "car-detection.mp4"),
        *("--model", shared_data / "models" / "yolox_nano.onnx"),
        *("--backend", "openvino", "--precision", "fp32"),
    ]


def test_the_example_finds_the_cars_writes_both_files_and_reports(cars: Sequence[object], tmp_path: Path) -> None:
    results, table, video = tmp_path / "cars.jsonl", tmp_path / "cars.csv", tmp_path / "cars.mp4"

    document = _summary(*cars, "--results", results, "--csv", table, "--video", video)

    assert document["frames"] == document["captured"] == 377
    assert document["dropped"] == {}
    assert document["frames_per_s"] > 1
    assert document["model"]["family"] == "yolox"
    assert document["execution"]["badge"] == "OpenVINO · CPU · FP32"
    assert set(document["stages"]) == {"queue", "preprocess", "infer", "decode", "total"}
    rows = _lines(results)
    assert [row["frame"] for row in rows] == list(range(377))
    # Seen from straight above, a car is not always a car to a network of this size; but it is always something.
    assert sum(bool(row["detections"]) for row in rows) > 120
    assert sum(any(d["class_name"] == "car" for d in row["detections"]) for row in rows) >= 10
    with table.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == sum(len(row["detections"]) for row in rows)
    assert _frame_count(video) == 377


def _frame_count(video: Path) -> int:
    import av

    with av.open(str(video)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize("backend", ["onnxruntime", "opencv"])
def test_every_backend_finds_the_same_cars(cars: Sequence[object], tmp_path: Path, backend: str) -> None:
    found = {}
    for name in ("openvino", backend):
        path = tmp_path / f"{name}.jsonl"
        _summary(*cars, "--backend", name, "--max-frames", 20, "--start", 14.4, "--results", path)
        found[name] = _lines(path)

    ours, theirs = found[backend], found["openvino"]
    assert [r["frame"] for r in ours] == [r["frame"] for r in theirs]
    assert sum(len(r["detections"]) for r in ours) > 10
    for a, b in zip(ours, theirs, strict=True):
        assert [d["class_id"] for d in a["detections"]] == [d["class_id"] for d in b["detections"]]
        for x, y in zip(a["detections"], b["detections"], strict=True):
            assert x["box_xyxy_px"] == pytest.approx(y["box_xyxy_px"], abs=0.5)


def test_several_sources_share_one_model_and_have_files_of_their_own(cars: list[object], tmp_path: Path) -> None:
    people = Path(str(cars[1])).with_name("one-by-one-person-detection.mp4")

    document = _summary(
        *cars, "--source", people, "--max-frames", 40, "--results", tmp_path / "r.jsonl", "--video", tmp_path / "v.mp4"
    )

    assert document["frames"] == 80
    assert [source["frames"] for source in document["sources"]] == [40, 40]
    assert len(_lines(tmp_path / "r.jsonl")) == 80
    assert _frame_count(tmp_path / "v-0.mp4") == _frame_count(tmp_path / "v-1.mp4") == 40


def test_one_missing_source_fails_alone(cars: list[object], tmp_path: Path) -> None:
    done = _run(*cars, "--source", tmp_path / "absent.mp4", "--max-frames", 20, "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["frames"] == 20
    assert "absent.mp4" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_start_lands_on_the_very_frame_and_max_fps_thins_out(cars: Sequence[object], tmp_path: Path) -> None:
    _summary(*cars, "--start", 8, "--max-frames", 50, "--max-fps", 2.5, "--results", tmp_path / "r.jsonl")

    assert [row["frame"] for row in _lines(tmp_path / "r.jsonl")] == list(range(100, 150, 5))


@pytest.mark.parametrize("sign", [s for s in signal.Signals if s.name in ("SIGINT", "SIGTERM", "SIGHUP")])
def test_an_interrupt_leaves_a_playable_video_and_whole_lines(
    cars: Sequence[object], tmp_path: Path, sign: signal.Signals, heard_hangup: None
) -> None:
    results, video = tmp_path / "r.jsonl", tmp_path / "v.mp4"
    arguments = [*cars, "--loop", "--results", results, "--video", video, "--json"]
    with subprocess.Popen(_command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert wait_until(lambda: results.is_file() and results.stat().st_size > 20_000, LIMIT_S)
        process.send_signal(sign)
        output, errors = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 128 + sign
    assert errors == ""
    rows = _lines(results)
    document = json.loads(output)
    assert document["interrupted"]
    assert document["frames"] == len(rows) == _frame_count(video)
    assert document["captured"] == document["frames"] + sum(document["dropped"].values())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.jsonl", "v.mp4"]


def _fails_in_one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--backend", "tensorrt", ("tensorrt", "openvino", "onnxruntime", "opencv")),
        ("--device", "TPU", ("TPU", "CPU")),
        ("--precision", "fp4", ("fp4", "fp32", "bf16", "int8")),
        ("--precision", "int8", ("yolox_nano.onnx", "export")),
    ],
)
def test_what_cannot_be_had_is_named_with_what_there_is(
    cars: Sequence[object], tmp_path: Path, option: str, value: str, words: tuple[str, ...]
) -> None:
    results = tmp_path / "r.jsonl"

    done = _run(*cars, option, value, "--results", results, "--json")

    _fails_in_one_line(done, *words)
    assert not results.exists()


def test_an_unreachable_address_keeps_its_password(cars: Sequence[object], tmp_path: Path) -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--source", f"rtsp://admin:s3cret-pass@127.0.0.1:{port}/yard", *cars[2:]]

    done = _run(*arguments, "--results", tmp_path / "r.jsonl", "--json")

    _fails_in_one_line(done, "refused", f"127.0.0.1:{port}")
    assert "s3cret" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_cannot_be_reached_is_one_true_line(cars: Sequence[object]) -> None:
    done = _run("--source", "rtsp://127.0.0.1:9/yard", *cars[2:])

    _fails_in_one_line(done, "(refused): connection refused", "--keep-trying")
    assert "next try" not in done.stderr
    assert done.stderr.count("127.0.0.1") == 1


def test_a_source_that_is_no_video_leaves_nothing_behind(cars: Sequence[object], tmp_path: Path) -> None:
    fake = tmp_path / "film.mp4"
    fake.write_text("this is a letter, not a film\n" * 50)
    out = tmp_path / "out"
    out.mkdir()

    done = _run("--source", fake, *cars[2:], "--results", out / "r.jsonl", "--video", out / "v.mp4", "--json")

    _fails_in_one_line(done, "film.mp4")
    assert list(out.iterdir()) == []


def test_a_folder_that_is_not_there_is_named_before_anything_runs(cars: Sequence[object], tmp_path: Path) -> None:
    done = _run(*cars, "--results", tmp_path / "absent" / "r.jsonl", "--json")

    _fails_in_one_line(done, "absent")


def test_a_disk_that_fills_up_while_recording_ends_the_run_in_one_line(cars: Sequence[object]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")

    done = _run(*cars, "--results", "/dev/full", "--json")

    assert done.returncode == 1
    assert "/dev/full" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("option", ["--results", "--csv", "--video"])
def test_an_output_never_replaces_an_input(cars: list[object], tmp_path: Path, option: str) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(Path(str(cars[1])).read_bytes())
    size = film.stat().st_size

    done = _run("--source", film, *cars[2:], option, film, "--json")

    _fails_in_one_line(done, "film.mp4", "a source")
    assert film.stat().st_size == size


def test_a_person_reads_what_ran_how_fast_and_on_what(cars: Sequence[object]) -> None:
    done = _run(*cars, "--max-frames", 10)

    assert done.returncode == 0, done.stderr
    for words in ("OpenVINO · CPU · FP32", "768x432, 12.5 frames/s", "10 frames in", "p95", "lanes"):
        assert words in done.stdout


def test_a_person_reads_what_was_found_and_where_it_is_written(cars: Sequence[object], tmp_path: Path) -> None:
    done = _run(*cars, "--start", 14.4, "--max-frames", 20, "--results", tmp_path / "r.jsonl")

    assert done.returncode == 0, done.stderr
    assert f"Written: {tmp_path / 'r.jsonl'}" in done.stdout
    found = next(line for line in done.stdout.splitlines() if line.startswith("Found: "))
    names = [d["class_name"] for row in _lines(tmp_path / "r.jsonl") for d in row["detections"]]
    assert f"{names.count('car')} car" in found


def test_a_start_behind_the_end_is_an_error_that_names_the_length(cars: Sequence[object], tmp_path: Path) -> None:
    done = _run(*cars, "--start", 1000, "--results", tmp_path / "r.jsonl")

    _fails_in_one_line(done, "car-detection.mp4", "1000 s", "30.2 s")
    assert list(tmp_path.iterdir()) == []


def test_results_do_not_mix_with_the_summary(cars: Sequence[object], tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as out:
        command = _command(*cars, "--max-frames", 2, "--results", tmp_path / "out")
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 1
    assert "Standard output is for the summary" in done.stderr


def test_wrong_usage_is_status_two(cars: Sequence[object]) -> None:
    assert _run("--source", "x.mp4").returncode == 2
    assert _run(*cars, "--mode", "sometimes").returncode == 2
    assert _run(*cars, "--conf", "1.5").returncode == 2


def test_how_right_it_is_is_told_for_the_demo_and_skipped_frames_cost(
    shared_data: Path, cars: Sequence[object]
) -> None:
    demo = ["--source", "demo", "--model", shared_data / "models" / "yolox_nano.onnx", "--max-frames", 60]
    all_frames = _summary(*demo)["accuracy"]
    assert all_frames["precision"] == round(all_frames["hits"] / all_frames["found"], 4)
    assert all_frames["precision"] > 0.7
    assert 0.5 < all_frames["recall"] < 1.0
    strict, thinned = (_summary(*demo, *options)["accuracy"] for options in (["--conf", 0.8], ["--max-fps", 5]))
    assert strict["recall"] < all_frames["recall"]
    assert thinned["recall"] < all_frames["recall"]
    assert _summary(*cars, "--max-frames", 5)["accuracy"] is None
