"""What OpenVINO really runs, read back from the compiled graph."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import openvino as ov

from engine.backends.precision import shares_of
from engine.cards import Precision

_FORMATS = {
    "f32": Precision.FP32,
    "f16": Precision.FP16,
    "bf16": Precision.BF16,
    "i8": Precision.INT8,
    "u8": Precision.INT8,
}
_CONVOLUTIONS = {"convolution", "groupconvolution"}
_TRANSPOSED = {"deconvolution", "groupdeconvolution"}
_PRODUCTS = {"fullyconnected", "matmul", "gemm"}


def read_graph(compiled: ov.CompiledModel) -> tuple[dict[Precision, float], int]:
    """Share of multiply-adds in each number format, from the nodes' ``runtimePrecision``, and the number of nodes.

    Only layers that multiply count: a pure FP32 network has a fifth of its nodes in i32 (shapes). Nothing and 0 where
    the device does not hand out its graph. No node is kept: one that outlives its plug-in crashes the process.
    """
    try:
        nodes = compiled.get_runtime_model().get_ops()
    except RuntimeError:
        return {}, 0
    return shares_of(_weighed(nodes)), len(nodes)


def read_devices(compiled: ov.CompiledModel) -> tuple[str, ...]:
    """Where it runs at this moment; AUTO marks a device that only stands in with brackets, which are removed."""
    return tuple(name.strip("()") for name in compiled.get_property("EXECUTION_DEVICES"))


def read_number(compiled: ov.CompiledModel, name: str) -> int:
    """A numeric property, 0 where the device does not know it."""
    try:
        return int(compiled.get_property(name))
    except RuntimeError:
        return 0


def _weighed(nodes: list[ov.Node]) -> Iterator[tuple[Precision, float]]:
    for node in nodes:
        info = node.get_rt_info()
        precision = _precision(node, _text(info, "runtimePrecision").lower())
        weight = _multiply_adds(node, _text(info, "layerType").lower().replace("_", ""))
        if precision is not None and weight:
            yield precision, weight


def _precision(node: ov.Node, told: str) -> Precision | None:
    """Number format that a layer computes in.

    A layer whose weights are only stored in a narrow format (a compressed IR) tells that format, although it widens
    them and computes with the floats that come in (its ``primitiveType`` ends in ``_f32``).
    """
    if node.inputs() and node.input(0).get_element_type() == ov.Type.f32:
        return Precision.FP32
    return _FORMATS.get(told)


def _text(info: Mapping[str, Any], name: str) -> str:
    return str(info[name].astype(str)) if name in info else ""


def _multiply_adds(node: ov.Node, kind: str) -> float:
    """Multiply-adds of one run; 0 for layers that do not multiply.

    Each output value of a convolution takes ``weights / output channels`` of them (groups included), each input value
    of a transposed one ``weights / input channels``, each value of a matrix product the length of the row.
    """
    if kind not in _CONVOLUTIONS | _TRANSPOSED | _PRODUCTS:
        return 0.0
    result = _sizes(node.output(0))
    sources = [_sizes(port) for port in node.inputs()]
    if not result or not sources:
        return 0.0
    if kind in _PRODUCTS or len(sources) == 1:
        return math.prod(result) * (sources[0][-1] if sources[0] else 1)
    if kind in _CONVOLUTIONS:
        return math.prod(result) * math.prod(sources[1]) / result[1]
    return math.prod(sources[0]) * math.prod(sources[1]) / sources[0][1]


def _sizes(port: ov.Output) -> list[int]:
    shape = port.get_partial_shape()
    return list(shape.to_shape()) if shape.is_static else []
