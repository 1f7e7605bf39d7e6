"""One neutral form of a network, whatever file it came from: nodes, constants, shapes and metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import TensorSpec

Shape = tuple[int | None, ...]
"""Axis lengths, None where unknown."""

PictureSizes = Mapping[str, tuple[int, ...]]
"""Input name -> the shape that its free axes are settled to."""

SMALL = 4096
"""Constants of up to so many numbers can be read; the rest are weights, of which only shape and type are known."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. ``kind`` is ONNX's name for it, also where the file is an OpenVINO IR."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Constant:
    """A tensor stored in the file. ``read`` gives its numbers where there are few."""

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], NDArray[Any]] | None = None

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True)
class Graph:
    """A network as its file declares it.

    Attributes:
        file_format: "onnx" or "openvino_ir".
        opset: ONNX opset, 0 for an IR.
        producer: Program that wrote the file, "" where it does not say.
        inputs, outputs: Declared tensors; inputs with stored values are constants and not listed.
        nodes: In the order of the file.
        inner_kinds: Kinds of the nodes inside loops and branches.
        constants: Tensor name -> stored tensor.
        shapes: Tensor name -> shape, as far as declared or inferred.
        metadata: The file's own key-value pairs, bounded.
        infer: Shapes of all tensors for given input shapes; empty where the format cannot tell.
    """

    file_format: str
    opset: int
    producer: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    nodes: tuple[Node, ...]
    constants: Mapping[str, Constant]
    shapes: Mapping[str, Shape]
    metadata: Mapping[str, str]
    inner_kinds: frozenset[str] = frozenset()
    infer: Callable[[PictureSizes], Mapping[str, Shape]] = field(default=lambda _: {}, repr=False)

    @cached_property
    def producers(self) -> Mapping[str, Node]:
        """Tensor name -> node that computes it."""
        return {name: node for node in self.nodes for name in node.outputs if name}

    @cached_property
    def consumers(self) -> Mapping[str, tuple[Node, ...]]:
        """Tensor name -> nodes that read it."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                found.setdefault(name, []).append(node)
        return {name: tuple(nodes) for name, nodes in found.items()}

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Kinds of all operations, those inside loops and branches included."""
        return frozenset(node.kind for node in self.nodes) | self.inner_kinds

    def shape(self, tensor: str) -> Shape | None:
        """Shape of a tensor, None where nothing is known of it."""
        constant = self.constants.get(tensor)
        return constant.shape if constant else self.shapes.get(tensor)

    def values(self, tensor: str) -> NDArray[Any] | None:
        """Numbers of a small constant, None for anything else."""
        constant = self.constants.get(tensor)
        if constant is None or constant.read is None:
            return None
        try:
            return constant.read()
        except (ValueError, TypeError):
            return None  # A damaged constant tells nothing; the runtime will refuse the file by itself.


def has_circle(nodes: Sequence[Node]) -> bool:
    """True where a tensor needs itself: no network, and nothing that could be followed to an end."""
    makers = {name: number for number, node in enumerate(nodes) for name in node.outputs if name}
    needs = [{makers[name] for name in node.inputs if name in makers} for node in nodes]
    readers: list[list[int]] = [[] for _ in nodes]
    for number, needed in enumerate(needs):
        for maker in needed:
            readers[maker].append(number)
    missing = [len(needed) for needed in needs]
    ready = [number for number, count in enumerate(missing) if count == 0]
    for number in ready:
        for reader in readers[number]:
            missing[reader] -= 1
            if missing[reader] == 0:
                ready.append(reader)
    return len(ready) < len(nodes)
