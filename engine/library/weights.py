"""In which number format the weights of a network are stored."""

from __future__ import annotations

from collections import Counter

from engine.cards import Precision
from engine.library.graph import Graph, Node
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
_QUANTISERS = frozenset({"QuantizeLinear", "FakeQuantize"})


def stored_precision(graph: Graph) -> Precision:
    """The format that most weights of convolutions and matrix products have; FP32 where none are stored."""
    shares: Counter[Precision] = Counter()
    for node in graph.nodes:
        if node.kind in WEIGHTED:
            _count(graph, node, shares)
    return shares.most_common(1)[0][0] if shares else Precision.FP32


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
