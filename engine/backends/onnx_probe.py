"""Tiny ONNX networks, one for each precision, that show what an execution provider computes in."""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from engine.cards import Precision

SHAPE = (1, 16, 16, 16)
INPUT = "x"
TYPES = {Precision.FP32: "float32", Precision.FP16: "float16", Precision.BF16: "float32", Precision.INT8: "float32"}
"""numpy type of the input; numpy has no bfloat16, so that network converts."""

_OPSET, _IR_VERSION = 21, 10
_KERNEL = np.linspace(-1, 1, 16 * 16 * 9, dtype=np.float32).reshape(16, 16, 3, 3)
_PADS = [1, 1, 1, 1]


def network(precision: Precision) -> bytes:
    """One 3x3 convolution of 16 channels whose tensors are stored in this precision."""
    if precision is Precision.INT8:
        return _saved(_quantised(), TensorProto.FLOAT, TensorProto.FLOAT, _quantised_weights())
    if precision is Precision.BF16:
        return _saved(_converting(), TensorProto.FLOAT, TensorProto.FLOAT, [numpy_helper.from_array(_KERNEL, "k")])
    stored = TensorProto.FLOAT16 if precision is Precision.FP16 else TensorProto.FLOAT
    kernel = numpy_helper.from_array(_KERNEL.astype(TYPES[precision]), "k")
    return _saved([helper.make_node("Conv", [INPUT, "k"], ["y"], pads=_PADS)], stored, stored, [kernel])


def _converting() -> list[NodeProto]:
    return [
        helper.make_node("Cast", [INPUT], ["xb"], to=TensorProto.BFLOAT16),
        helper.make_node("Cast", ["k"], ["kb"], to=TensorProto.BFLOAT16),
        helper.make_node("Conv", ["xb", "kb"], ["yb"], pads=_PADS),
        helper.make_node("Cast", ["yb"], ["y"], to=TensorProto.FLOAT),
    ]


def _quantised() -> list[NodeProto]:
    """QuantizeLinear and DequantizeLinear around it, as static quantisation writes it."""
    return [
        helper.make_node("QuantizeLinear", [INPUT, "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node("DequantizeLinear", ["k", "ks", "kz"], ["kd"]),
        helper.make_node("Conv", ["d", "kd"], ["c"], pads=_PADS),
        helper.make_node("QuantizeLinear", ["c", "s", "z"], ["cq"]),
        helper.make_node("DequantizeLinear", ["cq", "s", "z"], ["y"]),
    ]


def _quantised_weights() -> list[TensorProto]:
    weights = {
        "k": np.rint(_KERNEL * 127).astype(np.int8),
        "ks": np.float32(1 / 127),
        "kz": np.int8(0),
        "s": np.float32(0.01),
        "z": np.uint8(0),
    }
    return [numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()]


def _saved(nodes: list[NodeProto], source: int, result: int, weights: list[TensorProto]) -> bytes:
    graph = helper.make_graph(
        nodes,
        "probe",
        [helper.make_tensor_value_info(INPUT, source, SHAPE)],
        [helper.make_tensor_value_info("y", result, SHAPE)],
        weights,
    )
    model: ModelProto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
    )
    return bytes(model.SerializeToString())
