"""What was asked for, what is had, and what the report says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import backend_graphs as graphs
import openvino as ov
import pytest
from cards import make_card, yolox_nano_card

from engine.backends import onnx_devices, openvino_devices
from engine.backends.backend import Backend, CompileRequest, DeviceInfo
from engine.backends.processor import core_count
from engine.backends.table import BACKENDS, load_backend
from engine.cards import ExecutionReport, InputSpec, ModelCard, Precision, Profile, TensorSpec
from engine.errors import NotAvailableError

SHAPE = (1, 3, 32, 48)


@pytest.fixture(params=list(BACKENDS))
def backend(request: pytest.FixtureRequest) -> Backend:
    return load_backend(request.param)


def report_of(backend: Backend, card: ModelCard, **changes: Any) -> ExecutionReport:
    model = backend.compile(CompileRequest(card, **changes), lambda _phase: None, lambda: False)
    model.open_lane().infer()
    return model.report


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return convolution_card(graphs.save_convolutions(tmp_path / "float.onnx", SHAPE))


def convolution_card(path: Path, dtype: str = "float32", **changes: Any) -> ModelCard:
    return make_card(
        path,
        input=InputSpec("images", 32, 48, dtype=dtype),
        inputs=(TensorSpec("images", SHAPE, dtype),),
        outputs=(TensorSpec("features", (1, 8, 16, 24), dtype),),
        **changes,
    )


@pytest.fixture
def half(tmp_path: Path) -> ModelCard:
    path = graphs.save_convolutions(tmp_path / "half.onnx", SHAPE, "float16")
    return convolution_card(path, "float16", stored_precision=Precision.FP16)


@pytest.fixture
def quantised(tmp_path: Path) -> ModelCard:
    shape = (1, 3, 16, 16)
    return make_card(
        graphs.save_quantised(tmp_path / "quantised.onnx"),
        input=InputSpec("images", 16, 16, scale=(255.0, 255.0, 255.0)),
        inputs=(TensorSpec("images", shape, "float32"),),
        outputs=(TensorSpec("features", (1, 8, 16, 16), "float32"),),
        stored_precision=Precision.INT8,
    )


def cpu_of(backend: Backend) -> DeviceInfo:
    return next(device for device in backend.devices() if device.name == "CPU")


def usable(backend: Backend, precision: Precision) -> bool:
    return next(info.usable for info in cpu_of(backend).precisions if info.precision is precision)


@pytest.mark.parametrize("precision", [Precision.AUTO, Precision.FP32])
def test_a_float_model_runs_in_fp32(backend: Backend, card: ModelCard, precision: Precision) -> None:
    report = report_of(backend, card, precision=precision)
    assert report.precision_shares == {Precision.FP32: 1.0}
    assert report.badge == f"{backend.title} · CPU · FP32"
    assert report.fallbacks == ()


@pytest.mark.parametrize("precision", [Precision.BF16, Precision.FP16])
def test_a_precision_runs_exactly_where_it_is_offered(backend: Backend, card: ModelCard, precision: Precision) -> None:
    if usable(backend, precision):
        assert report_of(backend, card, precision=precision).precision_shares[precision] > 0.5
    else:
        with pytest.raises(NotAvailableError, match=precision.upper()) as error:
            report_of(backend, card, precision=precision)
        assert error.value.remedy


@pytest.mark.parametrize("precision", [Precision.BF16, Precision.FP16])
def test_a_fall_back_is_reported_as_one(backend: Backend, card: ModelCard, precision: Precision) -> None:
    report = report_of(backend, card, precision=precision, allow_fallback=True)
    if usable(backend, precision):
        assert report.fallbacks == ()
    else:
        (fallback,) = report.fallbacks
        assert fallback.wanted == precision.upper()
        assert fallback.got == report.precision_title
        assert fallback.reason
        assert fallback.cure


@pytest.mark.parametrize("precision", [Precision.AUTO, Precision.FP32, Precision.INT8])
def test_integer_layers_stay_integer(backend: Backend, quantised: ModelCard, precision: Precision) -> None:
    report = report_of(backend, quantised, precision=precision)
    assert report.precision_shares == {Precision.INT8: 1.0}
    assert report.fallbacks == ()


def test_int8_of_a_float_model_says_how_to_make_it(backend: Backend, card: ModelCard) -> None:
    with pytest.raises(NotAvailableError, match="inferoscope export") as error:
        report_of(backend, card, precision=Precision.INT8)
    assert "float.onnx" in str(error.value)
    report = report_of(backend, card, precision=Precision.INT8, allow_fallback=True)
    assert [fallback.got for fallback in report.fallbacks] == ["FP32"]


def test_an_fp16_file_is_not_sold_as_fp16(backend: Backend, half: ModelCard) -> None:
    assert report_of(backend, half).precision_title == "FP32"


@pytest.mark.parametrize("precision", [Precision.AUTO, Precision.FP32])
def test_weights_that_are_only_stored_in_fp16_are_computed_in_fp32(card: ModelCard, precision: Precision) -> None:
    path = card.path.with_suffix(".xml")
    ov.save_model(ov.Core().read_model(card.path), path, compress_to_fp16=True)
    compressed = replace(card, path=path, file_format="openvino_ir", stored_precision=Precision.FP16)

    report = report_of(load_backend("openvino"), compressed, precision=precision)

    assert report.precision_shares == {Precision.FP32: 1.0}
    assert report.fallbacks == ()


def test_onnx_runtime_says_that_fp16_files_are_slower_there(half: ModelCard, card: ModelCard) -> None:
    backend = load_backend("onnxruntime")
    assert any("FP16" in warning for warning in report_of(backend, half).warnings)
    assert report_of(backend, card).warnings == ()


def test_a_refused_hint_is_an_error_or_a_fall_back(card: ModelCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(openvino_devices.HINTS, Precision.BF16, "i8")  # as a GPU refuses bf16
    backend = load_backend("openvino")
    with pytest.raises(NotAvailableError, match="does not know BF16"):
        report_of(backend, card, precision=Precision.BF16)
    report = report_of(backend, card, precision=Precision.BF16, allow_fallback=True)
    assert [fallback.wanted for fallback in report.fallbacks] == ["BF16"]
    assert report.precision_title == "FP32"


def test_what_is_told_of_the_cpu_is_what_the_layers_say(backend: Backend) -> None:
    cpu = cpu_of(backend)
    assert cpu.usable
    assert cpu.title
    assert {info.precision for info in cpu.precisions} == set(Precision) - {Precision.AUTO}
    assert all(info.usable or (info.reason and info.cure) for info in cpu.precisions)
    assert usable(backend, Precision.FP32)
    assert usable(backend, Precision.INT8)


def test_openvino_offers_bf16_only_where_the_processor_has_it() -> None:
    has_it = "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    assert usable(load_backend("openvino"), Precision.BF16) is has_it


def test_every_device_that_cannot_be_used_has_a_reason_and_a_cure(backend: Backend) -> None:
    devices = backend.devices()
    assert [device.usable for device in devices] == sorted((device.usable for device in devices), reverse=True)
    assert all(device.usable or (device.reason and device.cure) for device in devices)
    assert len({device.name for device in devices}) == len(devices)


def test_an_unknown_device_lists_what_there_is(backend: Backend, card: ModelCard) -> None:
    with pytest.raises(NotAvailableError, match=r"toaster.*one of CPU"):
        report_of(backend, card, device="toaster")
    (fallback,) = report_of(backend, card, device="toaster", allow_fallback=True).fallbacks
    assert (fallback.wanted, fallback.got) == ("toaster", "CPU")


@pytest.mark.parametrize(("name", "device"), [("openvino", "GPU"), ("onnxruntime", "CUDA"), ("opencv", "CUDA")])
def test_a_known_device_that_is_missing_says_what_it_takes(name: str, device: str, card: ModelCard) -> None:
    backend = load_backend(name)
    if any(info.usable and info.name.startswith(device) for info in backend.devices()):
        pytest.skip(f"{device} is there")
    with pytest.raises(NotAvailableError) as error:
        report_of(backend, card, device=device)
    assert error.value.remedy
    assert device in str(error.value)


def test_a_provider_that_takes_nothing_is_never_a_silent_fall_back(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_devices, "_REMOTE", "")  # a provider that is there in every package and takes no work
    backend = load_backend("onnxruntime")
    with pytest.raises(NotAvailableError, match="Azure took no part of the model"):
        report_of(backend, card, device="Azure")
    report = report_of(backend, card, device="Azure", allow_fallback=True)
    assert report.devices == ("CPU",)
    assert [(fallback.wanted, fallback.got) for fallback in report.fallbacks] == [("Azure", "CPU")]


@pytest.mark.parametrize("device", ["", "cpu", "CPU"])
def test_the_report_tells_what_runs(backend: Backend, card: ModelCard, device: str) -> None:
    report = report_of(backend, card, device=device)
    assert report.backend in BACKENDS
    assert report.backend_version == backend.version
    assert report.devices == ("CPU",)
    assert report.device_title == cpu_of(backend).title
    assert report.placement["CPU"] > 0
    assert report.compile_s > 0.0
    assert report.from_cache is False


def test_auto_is_read_back_as_a_real_device(card: ModelCard) -> None:
    backend = load_backend("openvino")
    model = backend.compile(CompileRequest(card, device="AUTO"), lambda _phase: None, lambda: False)
    assert model.report.device_requested == "AUTO"
    assert "AUTO" not in model.refresh().devices
    assert model.report.precision_shares == {Precision.FP32: 1.0}
    assert model.open_lane().infer()["features"].shape == (1, 8, 16, 24)


@pytest.mark.parametrize("profile", list(Profile))
def test_lanes_and_threads_are_what_was_asked_for(backend: Backend, card: ModelCard, profile: Profile) -> None:
    report = report_of(backend, card, profile=profile)
    assert report.profile is profile
    assert (report.lanes == 1) is (profile is Profile.LATENCY)
    assert 1 <= report.threads <= core_count() + 1
    assert report_of(backend, card, profile=profile, lanes=1, threads=1).threads == 1
    assert report_of(backend, card, profile=profile, lanes=4).lanes == 4


@pytest.mark.data
def test_openvino_says_bf16_of_a_real_model(shared_data: Path) -> None:
    backend = load_backend("openvino")
    if not usable(backend, Precision.BF16):
        pytest.skip("this processor has no BF16")
    assert report_of(backend, yolox_nano_card(shared_data), precision=Precision.BF16).precision_title == "BF16"


@pytest.mark.data
@pytest.mark.parametrize("name", ["openvino", "onnxruntime"])
def test_a_dynamically_quantised_model_shows_its_formats(shared_data: Path, name: str) -> None:
    card = make_card(
        shared_data / "models" / "yolov8n_int8.onnx",
        input=InputSpec("images", 640, 640),
        inputs=(TensorSpec("images", (1, 3, 640, 640), "float32"),),
        outputs=(TensorSpec("output0", (1, 84, 8400), "float32"),),
        stored_precision=Precision.INT8,
    )
    report = report_of(load_backend(name), replace(card), profile=Profile.LATENCY)
    assert sum(report.precision_shares.values()) == pytest.approx(1.0)
    assert any("INT8" in warning for warning in report.warnings) is (Precision.INT8 not in report.precision_shares)
    assert not set(report.precision_shares) & {Precision.BF16, Precision.FP16}
