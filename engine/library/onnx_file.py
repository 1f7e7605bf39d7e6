"""Reads ONNX files into the neutral form. The only file that knows the onnx package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError, EncodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

from engine.cards import TensorSpec
from engine.errors import ModelError
from engine.library.graph import SMALL, Constant, Graph, Node, PictureSizes, Shape, has_circle
from engine.library.onnx_fused import unfuse

MOST_NODES = 200_000
MOST_METADATA = 256
LONGEST_METADATA = 2_000_000

_NUMPY_NAMES = {"float": "float32", "double": "float64"}
_VALUE_ATTRIBUTES = ("value", "value_float", "value_int", "value_floats", "value_ints")
_RE_EXPORT = "Export the model again"


def parse_onnx(data: bytes, path: Path) -> ModelProto:
    """The model inside the bytes of a file.

    Raises:
        ModelError: The bytes are no whole ONNX model, or of a version that is too new.
    """
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        raise _not_onnx(path, str(error)) from error
    if not model.graph.node or not model.graph.output:
        raise _not_onnx(path, "no graph inside")
    if not model.opset_import:
        raise ModelError(
            "The ONNX file is cut short: what follows the graph is missing",
            subject=str(path),
            expected="a whole file",
            remedy="Copy or download it again",
        )
    if not all(isinstance(text, str) for text in _texts(model)):
        raise _not_onnx(path, "names that are no text")
    _check_versions(model, path)
    if len(model.graph.node) > MOST_NODES:
        raise ModelError(
            "The graph is too large to be a vision model",
            subject=str(path),
            expected=f"{MOST_NODES} nodes at most",
            remedy="Choose a model for detection, segmentation, pose or classification",
        )
    return model


def _not_onnx(path: Path, detail: str) -> ModelError:
    return ModelError(
        "The file is not an ONNX model, or it is cut short",
        subject=str(path),
        expected="a whole .onnx file",
        remedy=f"{_RE_EXPORT}, or copy or download it again",
        detail=detail,
    )


def _texts(model: ModelProto) -> Iterator[object]:
    """Every text that is read. Where a file is damaged, what should be text comes as bytes."""
    yield from (model.producer_name, model.producer_version)
    for entry in model.metadata_props:
        yield from (entry.key, entry.value)
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        yield value.name
        yield from (dim.dim_param for dim in value.type.tensor_type.shape.dim)
    for node in model.graph.node:
        yield from (node.op_type, node.domain, *node.input, *node.output, *(a.name for a in node.attribute))
    for tensor in _stored_tensors(model):
        yield tensor.name
        for entry in tensor.external_data:
            yield from (entry.key, entry.value)


def _check_versions(model: ModelProto, path: Path) -> None:
    opset, newest = _opset(model), onnx.defs.onnx_opset_version()
    if opset > newest:
        raise ModelError(
            f"The model uses ONNX opset {opset}, which is too new",
            subject=str(path),
            expected=f"opset {newest} or older",
            remedy=f"{_RE_EXPORT} with opset 17 to {newest}, or update Inferoscope",
        )
    if model.ir_version > onnx.IR_VERSION:
        raise ModelError(
            f"The ONNX file has format version {model.ir_version}, which is too new",
            subject=str(path),
            expected=f"format version {onnx.IR_VERSION} or older",
            remedy=f"{_RE_EXPORT} with an older onnx package, or update Inferoscope",
        )


def _opset(model: ModelProto) -> int:
    return max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)


def external_files(model: ModelProto, path: Path) -> tuple[Path, ...]:
    """The files that hold weights of the model, checked to be there, whole, and inside its folder.

    Raises:
        ModelError: A weight file is missing, too short, or its path leaves the model's folder.
    """
    folder = path.resolve().parent
    sizes: dict[Path, int] = {}
    for tensor in _stored_tensors(model):
        if tensor.data_location == TensorProto.EXTERNAL:
            _check_external_tensor({entry.key: entry.value for entry in tensor.external_data}, path, folder, sizes)
    return tuple(sorted(sizes))


def _check_external_tensor(entry: Mapping[str, str], path: Path, folder: Path, sizes: dict[Path, int]) -> None:
    location = entry.get("location", "")
    target = _inside(location, path, folder)
    if target not in sizes:
        if not target.is_file():
            raise ModelError(
                f"The model's weights are in another file, {location!r}, which is not there",
                subject=str(path),
                expected=f"{location!r} in the same folder",
                remedy="Put both files into one folder, or export the model as a single file",
            )
        sizes[target] = target.stat().st_size
    end = _number(entry.get("offset")) + _number(entry.get("length"))
    if end > sizes[target]:
        raise ModelError(
            f"The model's weight file {location!r} is cut short",
            subject=str(path),
            expected=f"{end} bytes or more, it has {sizes[target]}",
            remedy="Copy or download it again",
        )


def _inside(location: str, path: Path, folder: Path) -> Path:
    """The weight file that a model names, refused where it lies outside the model's folder."""
    if not _stays_inside(location, folder):
        raise ModelError(
            f"The model names a weight file outside its own folder, {location!r}: refused",
            subject=str(path),
            expected="a file name inside the model's folder",
            remedy="Export the model again as a single file, and ask who made it",
        )
    return (folder / location).resolve()


