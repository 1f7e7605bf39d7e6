"""ONNX files as recipes read, look through and write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto

from engine.cards import InputSpec, TensorLayout
from engine.errors import ModelError
from engine.optimise.recipes.tail import with_tail
from engine.optimise.task import Task
from engine.optimise.variant import ORIGIN_KEY, Layer

CONTROL_FLOW = ("If", "Loop", "Scan", "SequenceMap")
LINEAR = ("Conv", "ConvTranspose", "Gemm", "MatMul")

_LARGEST = 1_900_000_000
"""Bytes; libraries hold the model as one message, which ends at 2 GB."""


def read(path: Path) -> ModelProto:
    """A model with its weights, and a name for each of its operations.

    Old files list weights among the inputs, which keeps libraries from taking them as constants: inputs no more.

    Raises:
        ModelError: It is too large to be changed.
    """
    model = onnx.load(path)
    if model.ByteSize() > _LARGEST:
        raise ModelError(
            "The model is too large to be rebuilt", expected="less than 2 GB", remedy="Choose an OpenVINO variant"
        )
    stored = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in stored]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    name_nodes(model)
    return model


def name_nodes(model: ModelProto) -> None:
    """Give each operation a name of its own, the same each time."""
    seen: set[str] = set()
    for number, node in enumerate(model.graph.node):
        if not node.name or node.name in seen:
            node.name = f"{node.op_type}_{number}"
            while node.name in seen:
                node.name += "_"
        seen.add(node.name)


def write(model: ModelProto, task: Task) -> None:
    """Write a variant with the metadata of its model, what else it is to say, and its origin."""
    said = {entry.key: entry.value for entry in model.metadata_props} | dict(task.metadata)
    said[ORIGIN_KEY] = json.dumps(asdict(task.origin), ensure_ascii=False)
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, said)
    task.file.write_bytes(model.SerializeToString())


def refuse_control_flow(model: ModelProto) -> None:
    """Check that the graph is one that runs straight through.

    Raises:
        ModelError: It has branches or loops.
    """
    found = sorted({node.op_type for node in model.graph.node if node.op_type in CONTROL_FLOW})
    if found:
        raise ModelError(
            f"The graph has branches or loops ({', '.join(found)}), which this recipe cannot take",
            remedy="Choose an OpenVINO variant, or export the model without control flow",
        )


def layers_of(model: ModelProto, spec: InputSpec) -> tuple[Layer, ...]:
    """The operations of a graph whose nodes are named, in the order of computation."""
    shapes = _shapes(model, spec)
    makers = {name: node.name for node in model.graph.node for name in node.output if name}
    layers = []
    for order, node in enumerate(node for node in model.graph.node if node.op_type != "Constant"):
        inputs = tuple(dict.fromkeys(makers[name] for name in node.input if name in makers))
        count = _multiply_adds(node, shapes) if node.op_type in LINEAR else 0
        layers.append(Layer(node.name, node.op_type, count, order, inputs))
    return with_tail(layers)


def float_tail(model: ModelProto, spec: InputSpec) -> list[str]:
    """Names of the layers that stay in float whatever is asked."""
    return [layer.name for layer in layers_of(model, spec) if layer.in_tail]


def _shapes(model: ModelProto, spec: InputSpec) -> dict[str, tuple[int, ...]]:
    """Tensor name -> its shape at the card's input size, 1 for an axis that is unknown all the same."""
    copy = ModelProto()
    copy.CopyFrom(model)
    sizes = {extra.name: extra.shape for extra in spec.extra_inputs}
    planar = spec.layout is TensorLayout.NCHW
    height_width = (spec.height, spec.width)
    sizes[spec.name] = (spec.batch, 0, *height_width) if planar else (spec.batch, *height_width, 0)
    for value in copy.graph.input:
        for dim, length in zip(value.type.tensor_type.shape.dim, sizes.get(value.name, ()), strict=False):
            if length and not dim.dim_value:
                dim.dim_value = length
    inferred = onnx.shape_inference.infer_shapes(copy, data_prop=True)
    graph = inferred.graph
    found = {
        value.name: tuple(dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim)
        for value in (*graph.value_info, *graph.input, *graph.output)
    }
    return found | {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}


def _multiply_adds(node: Any, shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Of one run; at least the number of weights where shapes are unknown."""
    source, weight, result = (shapes.get(name, ()) for name in (node.input[0], node.input[1], node.output[0]))
    if node.op_type == "ConvTranspose":
        places, each = _product(source), _product(weight[1:])
    elif node.op_type == "Conv":
        places, each = _product(result), _product(weight[1:])
    else:
        places, each = _product(result), source[-1] if source else 1
    return max(places * each, _product(weight), 1)


def _product(lengths: tuple[int, ...]) -> int:
    return int(np.prod(lengths, dtype=np.int64))


def weights_of(model: ModelProto) -> list[tuple[TensorProto, int]]:
    """Stored float weights of convolutions and matrix products, each once, with the axis of the layer's results."""
    axes = {node.input[1]: _result_axis(node) for node in model.graph.node if node.op_type in LINEAR}
    floats = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE)
    stored = (tensor for tensor in model.graph.initializer if tensor.data_type in floats and tensor.dims)
    return [(tensor, axes[tensor.name]) for tensor in stored if tensor.name in axes]


def _result_axis(node: NodeProto) -> int:
    if node.op_type == "Gemm":
        return 0 if any(attribute.name == "transB" and attribute.i for attribute in node.attribute) else 1
    return {"Conv": 0, "ConvTranspose": 1, "MatMul": -1}[node.op_type]
