"""``inferoscope evaluate`` gives the reference accuracies on every backend that runs the model."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from program import PROGRAM

pytestmark = pytest.mark.data

REFERENCE = {
    "yolox_nano.onnx": (0.3406, 0.5483),
    "nanodet_m.onnx": (0.2975, 0.5033),
    "yolov8n_int8.onnx": (0.4587, 0.6340),
}
"""mAP and AP50 from an independent implementation with pycocotools on ONNX Runtime, FP32."""


def _evaluate(shared_data: Path, model: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, "evaluate", str(shared_data / "models" / model)]
    command += ["--images", str(shared_data / "coco64" / "images")]
    command += ["--annotations", str(shared_data / "coco64" / "instances.json"), "--json", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime", "opencv"])
@pytest.mark.parametrize("model", ["yolox_nano.onnx", "nanodet_m.onnx"])
def test_float_models_reach_the_reference_on_every_backend(shared_data: Path, model: str, backend: str) -> None:
    done = _evaluate(shared_data, model, "--backend", backend, "--precision", "fp32")

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["images"] == 64
    assert document["map"] == pytest.approx(REFERENCE[model][0], abs=0.01)
    assert document["ap50"] == pytest.approx(REFERENCE[model][1], abs=0.01)


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_a_quantised_model_reaches_the_reference(shared_data: Path, backend: str) -> None:
    done = _evaluate(shared_data, "yolov8n_int8.onnx", "--backend", backend)

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["map"] == pytest.approx(REFERENCE["yolov8n_int8.onnx"][0], abs=0.01)
    # OpenVINO computes dynamically quantised layers in float, and says so.
    assert ("INT8" in document["execution"]["badge"]) == (backend == "onnxruntime")


def test_a_model_without_the_classes_of_the_annotations_is_refused(shared_data: Path) -> None:
    done = _evaluate(shared_data, "yunet_2023mar.onnx")

    assert done.returncode == 1
    assert "yunet_2023mar.onnx" in done.stderr
    assert len(done.stderr.splitlines()) == 1
