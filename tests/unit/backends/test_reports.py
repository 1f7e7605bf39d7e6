"""Multiply-adds counted by hand against what the reports of the runtimes say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as operations

from engine.backends.onnx_profile import read_profile
from engine.backends.opencv_report import read_classic_engine, read_new_engine
from engine.backends.openvino_report import read_graph
from engine.cards import Precision


def profile(tmp_path: Path, kernels: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]]) -> Path:
    events: list[dict[str, Any]] = [{"name": "model_run", "args": {}}]
    for operator, inputs, outputs in kernels:
        arguments = {"op_name": operator, "input_type_shape": inputs, "output_type_shape": outputs}
        events.append({"name": f"{operator}_kernel_time", "args": arguments})
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(events))
    return path


def test_onnx_runtime_convolutions_are_weighed_by_multiply_adds(tmp_path: Path) -> None:
    kernels = [
        ("Conv", [{"float": [1, 3, 8, 8]}, {"float": [16, 3, 3, 3]}], [{"float": [1, 16, 8, 8]}]),  # 27648
        ("ConvInteger", [{"uint8": [1, 16, 8, 8]}, {"int8": [4, 16, 1, 1]}], [{"int32": [1, 4, 8, 8]}]),  # 4096
        ("Conv", [{"float16": [1, 16, 8, 8]}, {"float16": [16, 1, 3, 3]}], [{"float16": [1, 16, 8, 8]}]),  # 9216
        ("MatMul", [{"bfloat16": [1, 10, 64]}, {"bfloat16": []}], [{"bfloat16": [1, 10, 2]}]),  # 1280
        ("ConvTranspose", [{"float": [1, 8, 4, 4]}, {"float": [8, 2, 2, 2]}], [{"float": [1, 2, 8, 8]}]),  # 1024
        ("Relu", [{"float": [1, 16, 8, 8]}], [{"float": [1, 16, 8, 8]}]),
        ("Reshape", [{"float": [1, 16]}, {"int64": [2]}], [{"float": [16, 1]}]),
    ]
    total = 27648 + 4096 + 9216 + 1280 + 1024
    shares = read_profile(profile(tmp_path, kernels))
    assert shares[Precision.FP32] == pytest.approx((27648 + 1024) / total)
    assert shares[Precision.INT8] == pytest.approx(4096 / total)
    assert shares[Precision.FP16] == pytest.approx(9216 / total)
    assert shares[Precision.BF16] == pytest.approx(1280 / total)


def test_onnx_runtime_quantised_layers_are_integer(tmp_path: Path) -> None:
    quantised = [{"uint8": [1, 8, 8, 3]}, {"float": []}, {"uint8": []}, {"int8": [8, 3, 3, 3]}, {"float": []}]
    dynamic = [{"float": [4, 16]}, {"int8": [16, 4]}, {"float": []}]
    kernels = [
        ("QLinearConv", quantised, [{"uint8": [1, 8, 8, 8]}]),
        ("DynamicQuantizeMatMul", dynamic, [{"float": [4, 4]}]),
    ]
    assert read_profile(profile(tmp_path, kernels)) == {Precision.INT8: 1.0}


def test_onnx_runtime_says_nothing_of_what_a_provider_fused(tmp_path: Path) -> None:
    assert read_profile(profile(tmp_path, [("TRTKernel_graph_0", [{"float": [1, 3]}], [{"float": [1, 2]}])])) == {}


def test_openvino_counts_what_multiplies() -> None:
    picture = operations.parameter([1, 8, 16, 16], np.float32)
    dense = operations.convolution(
        picture, operations.constant(np.ones((16, 8, 3, 3), np.float32)), [1, 1], [1, 1], [1, 1], [1, 1]
    )
    flat = operations.reshape(dense, np.array([1, -1], np.int64), special_zero=False)
    product = operations.matmul(flat, operations.constant(np.ones((4096, 4), np.float32)), False, False)
    model = ov.Model([product], [picture], "counted")
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    shares, nodes = read_graph(compiled)
    assert shares == {Precision.FP32: 1.0}
    assert nodes > 2


NEW_ENGINE = """
   layers: [
         // op #0
         Conv2 {
            name: "a",
            ksize: [16, 3, 3, 3],
            inputs: [
               "x" // <Input> CV_32FC1 [1 x 3 x 8 x 8]
            ],
            outputs: [
               "y" // <Temp> CV_32FC1 BLOCK [1 x 2 x 8 x 8 x 8] (buf #0)
            ],
         },
         // op #1
         Conv2Int8 {
            name: "b",
            blobs: [
               CV_8SC1 [4 x 16 x 1 x 1],
               CV_32SC1 [1 x 4]
            ],
            inputs: [
               "y" // <Temp> CV_32FC1 BLOCK [1 x 2 x 8 x 8 x 8] (buf #0)
            ],
            outputs: [
               "z" // <Temp> CV_8UC1 [1 x 4 x 8 x 8] (buf #1)
            ],
         },
         // op #2
         Transpose {
            inputs: [
               "z" // <Temp> CV_8UC1 [1 x 4 x 8 x 8] (buf #1)
            ],
            outputs: [
               "w" // <Output> CV_8UC1 [1 x 8 x 8 x 4]
            ],
         }
   ]
"""


def test_opencv_new_engine() -> None:
    shares, placement = read_new_engine(NEW_ENGINE)
    assert shares[Precision.FP32] == pytest.approx(27648 / (27648 + 4096))
    assert shares[Precision.INT8] == pytest.approx(4096 / (27648 + 4096))
    assert placement == {"CPU": 3}


CLASSIC_ENGINE = r"""
digraph G {
	"a" [label="a\nConvolution\nkernel_size (HxW): 3 x 3\loutput: [1 x 8 x 16 x 16]\lOCV/CPU\n" fillcolor="#ffffb3"]
	"b" [label="b\nConvolutionInt8\nkernel_size (HxW): 3 x 3\loutput: [1 x 8 x 16 x 16]\lOCV/CPU\n" fillcolor="x"]
	"c" [label="c\nConvolution\noutput: [1 x 8 x 16 x 16]\lDLIE/OCL_FP16\n" fillcolor="#ffffb3"]
	"d" [label="d\nReLU\noutput: [1 x 8 x 16 x 16]\lOCV/CPU\n" fillcolor="#ffffb3"]
}
"""


def test_opencv_classic_engine() -> None:
    shares, placement = read_classic_engine(CLASSIC_ENGINE)
    assert shares == {precision: pytest.approx(1 / 3) for precision in (Precision.FP32, Precision.INT8, Precision.FP16)}
    assert placement == {"CPU": 3, "OPENCL": 1}
