from __future__ import annotations

from pathlib import Path

import pytest

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.cards import ExecutionReport, InputSpec, ModelCard, Precision, Profile, Task
from engine.errors import NotAvailableError
from engine.library.preferences import Preference
from gui.presenters import selection
from gui.presenters.port import BackendState, ModelState
from gui.presenters.selection import Choice
from gui.presenters.workspace import ModelChoice

CPU = DeviceInfo(
    "CPU",
    "AMD EPYC",
    usable=True,
    precisions=(
        PrecisionInfo(Precision.FP32, usable=True),
        PrecisionInfo(Precision.FP16, usable=False, reason="The CPU computes in BF16", cure="Ask for bf16"),
        PrecisionInfo(Precision.INT8, usable=True),
    ),
)
GPU = DeviceInfo("GPU", "Intel GPU", usable=False, reason="No driver was found", cure="Install the driver")
OPENVINO = BackendState("openvino", "OpenVINO", (CPU, GPU))
ONNX = BackendState("onnxruntime", "ONNX Runtime", (CPU,))
BROKEN = BackendState("opencv", "OpenCV DNN", error=NotAvailableError("It cannot be loaded", remedy="Install it again"))
ALL = (OPENVINO, ONNX, BROKEN)


def card(file_format: str = "onnx", stored: Precision = Precision.FP32) -> ModelCard:
    return ModelCard(
        Path("m.onnx"), "", 1, file_format, Task.DETECT, "yolox", "YOLOX", {}, {}, InputSpec("x", 1, 1), (), (), (), "",
        1.0, (), stored_precision=stored,
    )  # fmt: skip


def report_of(backend: str, asked: Precision) -> ExecutionReport:
    shares = {Precision.FP32: 1.0}
    return ExecutionReport(backend, "", "", "", ("CPU",), "", asked, shares, {}, Profile.LATENCY, 1, 1, 0.0)


def model(backend: str = "openvino", device: str = "", precision: Precision = Precision.AUTO) -> ModelChoice:
    return ModelChoice("1", Path("m.onnx"), backend, device, precision)


def test_a_runtime_that_is_not_there_says_why_and_what_to_do() -> None:
    assert selection.backends(ALL, model(), card()).choices == (
        Choice("openvino", "OpenVINO"),
        Choice("onnxruntime", "ONNX Runtime"),
        Choice("opencv", "OpenCV DNN", "It cannot be loaded. Install it again.", usable=False),
    )


def test_why_a_runtime_is_chosen_that_no_person_has_chosen() -> None:
    best = Preference("", "onnxruntime", "CPU", Precision.AUTO, Profile.LATENCY)
    shown = selection.backends(ALL, model().as_measured(best), card())
    assert shown.current == "onnxruntime"
    assert [choice.detail for choice in shown.choices[:2]] == [
        "",
        "Measured to be the best for this model on this computer.",
    ]


def test_a_runtime_that_cannot_read_the_file_says_so() -> None:
    choices = selection.backends(ALL, model(), card("openvino_ir")).choices
    assert [choice.usable for choice in choices] == [True, False, False]
    assert "does not read OpenVINO models" in choices[1].detail


def test_devices_are_listed_with_what_hinders_them() -> None:
    assert selection.devices(ALL, model(device="CPU"), ModelState()).choices[1:] == (
        Choice("CPU", "CPU", "AMD EPYC"),
        Choice("GPU", "GPU", "No driver was found. Install the driver.", usable=False),
    )


@pytest.mark.parametrize(
    ("stored", "title"), [(Precision.FP32, "Automatic (FP32)"), (Precision.INT8, "Automatic (INT8 + FP32)")]
)
def test_automatic_says_what_it_means(stored: Precision, title: str) -> None:
    assert selection.precisions(ALL, model(), card(stored=stored)).choices[0].title == title


@pytest.mark.parametrize(
    ("backend", "asked", "title"),
    [
        ("openvino", Precision.AUTO, "Automatic (FP32)"),
        ("onnxruntime", Precision.AUTO, "Automatic (INT8 + FP32)"),
        ("openvino", Precision.BF16, "Automatic (INT8 + FP32)"),
    ],
)
def test_automatic_says_what_it_came_to_where_it_runs(backend: str, asked: Precision, title: str) -> None:
    report = report_of(backend, asked)
    selector = selection.precisions(ALL, model(), card(stored=Precision.INT8), report)
    assert selector.choices[0].title == title


@pytest.mark.parametrize(("stored", "offer"), [(Precision.FP32, "offers to build it"), (Precision.INT8, "")])
def test_int8_of_a_float_model_is_offered_as_something_to_build(stored: Precision, offer: str) -> None:
    choices = {choice.key: choice for choice in selection.precisions(ALL, model(), card(stored=stored)).choices}
    assert choices["int8"].usable
    assert offer in choices["int8"].detail
    assert choices["fp16"] == Choice("fp16", "FP16", "The CPU computes in BF16. Ask for bf16.", usable=False)


def test_what_is_chosen_is_listed_even_where_nobody_knows_it() -> None:
    for selector in (
        selection.backends((), model(), None),
        selection.devices(ALL, model(device="GPU.7"), ModelState()),
        selection.precisions(ALL, model(precision=Precision.BF16), None),
    ):
        chosen = next(choice for choice in selector.choices if choice.key == selector.current)
        assert not chosen.usable


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (model("onnxruntime", "CPU", Precision.FP32), model("onnxruntime", "CPU", Precision.FP32)),
        (model("onnxruntime", "GPU", Precision.FP16), model("onnxruntime", "", Precision.AUTO)),
        (model("openvino", "CPU", Precision.INT8), model("openvino", "CPU", Precision.AUTO)),
    ],
)
def test_another_backend_keeps_what_it_has(wanted: ModelChoice, got: ModelChoice) -> None:
    assert selection.fitting(ALL, wanted, card()) == got
