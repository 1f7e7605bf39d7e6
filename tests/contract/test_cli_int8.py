"""INT8 asked of a float model: with a real variant anywhere on the disk, real runtimes run that one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from perf import yolo11n_shaped
from waiting_tasks import Control

from engine.cli.main import main
from engine.library.identify import identify
from engine.opencv import cv2
from engine.optimise.build import build, variant_file, work_folder
from engine.optimise.calibration import collect
from engine.optimise.variant import parse_kind


@pytest.fixture
def model(tmp_path: Path) -> Path:
    onnx.save(yolo11n_shaped.build(size=64, width=0.25), tmp_path / "toy.onnx")
    return tmp_path / "toy.onnx"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        cells = np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), cells.repeat(16, 0).repeat(16, 1))
    return folder


@pytest.mark.parametrize(("backend", "variant"), [("openvino", "openvino-int8"), ("onnxruntime", "onnx-int8")])
def test_the_variant_that_was_built_is_the_one_that_runs(
    model: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], backend: str, variant: str
) -> None:
    run = ["run", "--source", str(pictures), "--model", str(model), "--precision", "int8", "--backend", backend]
    assert main([*run, "--json"]) == 1
    assert f"export {model} --to {variant} --calibrate {pictures}" in capsys.readouterr().err

    card, kind, control = identify(model), parse_kind(variant), Control()
    with work_folder() as folder:
        calibration = collect(card, str(pictures), folder, control)
        built = build(card, kind, calibration, output=variant_file(card, kind, tmp_path / "anywhere"), control=control)

    assert main([*run, "--json"]) == 0
    told = capsys.readouterr()
    execution = json.loads(told.out)["execution"]
    assert "INT8" in execution["badge"]
    assert str(built.path) in told.err