def _stays_inside(location: str, folder: Path) -> bool:
    """False for absolute paths, ways up, drive letters, and links that lead out."""
    parts = location.replace("\\", "/").split("/")
    if not parts[0] or ":" in parts[0] or ".." in parts or "\0" in location:
        return False
    return (folder / location).resolve().is_relative_to(folder)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _stored_tensors(model: ModelProto) -> Iterator[TensorProto]:
    graphs = [model.graph]
    while graphs:
        graph = graphs.pop()
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
        for node in graph.node:
            for attribute in node.attribute:
                yield from _attribute_tensors(attribute)
                graphs += [attribute.g] if attribute.HasField("g") else attribute.graphs
    for function in model.functions:
        for node in function.node:
            for attribute in node.attribute:
                yield from _attribute_tensors(attribute)


def _attribute_tensors(attribute: AttributeProto) -> Iterator[TensorProto]:
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors


def read_onnx(model: ModelProto, path: Path) -> Graph:
    """The neutral form of a parsed model, which is changed on the way: large weights go, fused operators are opened.

    Raises:
        ModelError: The graph is no network.
    """
    graph = model.graph
    unfuse(graph)
    constants = {tensor.name: _constant(tensor) for tensor in graph.initializer}
    nodes = []
    own = {function.domain for function in model.functions}
    for node in graph.node:
        stored = _constant_node(node)
        if stored:
            constants[node.output[0]] = stored
        else:
            nodes.append(_node(node, own))
    if has_circle(nodes):
        raise _not_onnx(path, "its nodes form a circle")
    declared = _declared_shapes(model)
    return Graph(
        file_format="onnx",
        opset=_opset(model),
        producer=f"{model.producer_name} {model.producer_version}".strip()[:100],
        inputs=tuple(_spec(value) for value in graph.input if value.name not in constants),
        outputs=tuple(_spec(value) for value in graph.output),
        nodes=tuple(nodes),
        constants=constants,
        shapes=declared,
        metadata=_metadata(model),
        inner_kinds=_inner_kinds(graph.node),
        infer=partial(_infer, model, declared),
    )


def _constant(tensor: TensorProto) -> Constant:
    dtype = _dtype(tensor.data_type)
    shape = tuple(tensor.dims)
    constant = Constant(shape, dtype)
    if constant.count > SMALL or tensor.data_location == TensorProto.EXTERNAL:
        for stored in ("raw_data", "float_data", "int32_data", "int64_data", "double_data"):
            tensor.ClearField(stored)
        return constant
    return Constant(shape, dtype, partial(_numbers, tensor))


