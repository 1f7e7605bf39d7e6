"""What ONNX Runtime really computes, read from the profile that it writes of one run.

The profile names for every kernel that ran its operator, execution provider, and the types and shapes of its tensors;
so nothing is inferred from the file, and no ONNX parser is needed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.backends.precision import shares_of
from engine.cards import Precision

_FORMATS = {
    "float": Precision.FP32,
    "float16": Precision.FP16,
    "bfloat16": Precision.BF16,
    "int8": Precision.INT8,
    "uint8": Precision.INT8,
}
_CONVOLUTIONS = {"Conv": 1, "FusedConv": 1, "NhwcFusedConv": 1, "ConvInteger": 1, "QLinearConv": 3}
"""Operator -> which input holds the weights (output channels, input channels of a group, height, width)."""
_TRANSPOSED = {"ConvTranspose": 1}
_PRODUCTS = {
    "Gemm", "FusedGemm", "QGemm", "MatMul", "FusedMatMul", "MatMulInteger", "QLinearMatMul", "MatMulIntegerToFloat",
    "DynamicQuantizeMatMul",
}  # fmt: skip


def read_profile(path: Path) -> dict[Precision, float]:
    """Share of multiply-adds in each number format; empty where no kernel multiplies (fused by a provider)."""
    events = json.loads(path.read_text(encoding="utf-8"))
    kernels = (event["args"] for event in events if event["name"].endswith("_kernel_time"))
    return shares_of(_weighed(kernels))


def _weighed(kernels: Iterator[Mapping[str, Any]]) -> Iterator[tuple[Precision, float]]:
    for kernel in kernels:
        inputs = [next(iter(tensor.items())) for tensor in kernel["input_type_shape"]]
        outputs = [next(iter(tensor.values())) for tensor in kernel["output_type_shape"]]
        weight = _multiply_adds(kernel["op_name"], [shape for _, shape in inputs], outputs)
        precision = _precision([dtype for dtype, _ in inputs])
        if precision is not None and weight:
            yield precision, weight


def _precision(types: list[str]) -> Precision | None:
    """Integer where any operand is (the second one of DynamicQuantizeMatMul), else the type of the first."""
    known = [_FORMATS[dtype] for dtype in types if dtype in _FORMATS]
    if Precision.INT8 in known:
        return Precision.INT8
    return known[0] if known else None


def _multiply_adds(operator: str, inputs: list[list[int]], outputs: list[list[int]]) -> float:
    """Multiply-adds of one run; 0 for kernels that do not multiply. Counted as in ``openvino_report``."""
    if operator in _CONVOLUTIONS:
        weights = inputs[_CONVOLUTIONS[operator]]
        return math.prod(outputs[0]) * math.prod(weights[1:])
    if operator in _TRANSPOSED:
        weights = inputs[_TRANSPOSED[operator]]
        return math.prod(inputs[0]) * math.prod(weights[1:])
    if operator in _PRODUCTS and inputs[0]:
        return math.prod(outputs[0]) * inputs[0][-1]
    return 0.0
