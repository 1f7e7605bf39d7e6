"""onnx-fp16: weights and compute in half precision; inputs, outputs and the decoder's tail in float."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper

from engine.optimise.recipes import onnx_graph
from engine.optimise.recipes.onnx_fused import fuse
from engine.optimise.task import Task, Told

PACKAGES = ("onnx", "onnxruntime")

_FLOAT_KINDS = frozenset({
    "Constant", "ConstantOfShape", "CumSum", "DequantizeLinear", "EyeLike", "GRU", "GridSample", "LSTM", "MaxRoiPool",
    "NonMaxSuppression", "QuantizeLinear", "RNN", "RandomNormal", "RandomNormalLike", "RandomUniform",
    "RandomUniformLike", "Range", "RoiAlign", "TopK", "Upsample",
})  # fmt: skip
"""Operations that runtimes do not have in half precision, or whose results name a type themselves."""

_FLOAT_INPUTS = {"Resize": (1, 2)}
"""Operation -> inputs that the standard wants in float."""

_LARGEST_HALF = 65504.0


def make(task: Task, told: Told) -> tuple[str, ...]:
    """Write the model in half precision."""
    told("Reading the model", 0.0)
    fused = fuse(onnx_graph.read(task.source), task.folder)
    onnx_graph.refuse_control_flow(fused)
    told("Converting", 0.4)
    tail = onnx_graph.float_tail(fused, task.input)
    count = len(fused.graph.node)
    converter = _Converter(fused, frozenset(tail))
    onnx_graph.write(converter.convert(), task)
    return (
        f"{converter.half_nodes} of {count} operations in half precision",
        "ONNX Runtime's CPU computes FP16 files in FP32 and slower; they are for GPUs and other accelerators",
    )


class _Converter:
    """Moves the operations of a graph to half precision, with one conversion wherever a tensor crosses the border.

    Args:
        model: Is changed.
        keep_float: Names of operations that stay.
    """

    def __init__(self, model: ModelProto, keep_float: frozenset[str]) -> None:
        self._model = model
        self._graph: GraphProto = model.graph
        self._keep_float = keep_float
        self._floats = _float_tensors(model)
        self._stored = {tensor.name: tensor for tensor in self._graph.initializer}
        self._in_half: set[str] = set()
        self._made: set[str] = set()
        self._nodes: list[NodeProto] = []
        self._taken = {name for node in self._graph.node for name in (*node.input, *node.output)} | set(self._stored)
        self.half_nodes = 0

    def convert(self) -> ModelProto:
        """The model, converted."""
        nodes = list(self._graph.node)
        outputs = {value.name for value in self._graph.output}
        for node in nodes:
            half = self._goes_half(node)
            for place, name in enumerate(node.input):
                if name in self._floats:
                    wants_half = half and place not in _FLOAT_INPUTS.get(node.op_type, ())
                    node.input[place] = self._as(name, half=wants_half)
            self._nodes.append(node)
            if half:
                self._hand_out(node, outputs)
        del self._graph.node[:], self._graph.value_info[:]
        self._graph.node.extend(self._nodes)
        self._drop_unread()
        onnx_graph.name_nodes(self._model)
        return self._model

    def _goes_half(self, node: NodeProto) -> bool:
        if node.name in self._keep_float or node.op_type in _FLOAT_KINDS or node.domain not in ("", "ai.onnx"):
            return False
        return any(name in self._floats for name in (*node.input, *node.output))

    def _hand_out(self, node: NodeProto, outputs: set[str]) -> None:
        """What an operation in half precision gives; an output of the graph is converted back at once."""
        self.half_nodes += 1
        if node.op_type == "Cast":
            for attribute in node.attribute:
                if attribute.name == "to" and attribute.i == TensorProto.FLOAT:
                    attribute.i = TensorProto.FLOAT16
        for place, name in enumerate(node.output):
            if name not in self._floats:
                continue
            if name in outputs:
                node.output[place] = inside = self._other_name(name, half=True)
                self._cast(inside, name, TensorProto.FLOAT)
                self._made.add(inside)
            else:
                self._in_half.add(name)

    def _as(self, name: str, *, half: bool) -> str:
        """The name of a tensor in the wanted precision, which is made where it is missing."""
        if (name in self._in_half) == half:
            return name
        other = self._other_name(name, half=half)
        if other not in self._made:
            self._made.add(other)
            if name in self._stored:
                self._graph.initializer.append(_half(self._stored[name], other))
            else:
                self._cast(name, other, TensorProto.FLOAT16 if half else TensorProto.FLOAT)
        return other

    def _cast(self, source: str, target: str, element: int) -> None:
        self._nodes.append(onnx.helper.make_node("Cast", [source], [target], to=element))

    def _other_name(self, name: str, *, half: bool) -> str:
        other = f"{name}_in_{'half' if half else 'float'}"
        while other in self._taken:
            other += "_"
        return other

    def _drop_unread(self) -> None:
        """Stored tensors that are read in half precision alone now."""
        read = {name for node in self._nodes for name in node.input} | {value.name for value in self._graph.output}
        kept = [tensor for tensor in self._graph.initializer if tensor.name in read]
        del self._graph.initializer[:]
        self._graph.initializer.extend(kept)


def _float_tensors(model: ModelProto) -> set[str]:
    """Names of the tensors of 32-bit floats."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    values = (*graph.value_info, *graph.input, *graph.output)
    found = {value.name for value in values if value.type.tensor_type.elem_type == TensorProto.FLOAT}
    return found | {tensor.name for tensor in graph.initializer if tensor.data_type == TensorProto.FLOAT}


def _half(tensor: TensorProto, name: str) -> TensorProto:
    numbers = np.clip(numpy_helper.to_array(tensor), -_LARGEST_HALF, _LARGEST_HALF)
    return numpy_helper.from_array(numbers.astype(np.float16), name)
