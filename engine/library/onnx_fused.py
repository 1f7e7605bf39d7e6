"""Turns operators that ONNX Runtime fused or quantised back into those of the standard, for reading only.

ONNX Runtime saves optimised and QOperator graphs with operators of its own domain (docs/ContribOperators.md). Their
meaning for identification is that of the plain operator on its data inputs; scales and zero points are left out.
"""

from __future__ import annotations

from onnx import GraphProto, NodeProto

_DOMAINS = ("com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc")

_PLAIN = {
    "FusedConv": ("Conv", (0, 1, 2)),
    "FusedGemm": ("Gemm", (0, 1, 2)),
    "FusedMatMul": ("MatMul", (0, 1)),
    "QGemm": ("Gemm", (0, 3, 6)),
    "QLinearAdd": ("Add", (0, 3)),
    "QLinearMul": ("Mul", (0, 3)),
    "QLinearSigmoid": ("Sigmoid", (0,)),
    "QLinearSoftmax": ("Softmax", (0,)),
    "QLinearLeakyRelu": ("LeakyRelu", (0,)),
    "QLinearAveragePool": ("AveragePool", (0,)),
    "QLinearGlobalAveragePool": ("GlobalAveragePool", (0,)),
    "QuickGelu": ("Relu", (0,)),
    "Gelu": ("Relu", (0,)),
    "FastGelu": ("Relu", (0,)),
    "BiasGelu": ("Relu", (0,)),
}
"""Operator -> (plain operator, positions of its data inputs). What follows a weight is of no matter, so any activation
stands for all."""

_ONLY_FUSED = ("activation", "activation_params", "activation_alpha", "activation_beta", "opset")


def unfuse(graph: GraphProto) -> None:
    """Rewrite the operators of a graph in place."""
    if not any(node.domain in _DOMAINS for node in graph.node):
        return
    nodes = list(graph.node)
    del graph.node[:]
    for node in nodes:
        activation = _rewritten(node) if node.domain in _DOMAINS else None
        graph.node.append(node)
        if activation:
            graph.node.append(activation)


def _rewritten(node: NodeProto) -> NodeProto | None:
    """Rewrite one operator; the activation that was fused with it comes back as a node of its own."""
    if node.op_type == "QLinearConcat":
        _become(node, "Concat", tuple(range(2, len(node.input), 3)))
        return None
    if node.op_type not in _PLAIN:
        return None
    fused = next((a.s.decode(errors="replace") for a in node.attribute if a.name == "activation"), "")
    _become(node, *_PLAIN[node.op_type])
    if not fused:
        return None
    result, before = node.output[0], f"{node.output[0]} before {fused}"
    node.output[0] = before
    return NodeProto(op_type=fused, input=[before], output=[result])


def _become(node: NodeProto, kind: str, positions: tuple[int, ...]) -> None:
    inputs = [node.input[position] for position in positions if position < len(node.input)]
    kept = [attribute for attribute in node.attribute if attribute.name not in _ONLY_FUSED]
    del node.input[:], node.attribute[:]
    node.input.extend(inputs)
    node.attribute.extend(kept)
    node.op_type, node.domain = kind, ""
