"""Questions to a graph about how a tensor comes to be: which operations make it, what is joined in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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


_MOST_PARTS = 1000
"""No head is joined from more; a file may nest concatenations without end."""

_ELEMENTWISE = PASSING | {"Sigmoid", "Add", "Sub", "Mul", "Div", "Clip", "Softmax"}


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
    """True for the fixed convolution 0, 1, 2 .. that turns a distribution into a distance (distribution focal loss).

    Its weights rise evenly, also where they are quantised.
    """
    weights = _weights(graph, node) if node.kind in WEIGHTED else None
    if weights is None or len(weights.shape) != 4 or weights.shape[::2] != (1, 1) or weights.shape[1] < 8:
        return False
    values = graph.values(_stored(graph, node.inputs[_weight_position(node)]))
    if values is None:
        return False
    steps = np.diff(values.reshape(-1).astype(np.float64))
    return bool(steps.min() > 0 and np.allclose(steps, steps.mean(), rtol=0.25))


def weight_shape(graph: Graph, node: Node) -> tuple[int, ...] | None:
    """Shape of a layer's weights, None where they are not stored."""
    weights = _weights(graph, node)
    return weights.shape if weights else None


def _weights(graph: Graph, node: Node) -> Constant | None:
    position = _weight_position(node)
    return graph.constants.get(_stored(graph, node.inputs[position])) if position < len(node.inputs) else None


def _weight_position(node: Node) -> int:
    return 3 if node.kind.startswith("QLinear") else 1


def _stored(graph: Graph, tensor: str) -> str:
    """The constant that a weight is made from: through scales, casts and quantisers."""
    for _ in range(8):
        producer = graph.producers.get(tensor)
        if tensor in graph.constants or producer is None or not producer.inputs:
            return tensor
        tensor = producer.inputs[0]
    return tensor


@dataclass(frozen=True, slots=True)
class Part:
    """One of the tensors that are joined side by side. ``width`` is its length along the axis, None where unknown."""

    tensor: str
    width: int | None


def parts(graph: Graph, tensor: str, axis: int) -> tuple[Part, ...]:
    """What a tensor is concatenated from along one axis, nested concatenations opened; itself where it is from none.

    Transposes on the way are followed, so that a transposed head is seen like any other.
    """
    shape = graph.shape(tensor)
    found: list[Part] = []
    waiting = [(tensor, axis % len(shape) if shape else axis)]
    while waiting and len(found) < _MOST_PARTS:
        name, along = _behind_transposes(graph, *waiting.pop())
        node = graph.producers.get(name)
        if node and node.kind == "Concat" and _axis_of(node, graph) == along:
            waiting += [(part, along) for part in reversed(node.inputs)]
        else:
            width = graph.shape(name)
            found.append(Part(name, width[along] if width and along < len(width) else None))
    return tuple(found)


def _behind_transposes(graph: Graph, tensor: str, axis: int) -> tuple[str, int]:
    tensor = origin(graph, tensor)
    node = graph.producers.get(tensor)
    while node and node.kind == "Transpose":
        order = permutation(graph, node)
        if not order or axis >= len(order):
            break
        axis = order[axis]
        tensor = origin(graph, node.inputs[0])
        node = graph.producers.get(tensor)
    return tensor, axis


def _axis_of(node: Node, graph: Graph) -> int:
    axis = int(node.attributes.get("axis", 0))
    shape = graph.shape(node.outputs[0])
    return axis + len(shape) if axis < 0 and shape else axis


def permutation(graph: Graph, node: Node) -> tuple[int, ...]:
    """Order of axes of a transpose, () where it is not stored."""
    order = node.attributes.get("perm")
    if order is None and len(node.inputs) > 1:
        values = graph.values(node.inputs[1])
        order = () if values is None else values.reshape(-1).tolist()
    return tuple(int(n) for n in order or ())


def leaves(graph: Graph, tensor: str) -> tuple[str, ...]:
    """The tensors that are put together into one, through concatenations and reshapes along any axis."""
    found: list[str] = []
    waiting = [tensor]
    while waiting and len(found) < _MOST_PARTS:
        name = origin(graph, waiting.pop(), PASSING | RESHAPING)
        node = graph.producers.get(name)
        if node and node.kind == "Concat":
            waiting += reversed(node.inputs)
        else:
            found.append(name)
    return tuple(found)


def kind_of(graph: Graph, tensor: str, through: frozenset[str] = PASSING | RESHAPING) -> str:
    """Kind of the operation that makes a tensor, seen through those that leave numbers alone; "" for none."""
    node = maker(graph, tensor, through)
    return node.kind if node else ""


def stem(graph: Graph, tensor: str) -> tuple[int, ...] | None:
    """Weight shape of the first layer that reads an input, None where there is none near."""
    waiting, seen = [tensor], {tensor}
    for _ in range(40):
        if not waiting:
            return None
        for node in graph.consumers.get(waiting.pop(0), ()):
            if node.kind in WEIGHTED:
                return weight_shape(graph, node)
            fresh = [name for name in node.outputs if name not in seen]
            seen.update(fresh)
            waiting += fresh
    return None


def modulus(graph: Graph) -> int | None:
    """Number of classes by which the graph divides the indices of its best pairs of query and class, else None."""
    for node in graph.nodes:
        if node.kind == "TopK" and len(node.outputs) > 1:
            found = _divisor(graph, node.outputs[1])
            if found:
                return found
    return None


def _divisor(graph: Graph, indices: str) -> int | None:
    waiting = [indices]
    for _ in range(10):
        if not waiting:
            return None
        for reader in graph.consumers.get(waiting.pop(0), ()):
            if reader.kind in ("Mod", "Div"):
                divisor = graph.values(origin(graph, reader.inputs[1]))
                if divisor is not None and divisor.size == 1:
                    return int(divisor.item())
            elif reader.kind in PASSING | RESHAPING:
                waiting += reader.outputs
    return None


def last_width(graph: Graph, tensor: str) -> int | None:
    """Length of a tensor's last axis, found from the weights behind it where shapes do not tell."""
    for _ in range(12):
        shape = graph.shape(tensor)
        if shape and shape[-1]:
            return shape[-1]
        node = graph.producers.get(tensor)
        if node is None or not node.inputs:
            return None
        if node.kind in WEIGHTED:
            weights = weight_shape(graph, node)
            return weights[0 if node.attributes.get("transB") else -1] if weights and len(weights) == 2 else None
        if node.kind not in _ELEMENTWISE and not _picks_before_last(graph, node):
            return None
        tensor = next((name for name in node.inputs if name not in graph.constants), node.inputs[0])
    return None


def _picks_before_last(graph: Graph, node: Node) -> bool:
    shape = graph.shape(node.inputs[0])
    return node.kind == "Gather" and shape is not None and node.attributes.get("axis", 0) in range(len(shape) - 1)
