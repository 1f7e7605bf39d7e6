"""Tiny ONNX graphs that show what a backend does with pixels, types and shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
ELEMENT_TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "uint8": TensorProto.UINT8}

Shape = tuple[int | str, ...]


def save_pixels(path: Path, shape: Shape, dtype: str = "float32") -> Path:
    """A graph that gives its input back, doubled, as float32: ``pixels = 2 * float(images)``."""
    nodes = [
        helper.make_node("Cast", ["images"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["real", "two"], ["pixels"]),
    ]
    return _save(path, nodes, {"images": (dtype, shape)}, {"pixels": ("float32", shape)}, {"two": np.float32([2.0])})


def save_convolutions(path: Path, shape: Shape, dtype: str = "float32", channels: int = 8) -> Path:
    """Two seeded convolutions; output "features" of the same type, half the height and width."""
    random = np.random.default_rng(7)
    kernel = random.normal(0, 0.05, (channels, 3, 3, 3)).astype(dtype)
    second = random.normal(0, 0.05, (channels, channels, 3, 3)).astype(dtype)
    nodes = [
        helper.make_node("Conv", ["images", "kernel"], ["a"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "second"], ["features"], pads=[1, 1, 1, 1]),
    ]
    weights = {"kernel": kernel, "second": second}
    halved = tuple(size // 2 if isinstance(size, int) else None for size in shape[2:])
    output = (dtype, (shape[0], channels, *halved))
    return _save(path, nodes, {"images": (dtype, shape)}, {"features": output}, weights)


def save_extra_input(path: Path, size: int = 8) -> Path:
    """Two inputs, as RT-DETR has them: ``pixels = 2 * images`` and ``sizes = orig_target_sizes + 1``."""
    shape = (1, 3, size, size)
    nodes = [
        helper.make_node("Mul", ["images", "two"], ["pixels"]),
        helper.make_node("Add", ["orig_target_sizes", "one"], ["sizes"]),
    ]
    inputs = {"images": ("float32", shape), "orig_target_sizes": ("int64", (1, 2))}
    outputs = {"pixels": ("float32", shape), "sizes": ("int64", (1, 2))}
    return _save(path, nodes, inputs, outputs, {"two": np.float32([2.0]), "one": np.int64([1])})


def save_data_dependent(path: Path, size: int = 8) -> Path:
    """An output whose length depends on the picture: ``bright``, int64 (4, n), indices of values above 128."""
    shape = (1, 3, size, size)
    nodes = [
        helper.make_node("Greater", ["images", "limit"], ["mask"]),
        helper.make_node("NonZero", ["mask"], ["bright"]),
    ]
    outputs = {"bright": ("int64", (4, "n"))}
    return _save(path, nodes, {"images": ("float32", shape)}, outputs, {"limit": np.float32([128.0])})


def save_quantised(path: Path, size: int = 16, channels: int = 8) -> Path:
    """One convolution between QuantizeLinear and DequantizeLinear nodes, as static quantisation writes it.

    The picture is expected as 0 to 1: where it comes as 0 to 255 OpenVINO takes the first layer for a float one.
    """
    random = np.random.default_rng(7)
    weights = {
        "kernel": random.integers(-100, 100, (channels, 3, 3, 3)).astype(np.int8),
        "kernel_scale": np.float32(0.01),
        "kernel_zero": np.int8(0),
        "scale_in": np.float32(1 / 255),
        "scale_out": np.float32(0.02),
        "zero": np.uint8(0),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["images", "scale_in", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "scale_in", "zero"], ["d"]),
        helper.make_node("DequantizeLinear", ["kernel", "kernel_scale", "kernel_zero"], ["k"]),
        helper.make_node("Conv", ["d", "k"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("QuantizeLinear", ["c", "scale_out", "zero"], ["r"]),
        helper.make_node("DequantizeLinear", ["r", "scale_out", "zero"], ["features"]),
    ]
    outputs = {"features": ("float32", (1, channels, size, size))}
    return _save(path, nodes, {"images": ("float32", (1, 3, size, size))}, outputs, weights)


def save_unknown_operator(path: Path) -> Path:
    """A graph with an operator that no runtime knows."""
    nodes = [helper.make_node("Fancy", ["images"], ["pixels"], domain="someones.own")]
    shape = (1, 3, 8, 8)
    return _save(path, nodes, {"images": ("float32", shape)}, {"pixels": ("float32", shape)}, {})


def save_newer_opset(path: Path, opset: int = 99) -> Path:
    """A graph of an opset that is not invented yet."""
    nodes = [helper.make_node("Relu", ["images"], ["pixels"])]
    shape = (1, 3, 8, 8)
    return _save(path, nodes, {"images": ("float32", shape)}, {"pixels": ("float32", shape)}, {}, opset)


Tensors = dict[str, tuple[str, tuple[int | str | None, ...]]]


def _save(
    path: Path,
    nodes: list[onnx.NodeProto],
    inputs: Tensors,
    outputs: Tensors,
    weights: dict[str, np.ndarray],
    opset: int = OPSET,
) -> Path:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [_declared(name, *tensor) for name, tensor in inputs.items()],
        [_declared(name, *tensor) for name, tensor in outputs.items()],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("someones.own", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    path.write_bytes(model.SerializeToString())
    return path


def _declared(name: str, dtype: str, shape: tuple[int | str | None, ...]) -> onnx.ValueInfoProto:
    element = ELEMENT_TYPES.get(dtype, TensorProto.INT64)
    return helper.make_tensor_value_info(name, element, shape)
