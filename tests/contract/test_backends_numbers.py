"""One test holds all backends to the same numbers: pixels in, tensors out, whatever the input looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import backend_graphs as graphs
import numpy as np
import pytest
from cards import make_card, yolox_nano_card

from engine.backends.backend import Backend, CompiledModel, CompileRequest
from engine.backends.table import BACKENDS, load_backend
from engine.cards import ColourOrder, ExtraInput, InputSpec, ModelCard, Precision, TensorLayout, TensorSpec

SIZE = 12
IMAGENET = {"mean": (123.675, 116.28, 103.53), "scale": (58.395, 57.12, 57.375)}


@pytest.fixture(params=list(BACKENDS))
def backend(request: pytest.FixtureRequest) -> Backend:
    return load_backend(request.param)


def compiled(backend: Backend, card: ModelCard, **changes: Any) -> CompiledModel:
    return backend.compile(CompileRequest(card, **changes), lambda _phase: None, lambda: False)


def run_once(model: CompiledModel, canvas: np.ndarray) -> dict[str, np.ndarray]:
    lane = model.open_lane()
    assert lane.canvas.shape == canvas.shape
    assert lane.canvas.dtype == np.uint8
    lane.canvas[...] = canvas
    outputs = {name: array.copy() for name, array in lane.infer().items()}
    model.close()
    lane.close()
    return outputs


def some_canvas(spec: InputSpec, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, spec.canvas_shape, dtype=np.uint8)


def expected_tensor(canvas: np.ndarray, spec: InputSpec) -> np.ndarray:
    """The definition of ``InputSpec``, in float64 and without any cleverness."""
    pixels = canvas.astype(np.float64)
    if spec.colour_order is ColourOrder.RGB:
        pixels = pixels[..., ::-1]
    if spec.colour_order is ColourOrder.GREY:
        pixels = (pixels * (0.114, 0.587, 0.299)).sum(axis=-1, keepdims=True)
    channels = pixels.shape[-1]
    tensor = (pixels - spec.mean[:channels]) / spec.scale[:channels]
    return tensor.transpose(0, 3, 1, 2) if spec.layout is TensorLayout.NCHW else tensor


def pixel_card(path: Path, spec: InputSpec, free: bool = False) -> ModelCard:
    channels = 1 if spec.colour_order is ColourOrder.GREY else 3
    planar = spec.layout is TensorLayout.NCHW
    settled = (spec.batch, channels, SIZE, SIZE) if planar else (spec.batch, SIZE, SIZE, channels)
    named = ("batch", channels, "height", "width") if planar else ("batch", "height", "width", channels)
    shape: tuple[Any, ...] = named if free else settled
    graphs.save_pixels(path, shape, spec.dtype)
    return make_card(
        path,
        input=spec,
        inputs=(TensorSpec("images", shape, spec.dtype),),
        outputs=(TensorSpec("pixels", shape, "float32"),),
    )


SPECS = {
    "bgr": InputSpec("images", SIZE, SIZE, colour_order=ColourOrder.BGR),
    "rgb": InputSpec("images", SIZE, SIZE),
    "grey": InputSpec("images", SIZE, SIZE, colour_order=ColourOrder.GREY),
    "rgb scale": InputSpec("images", SIZE, SIZE, scale=(255.0, 255.0, 255.0)),
    "rgb mean and scale": InputSpec("images", SIZE, SIZE, **IMAGENET),
    "bgr mean": InputSpec("images", SIZE, SIZE, colour_order=ColourOrder.BGR, mean=(104.0, 117.0, 123.0)),
    "grey mean and scale": InputSpec("images", SIZE, SIZE, colour_order=ColourOrder.GREY, **IMAGENET),
    "nhwc rgb": InputSpec("images", SIZE, SIZE, layout=TensorLayout.NHWC, **IMAGENET),
    "nhwc bgr": InputSpec("images", SIZE, SIZE, layout=TensorLayout.NHWC, colour_order=ColourOrder.BGR),
    "nhwc grey": InputSpec("images", SIZE, SIZE, layout=TensorLayout.NHWC, colour_order=ColourOrder.GREY),
    "uint8 rgb": InputSpec("images", SIZE, SIZE, dtype="uint8"),
    "uint8 nhwc bgr": InputSpec(
        "images", SIZE, SIZE, dtype="uint8", layout=TensorLayout.NHWC, colour_order=ColourOrder.BGR
    ),
    "float16": InputSpec("images", SIZE, SIZE, dtype="float16", **IMAGENET),
    "float16 plain": InputSpec("images", SIZE, SIZE, dtype="float16"),
    "batch of two": InputSpec("images", SIZE, SIZE, batch=2, **IMAGENET),
    "batch of two nhwc": InputSpec("images", SIZE, SIZE, batch=2, layout=TensorLayout.NHWC, **IMAGENET),
}


@pytest.mark.parametrize("free", [False, True], ids=["fixed", "free axes"])
@pytest.mark.parametrize("name", list(SPECS))
def test_the_tensor_is_what_the_input_spec_says(backend: Backend, tmp_path: Path, name: str, free: bool) -> None:
    spec = SPECS[name]
    card = pixel_card(tmp_path / "pixels.onnx", spec, free)
    canvas = some_canvas(spec)
    tensor = run_once(compiled(backend, card), canvas)["pixels"] / 2
    # float32 holds a pixel to 1e-7 of 255 / scale; half precision has 11 bits.
    tolerance = 1e-3 if spec.dtype == "float16" else 1e-6
    np.testing.assert_allclose(tensor, expected_tensor(canvas, spec), rtol=tolerance, atol=tolerance * 4)


def test_whole_grey_numbers_are_rounded(backend: Backend, tmp_path: Path) -> None:
    spec = InputSpec("images", SIZE, SIZE, dtype="uint8", colour_order=ColourOrder.GREY)
    canvas = some_canvas(spec)
    tensor = run_once(compiled(backend, pixel_card(tmp_path / "grey.onnx", spec)), canvas)["pixels"] / 2
    assert np.abs(tensor - expected_tensor(canvas, spec)).max() <= 0.501


def test_every_backend_gives_the_same_convolutions(tmp_path: Path) -> None:
    shape = (1, 3, 32, 48)
    path = graphs.save_convolutions(tmp_path / "convolutions.onnx", shape)
    card = convolution_card(path, shape)
    canvas = some_canvas(card.input)
    answers = [run_once(compiled(load_backend(name), card), canvas)["features"] for name in BACKENDS]
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], rtol=1e-5, atol=1e-6)


def convolution_card(path: Path, shape: tuple[int | str, ...], dtype: str = "float32", **changes: Any) -> ModelCard:
    spec = InputSpec("images", 32, 48, scale=(255.0, 255.0, 255.0), dtype=dtype)
    declared = TensorSpec("features", (shape[0], 8, None, None), dtype)
    return make_card(path, input=spec, inputs=(TensorSpec("images", shape, dtype),), outputs=(declared,), **changes)


def test_half_precision_files_run(backend: Backend, tmp_path: Path) -> None:
    shape = (1, 3, 32, 48)
    full = convolution_card(graphs.save_convolutions(tmp_path / "full.onnx", shape), shape)
    path = graphs.save_convolutions(tmp_path / "half.onnx", shape, "float16")
    half = convolution_card(path, shape, "float16", stored_precision=Precision.FP16)
    canvas = some_canvas(full.input)
    expected = run_once(compiled(load_backend("onnxruntime"), full), canvas)["features"]
    features = run_once(compiled(backend, half), canvas)["features"]
    assert features.dtype in (np.float16, np.float32)
    np.testing.assert_allclose(features, expected, rtol=2e-2, atol=2e-3)


def test_free_axes_are_settled_by_the_card(backend: Backend, tmp_path: Path) -> None:
    shape = ("n", 3, "h", "w")
    path = graphs.save_convolutions(tmp_path / "free.onnx", shape)
    card = convolution_card(path, shape)
    wide = replace(card, input=replace(card.input, batch=2, height=16, width=64))
    assert run_once(compiled(backend, card), some_canvas(card.input))["features"].shape == (1, 8, 16, 24)
    assert run_once(compiled(backend, wide), some_canvas(wide.input))["features"].shape == (2, 8, 8, 32)


def test_nameless_free_axes_are_settled_too(backend: Backend, tmp_path: Path) -> None:
    shape = (None, 3, None, None)
    path = graphs.save_convolutions(tmp_path / "nameless.onnx", shape)  # type: ignore[arg-type]
    card = convolution_card(path, shape)  # type: ignore[arg-type]
    assert run_once(compiled(backend, card), some_canvas(card.input))["features"].shape == (1, 8, 16, 24)


def test_a_batch_gives_each_picture_its_own_answer(backend: Backend, tmp_path: Path) -> None:
    shape = ("n", 3, "h", "w")
    card = convolution_card(graphs.save_convolutions(tmp_path / "batch.onnx", shape), shape)
    pair = replace(card, input=replace(card.input, batch=2))
    canvas = some_canvas(pair.input)
    both = run_once(compiled(backend, pair), canvas)["features"]
    for index in range(2):
        alone = run_once(compiled(backend, card), canvas[index : index + 1])["features"]
        np.testing.assert_allclose(both[index : index + 1], alone, rtol=1e-5, atol=1e-6)


def test_extra_inputs_are_filled(backend: Backend, tmp_path: Path) -> None:
    path = graphs.save_extra_input(tmp_path / "extra.onnx", 8)
    sizes = ExtraInput("orig_target_sizes", (640.0, 480.0), (1, 2), "int64", "canvas_wh")
    shape = (1, 3, 8, 8)
    card = make_card(
        path,
        input=InputSpec("images", 8, 8, extra_inputs=(sizes,)),
        inputs=(TensorSpec("images", shape, "float32"), TensorSpec("orig_target_sizes", (1, 2), "int64")),
        outputs=(TensorSpec("pixels", shape, "float32"), TensorSpec("sizes", (1, 2), "int64")),
    )
    outputs = run_once(compiled(backend, card), some_canvas(card.input))
    assert outputs["sizes"].tolist() == [[641, 481]]
    assert set(outputs) == {"pixels", "sizes"}


def test_outputs_may_change_their_length_from_frame_to_frame(backend: Backend, tmp_path: Path) -> None:
    path = graphs.save_data_dependent(tmp_path / "bright.onnx", 8)
    card = make_card(
        path,
        input=InputSpec("images", 8, 8),
        inputs=(TensorSpec("images", (1, 3, 8, 8), "float32"),),
        outputs=(TensorSpec("bright", (4, None), "int64"),),
    )
    lane = compiled(backend, card).open_lane()
    for bright in (5, 0, 17):
        lane.canvas[...] = 0
        lane.canvas.reshape(-1)[:bright] = 200
        assert lane.infer()["bright"].shape == (4, bright)
    lane.close()


NANODET = {"mean": (103.53, 116.28, 123.675), "scale": (57.375, 57.12, 58.395)}
REAL = {
    "nanodet_m": (416, {"colour_order": ColourOrder.BGR, **NANODET}),
    "yunet_2023mar": (640, {"colour_order": ColourOrder.BGR}),
    "yolox_nano": (416, {"colour_order": ColourOrder.BGR}),
}


@pytest.mark.data
@pytest.mark.parametrize("name", list(REAL))
def test_real_models_agree_with_onnx_runtime(shared_data: Path, name: str, read_picture: Callable[[int], Any]) -> None:
    size, preparation = REAL[name]
    first_input = {"nanodet_m": "input.1", "yunet_2023mar": "input"}.get(name, "images")
    card = make_card(
        shared_data / "models" / f"{name}.onnx", input=InputSpec(first_input, size, size, **preparation), outputs=()
    )
    names = outputs_of(card)
    card = replace(card, outputs=tuple(TensorSpec(output, (None,), "float32") for output in names))
    canvas = read_picture(size)
    reference = run_once(compiled(load_backend("onnxruntime"), card), canvas)
    for other in ("openvino", "opencv"):
        outputs = run_once(compiled(load_backend(other), card, precision=Precision.FP32), canvas)
        assert set(outputs) == set(reference)
        for output, array in reference.items():
            difference = np.abs(outputs[output] - array).max() / np.abs(array).max()
            # Any two runtimes differ by 7e-6 to 2e-5 in FP32, by 2e-3 in BF16.
            assert difference < 5e-5, f"{other} {output}: {difference:.1e}"


def outputs_of(card: ModelCard) -> list[str]:
    lane = compiled(load_backend("onnxruntime"), card).open_lane()
    names = list(lane.infer())
    lane.close()
    return names


@pytest.fixture
def read_picture(shared_data: Path) -> Callable[[int], Any]:
    from engine.opencv import cv2

    def read(size: int) -> Any:
        picture = cv2.imread(str(shared_data / "coco64" / "images" / "000000000009.jpg"))
        return cv2.resize(picture, (size, size))[np.newaxis]

    return read


@pytest.mark.data
def test_the_real_card_runs_everywhere(shared_data: Path, backend: Backend) -> None:
    card = yolox_nano_card(shared_data)
    outputs = run_once(compiled(backend, card), some_canvas(card.input))
    assert outputs["output"].shape == (1, 3549, 85)
