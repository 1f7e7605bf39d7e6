"""What a runtime will meet in a network: the number format of its weights, and operators that few runtimes have."""

from __future__ import annotations

from collections import Counter

from engine.cards import Precision
from engine.library.graph import Graph, Node
from engine.library.metadata import clean_name
from engine.library.tracing import WEIGHTED

_FORMATS = {
    "float32": Precision.FP32,
    "float64": Precision.FP32,
    "float16": Precision.FP16,
    "bfloat16": Precision.BF16,
    "int8": Precision.INT8,
    "uint8": Precision.INT8,
    "int4": Precision.INT8,
    "uint4": Precision.INT8,
}
_KNOWN_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.ms.internal.nhwc", "com.microsoft.nchwc")
_QUANTISERS = frozenset({"QuantizeLinear", "FakeQuantize"})


def stored_precision(graph: Graph) -> Precision:
    """The format that most weights of convolutions and matrix products have; FP32 where none are stored."""
    shares: Counter[Precision] = Counter()
    for node in graph.nodes:
        if node.kind in WEIGHTED:
            _count(graph, node, shares)
    return shares.most_common(1)[0][0] if shares else Precision.FP32


def foreign_operators(graph: Graph) -> tuple[str, ...]:
    """A sentence where a graph has operators that neither the standard nor ONNX Runtime defines."""
    found = sorted({f"{node.domain}.{node.kind}" for node in graph.nodes if node.domain not in _KNOWN_DOMAINS})
    if not found:
        return ()
    return (f"The graph has operators that need a plug-in of the runtime: {clean_name(', '.join(found[:5]))}",)


def _count(graph: Graph, node: Node, shares: Counter[Precision]) -> None:
    position = 3 if node.kind.startswith("QLinear") else 1
    if len(node.inputs) <= position:
        return
    name, quantised = node.inputs[position], False
    for _ in range(8):
        constant = graph.constants.get(name)
        if constant:
            stored = Precision.INT8 if quantised else _FORMATS.get(constant.dtype)
            if stored:
                shares[stored] += constant.count
            return
        producer = graph.producers.get(name)
        if producer is None or not producer.inputs:
            return
        quantised = quantised or producer.kind in _QUANTISERS
        name = producer.inputs[0]
