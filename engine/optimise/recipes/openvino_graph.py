"""OpenVINO models as recipes read, look through and write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as opset

from engine.backends.openvino_graph import name_ports
from engine.cards import InputSpec, TensorLayout
from engine.errors import ModelError
from engine.optimise.recipes.tail import with_tail
from engine.optimise.task import Task
from engine.optimise.variant import ORIGIN_KEY, Layer

_WEIGHT_AXES = {
    "Convolution": 1,
    "GroupConvolution": 2,
    "ConvolutionBackpropData": 1,
    "GroupConvolutionBackpropData": 2,
}
"""Operation -> leading axes of its weights that are not summed over (or, backwards, not repeated)."""

_KINDS = {
    "Convolution": "Conv",
    "GroupConvolution": "Conv",
    "ConvolutionBackpropData": "ConvTranspose",
    "GroupConvolutionBackpropData": "ConvTranspose",
    "Multiply": "Mul",
    "Subtract": "Sub",
    "Divide": "Div",
}
"""As far as the names differ from ONNX's, and matter for a choice of layers."""

_FEW = 64
"""Numbers; more are weights."""

_FLOATS = (ov.Type.f32, ov.Type.f16)

_NO_LAYERS = ("Constant", "Result", "Parameter")


def read(path: Path) -> ov.Model:
    """A model whose operations each have a name of their own, the same each time.

    A float ONNX model is converted: shapes are computed once, and half of the operations go. Converting a quantised
    one would turn its weights back into float.
    """
    model = ov.Core().read_model(path)
    if path.suffix.lower() == ".onnx" and not _has_integer_weights(model):
        model = ov.convert_model(path)
    name_ports(model)
    seen: set[str] = set()
    for number, operation in enumerate(model.get_ordered_ops()):
        name = operation.get_friendly_name()
        if name in seen:
            name = f"{name}#{number}"
            operation.set_friendly_name(name)
        seen.add(name)
    return model


def _has_integer_weights(model: ov.Model) -> bool:
    constants = (op for op in model.get_ops() if op.get_type_name() == "Constant")
    integers = (ov.Type.i8, ov.Type.u8)
    return any(op.get_element_type() in integers and _product(op.get_output_shape(0)) > _FEW for op in constants)


def write(model: ov.Model, task: Task, *, half: bool) -> None:
    """Write a variant with what its original says, what else it is to say, and its origin."""
    said = {**task.metadata, ORIGIN_KEY: json.dumps(asdict(task.origin), ensure_ascii=False)}
    for key, value in said.items():
        model.set_rt_info(value, ["framework", key])
    ov.save_model(model, task.file, compress_to_fp16=half)


def refuse_control_flow(model: ov.Model) -> None:
    """Check that the graph is one that runs straight through.

    Raises:
        ModelError: It has branches or loops.
    """
    found = sorted({op.get_type_name() for op in model.get_ops()} & {"If", "Loop", "TensorIterator"})
    if found:
        raise ModelError(
            f"The graph has branches or loops ({', '.join(found)}), which this recipe cannot take",
            remedy="Choose openvino-fp16, or export the model without control flow",
        )


def layers_of(model: ov.Model, spec: InputSpec) -> tuple[Layer, ...]:
    """The operations of a model from ``read``, in the order of computation."""
    sized = _sized(model, spec)
    layers: list[Layer] = []
    for operation in sized.get_ordered_ops():
        kind = operation.get_type_name()
        if kind in _NO_LAYERS:
            continue
        sources = (value.get_source_output().get_node() for value in operation.inputs())
        inputs = dict.fromkeys(s.get_friendly_name() for s in sources if s.get_type_name() not in _NO_LAYERS)
        count = _multiply_adds(operation, kind)
        layers.append(Layer(operation.get_friendly_name(), _KINDS.get(kind, kind), count, len(layers), tuple(inputs)))
    return with_tail(layers)


def _sized(model: ov.Model, spec: InputSpec) -> ov.Model:
    """A copy with the card's input size."""
    copy = model.clone()
    planar = spec.layout is TensorLayout.NCHW
    shapes: dict[str, Any] = {extra.name: list(extra.shape) for extra in spec.extra_inputs}
    for port in copy.inputs:
        if spec.name in port.get_names():
            shape = port.get_partial_shape()
            channels = shape[1 if planar else 3] if shape.rank.is_static else 3
            size = (spec.height, spec.width)
            shapes[spec.name] = [spec.batch, channels, *size] if planar else [spec.batch, *size, channels]
    if any(port.get_partial_shape().is_dynamic for port in copy.inputs):
        copy.reshape({name: ov.PartialShape(shape) for name, shape in shapes.items()})
    return copy


def _multiply_adds(operation: ov.Node, kind: str) -> int:
    """Of one run; at least the number of weights where shapes are unknown."""
    if kind == "MatMul":
        summed = _lengths(operation.input(0))[-2 if operation.get_attributes()["transpose_a"] else -1]
        return max(_product(_lengths(operation.output(0))) * summed, 1)
    if kind not in _WEIGHT_AXES:
        return 0
    weight = _lengths(operation.input(1))
    places = operation.input(0) if "Backprop" in kind else operation.output(0)
    return max(_product(_lengths(places)) * _product(weight[_WEIGHT_AXES[kind] :]), _product(weight), 1)


def _lengths(port: Any) -> tuple[int, ...]:
    """Axis lengths, 1 for an unknown one."""
    shape = port.get_partial_shape()
    return tuple(axis.get_length() if axis.is_static else 1 for axis in shape) if shape.rank.is_static else (1, 1)


def _product(lengths: Sequence[int]) -> int:
    return int(np.prod(lengths, dtype=np.int64))


# Weights --------------------------------------------------------------------------------------------------------------


def weights_of(model: ov.Model) -> list[tuple[ov.Node, ov.Node]]:
    """Stored float weights of convolutions and matrix products, each once, with an operation that reads them."""
    found: dict[str, tuple[ov.Node, ov.Node]] = {}
    for operation in model.get_ordered_ops():
        if operation.get_type_name() in (*_WEIGHT_AXES, "MatMul"):
            source = operation.input_value(1).get_node()
            if source.get_type_name() == "Convert":  # Stored in half precision.
                source = source.input_value(0).get_node()
            if source.get_type_name() == "Constant" and source.get_element_type() in _FLOATS:
                found.setdefault(source.get_friendly_name(), (source, operation))
    return list(found.values())


def by_result(constant: ov.Node, reader: ov.Node) -> Any:
    """A copy of weights as an array with one axis for the results of the layer: groups lie behind each other."""
    array = constant.data.copy()
    return array.reshape(-1, *array.shape[2:]) if reader.get_type_name().startswith("Group") else array


def result_axis(reader: ov.Node) -> int:
    """The axis of the layer's results in ``by_result``."""
    kind = reader.get_type_name()
    if kind == "MatMul":
        return -2 if reader.get_attributes()["transpose_b"] else -1
    return 1 if "Backprop" in kind else 0


def replace_constant(constant: ov.Node, array: Any) -> None:
    """Let everything that reads a constant read these numbers instead, in its shape."""
    shape = list(constant.get_output_shape(0))
    other = opset.constant(array.reshape(shape), constant.get_element_type(), name=constant.get_friendly_name())
    for reader in constant.output(0).get_target_inputs():
        reader.replace_source_output(other.output(0))
