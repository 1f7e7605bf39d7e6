"""``inferoscope export`` as a person runs it: real recipes in real child processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest
from fakes import wait_until
from perf.yolo11n_shaped import build
from program import PROGRAM

from engine.cli.main import main
from engine.library.identify import identify
from engine.optimise.likeness import differences

BRIEFLY = ["--backends", "openvino", "--budget", "1"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "toy.onnx"
    onnx.save(build(size=64, width=0.25), path)
    return path


@pytest.fixture(scope="module")
def annotations(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    images = [{"id": i, "file_name": path.name} for i, path in enumerate(sorted(pictures.iterdir()))]
    boxes = [{"image_id": image["id"], "category_id": 1, "bbox": [8, 8, 40, 40]} for image in images]
    path = tmp_path_factory.mktemp("labels") / "instances.json"
    path.write_text(json.dumps({"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "thing 0"}]}))
    return path


def exported(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any], str]:
    status = main(["export", *map(str, arguments), "--limit", "0", *BRIEFLY, "--json"])
    told = capsys.readouterr()
    return status, json.loads(told.out or "{}"), told.err


def test_all_variants_with_accuracy(
    capsys: pytest.CaptureFixture[str], model: Path, pictures: Path, annotations: Path, tmp_path: Path
) -> None:
    arguments = [model, "--to", "all", "--calibrate", pictures, "--output", tmp_path, "--annotations", annotations]
    status, document, errors = exported(capsys, *arguments)

    assert (status, document["refused"]) == (0, []), errors
    names = [variant["name"] for variant in document["variants"]]
    assert names == ["onnx-fused", "onnx-fp16", "onnx-int8", "openvino-fp16", "openvino-int8", "pruned-50"]
    card = identify(model)
    for variant in document["variants"]:
        found = identify(Path(variant["path"]))
        assert differences(card, found) == []
        assert variant["bytes"] == found.model_bytes
        assert -1 <= variant["map"] <= 1
        assert {timing["backend"] for timing in variant["timings"]} >= {"openvino"}
        assert variant["origin"]["source_sha256"] == card.sha256
    assert document["calibration"]["frames"] + document["calibration"]["held_out_frames"] == 8
    assert document["model"]["map"] is not None


def test_a_variant_that_cannot_be_built_keeps_no_other_from_being_built(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    status, document, errors = exported(capsys, model, "--to", "openvino-int8,onnx-fused", "--output", tmp_path)

    assert status == 1
    assert [variant["name"] for variant in document["variants"]] == ["onnx-fused"]
    assert document["variants"][0]["agreement_f1"] is None
    (refused,) = document["refused"]
    assert refused["name"] == "openvino-int8"
    assert "without frames" in refused["what"]
    assert errors.count("\n") == 1
    assert "--calibrate" in errors


def test_of_all_variants_those_that_can_be_had_are_enough(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    status, document, _ = exported(capsys, model, "--to", "all", "--output", tmp_path)
    assert status == 0
    assert {refused["name"] for refused in document["refused"]} == {"onnx-int8", "openvino-int8"}


def test_a_quantised_model_is_not_quantised_again(
    capsys: pytest.CaptureFixture[str], model: Path, pictures: Path, tmp_path: Path
) -> None:
    first = [model, "--to", "onnx-int8", "--calibrate", pictures, "--output", tmp_path, "--frames", 4]
    assert exported(capsys, *first)[0] == 0
    again = [tmp_path / "toy-onnx-int8.onnx", "--to", "openvino-int8,openvino-fp16", "--calibrate", pictures]
    status, document, errors = exported(capsys, *again, "--output", tmp_path / "again")

    assert status == 1
    assert [variant["name"] for variant in document["variants"]] == ["openvino-fp16"]
    assert "quantised already" in errors


def test_what_is_told_to_a_person(capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path) -> None:
    page, table = tmp_path / "report.html", tmp_path / "report.csv"
    where = ["--output", str(tmp_path / "out"), "--html", str(page), "--csv", str(table)]
    assert main(["export", str(model), "--to", "pruned-20", *where, *BRIEFLY]) == 0
    told = capsys.readouterr().out
    assert told.startswith("original")
    assert "toy-pruned-20.onnx" in told
    assert "weights zeroed" in told
    assert "inferences/s" in told
    assert "pruned-20" in page.read_text(encoding="utf-8")
    assert table.read_text(encoding="utf-8").count("\npruned-20,") >= 1


@pytest.mark.parametrize("to", ["int8", "onnx-int8,nothing", "pruned-0", ""])
def test_wrong_usage(capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path, to: str) -> None:
    assert main(["export", str(model), "--to", to, "--output", str(tmp_path)]) == 2
    assert "There is no such variant" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")
def test_an_interrupt_leaves_no_part_behind(model: Path, tmp_path: Path, own_home: Path) -> None:
    program = [*PROGRAM, "export", str(model), "--to", "openvino-int8"]
    with subprocess.Popen(
        [*program, "--calibrate", "demo", "--limit", "0", *BRIEFLY, "--output", str(tmp_path / "out")],
        env={**os.environ, "INFEROSCOPE_HOME": str(own_home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        work = own_home / "cache" / "optimise"

        def has_begun() -> bool:
            assert process.poll() is None
            return any(work.glob("*/request.json")) or any(work.glob("*/*/request.json"))

        assert wait_until(has_begun, 60)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert process.returncode == 130
    assert not list(tmp_path.glob("out/*"))
    assert not list(work.iterdir())