def _numbers(tensor: TensorProto) -> NDArray[Any]:
    return onnx.numpy_helper.to_array(tensor)


def _constant_node(node: NodeProto) -> Constant | None:
    if node.op_type != "Constant" or not node.output:
        return None
    for attribute in node.attribute:
        if attribute.name == "value":
            return _constant(attribute.t)
        if attribute.name in _VALUE_ATTRIBUTES:
            return _constant(onnx.numpy_helper.from_array(_array(onnx.helper.get_attribute_value(attribute))))
    return None


def _array(value: Any) -> NDArray[Any]:
    import numpy as np

    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype.kind == "f" else array.astype(np.int64)


def _node(node: NodeProto, own: set[str]) -> Node:
    """A node; domains of functions that the file brings along are no foreign ones."""
    attributes = {a.name: _plain(a) for a in node.attribute if a.type in _PLAIN}
    return Node(
        node.op_type, tuple(node.input), tuple(node.output), attributes, "" if node.domain in own else node.domain
    )


_PLAIN = (AttributeProto.INT, AttributeProto.FLOAT, AttributeProto.STRING, AttributeProto.INTS, AttributeProto.FLOATS)


def _plain(attribute: AttributeProto) -> Any:
    if attribute.type == AttributeProto.INT:
        return attribute.i
    if attribute.type == AttributeProto.FLOAT:
        return attribute.f
    if attribute.type == AttributeProto.STRING:
        return attribute.s.decode(errors="replace")
    return tuple(attribute.ints if attribute.type == AttributeProto.INTS else attribute.floats)


def _inner_kinds(nodes: Any) -> frozenset[str]:
    kinds: set[str] = set()
    waiting = [attribute.g for node in nodes for attribute in node.attribute if attribute.HasField("g")]
    while waiting:
        graph = waiting.pop()
        for node in graph.node:
            kinds.add(node.op_type)
            waiting += [attribute.g for attribute in node.attribute if attribute.HasField("g")]
    return frozenset(kinds)


def _dtype(number: int) -> str:
    try:
        name: str = TensorProto.DataType.Name(number).lower()
    except ValueError:
        return "unknown"
    return _NUMPY_NAMES.get(name, name)


def _spec(value: ValueInfoProto) -> TensorSpec:
    tensor = value.type.tensor_type
    axes = tuple(dim.dim_value if dim.dim_value > 0 else (dim.dim_param[:60] or None) for dim in tensor.shape.dim)
    return TensorSpec(value.name, axes, _dtype(tensor.elem_type))


def _declared_shapes(model: ModelProto) -> dict[str, Shape]:
    graph = model.graph
    values = (*graph.value_info, *graph.input, *graph.output)
    return {v.name: _lengths(v) for v in values if v.type.tensor_type.HasField("shape")}


def _lengths(value: ValueInfoProto) -> Shape:
    return tuple(dim.dim_value if dim.dim_value > 0 else None for dim in value.type.tensor_type.shape.dim)


def _metadata(model: ModelProto) -> dict[str, str]:
    entries = list(model.metadata_props)[:MOST_METADATA]
    return {entry.key[:200]: entry.value for entry in entries if len(entry.value) <= LONGEST_METADATA}


def _infer(model: ModelProto, declared: Mapping[str, Shape], sizes: PictureSizes) -> Mapping[str, Shape]:
    """Shapes of all tensors when the inputs have the given ones; the declared ones where inference fails."""
    for value in model.graph.input:
        if value.name in sizes:
            for dim, length in zip(value.type.tensor_type.shape.dim, sizes[value.name], strict=True):
                dim.dim_value = length
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except (onnx.shape_inference.InferenceError, EncodeError, ValueError, RuntimeError):
        return declared
    known = _declared_shapes(inferred)
    return {**declared, **{name: shape for name, shape in known.items() if None not in shape or name not in declared}}
