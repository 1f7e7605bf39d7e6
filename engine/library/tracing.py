"""Questions to a graph about how a tensor comes to be: which operations make it, what is joined in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.library.graph import Constant, Graph, Node

PASSING = frozenset({"Identity", "Cast", "QuantizeLinear", "DequantizeLinear", "FakeQuantize", "Dropout"})
"""Operations that leave the meaning of a tensor alone: a quantised model is full of them."""

RESHAPING = frozenset({"Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten"})
"""Operations that only order the numbers anew."""

WEIGHTED = frozenset(
    {
        "Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "FusedConv",
        "MatMul", "MatMulInteger", "QLinearMatMul", "Gemm", "FusedGemm", "QGemm", "FusedMatMul", "Einsum",
    }
)  # fmt: skip
"""Operations with learnt weights: the tail of a graph begins behind the last of them."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What computes an output behind the last layers with weights.

    Attributes:
        kinds: Kinds of the operations in it.
        constants: Constants that take part.
        sources: The nodes with weights, or the graph's inputs' readers, that it starts from.
    """

    kinds: frozenset[str]
    constants: tuple[Constant, ...]
    sources: tuple[Node, ...]


def origin(graph: Graph, tensor: str, through: frozenset[str] = PASSING) -> str:
    """The tensor that another one is made from by operations of the given kinds alone."""
    node = graph.producers.get(tensor)
    while node and node.kind in through and node.inputs:
        tensor = node.inputs[0]
        node = graph.producers.get(tensor)
    return tensor


def maker(graph: Graph, tensor: str, through: frozenset[str] = PASSING) -> Node | None:
    """The operation that computes a tensor, seen through operations of the given kinds."""
    return graph.producers.get(origin(graph, tensor, through))


def tail(graph: Graph, *tensors: str) -> Tail:
    """Everything between the last layers with weights and some tensors. A DFL projection counts as part of it."""
    kinds: set[str] = set()
    constants: dict[str, Constant] = {}
    sources: list[Node] = []
    waiting, seen = list(tensors), set(tensors)
    while waiting:
        name = waiting.pop()
        if name in graph.constants:
            constants[name] = graph.constants[name]
        node = graph.producers.get(name)
        if node is None:
            continue
        if node.kind in WEIGHTED and not is_dfl(graph, node):
            sources.append(node)
            continue
        kinds.add(node.kind)
        fresh = [i for i in node.inputs if i and i not in seen]
        seen.update(fresh)
        waiting += fresh
    return Tail(frozenset(kinds), tuple(constants.values()), tuple(sources))


def is_dfl(graph: Graph, node: Node) -> bool:
    """True for the fixed convolution 0, 1, 2 .. that turns a distribution into a distance (distribution focal loss)."""
    shape = weight_shape(graph, node)
    return (
        node.kind in WEIGHTED
        and shape is not None
        and len(shape) == 4
        and shape[0] == 1
        and shape[2:] == (1, 1)
        and 8 <= shape[1] <= 33
    )


def weight_shape(graph: Graph, node: Node) -> tuple[int, ...] | None:
    """Shape of a layer's weights, None where they are not stored as they are."""
    position = 3 if node.kind.startswith("QLinear") else 1
    if len(node.inputs) <= position:
        return None
    name = node.inputs[position]
    for _ in range(8):
        if name in graph.constants:
            return graph.constants[name].shape
        producer = graph.producers.get(name)
        if producer is None or not producer.inputs:
            return None
        name = producer.inputs[0]
    return None


def joined(graph: Graph, tensor: str) -> tuple[str, ...]:
    """The tensors that are concatenated into one, () where it is no concatenation."""
    node = maker(graph, tensor, PASSING | RESHAPING)
    return node.inputs if node and node.kind == "Concat" else ()


def joined_widths(graph: Graph, tensor: str) -> tuple[int, ...]:
    """Lengths of the concatenated parts along the axis of concatenation, () where unknown."""
    node = maker(graph, tensor, PASSING | RESHAPING)
    if not node or node.kind != "Concat":
        return ()
    axis = int(node.attributes.get("axis", 0))
    widths = []
    for part in node.inputs:
        shape = graph.shape(part)
        length = shape[axis] if shape and -len(shape) <= axis < len(shape) else None
        if length is None:
            return ()
        widths.append(length)
    return tuple(widths)


def leaves(graph: Graph, tensor: str) -> Iterator[str]:
    """The tensors that are put together into one, through nested concatenations and reshapes."""
    waiting = [tensor]
    for _ in range(1000):
        if not waiting:
            return
        name = origin(graph, waiting.pop(), PASSING | RESHAPING)
        node = graph.producers.get(name)
        if node and node.kind == "Concat":
            waiting += reversed(node.inputs)
        else:
            yield name


def activations(graph: Graph, tensor: str) -> tuple[str, ...]:
    """Kind of the operation that makes each leaf of a tensor, "" for a constant or an input."""
    nodes = (graph.producers.get(leaf) for leaf in leaves(graph, tensor))
    return tuple(node.kind if node else "" for node in nodes)
