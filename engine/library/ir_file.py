"""Reads OpenVINO IR files (.xml with .bin) into the neutral form, without OpenVINO.

Layout: https://docs.openvino.ai/2025/documentation/openvino-ir-format.html. The XML is data from strangers: document
types and entities are refused, and size, depth and counts are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from engine.cards import TensorSpec
from engine.errors import ModelError
from engine.library.graph import SMALL, Constant, Graph, Node, Shape, has_circle

LARGEST_XML = 256 * 2**20
MOST_LAYERS = 200_000
DEEPEST = 64
LONGEST_METADATA = 2_000_000
OLDEST_VERSION, NEWEST_VERSION = 10, 11

_NO_CHARACTER = re.compile(rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));", re.IGNORECASE)
"""Control characters, which OpenVINO writes where metadata holds them and XML does not allow."""

_KINDS = {
    "Convolution": "Conv",
    "GroupConvolution": "Conv",
    "BinaryConvolution": "Conv",
    "ConvolutionBackpropData": "ConvTranspose",
    "GroupConvolutionBackpropData": "ConvTranspose",
    "Multiply": "Mul",
    "Subtract": "Sub",
    "Divide": "Div",
    "Power": "Pow",
    "SoftMax": "Softmax",
    "Convert": "Cast",
    "ConvertLike": "Cast",
    "Interpolate": "Resize",
    "VariadicSplit": "Split",
    "Broadcast": "Expand",
    "BatchNormInference": "BatchNormalization",
    "Maximum": "Max",
    "Minimum": "Min",
    "StridedSlice": "Slice",
    "ScatterNDUpdate": "ScatterND",
    "FloorMod": "Mod",
}
"""OpenVINO's name of an operation -> ONNX's. The rest is called alike or has no ONNX name."""

_DTYPES = {
    "f32": "float32", "fp32": "float32", "f16": "float16", "fp16": "float16", "f64": "float64", "fp64": "float64",
    "bf16": "bfloat16", "boolean": "bool", "bool": "bool",
    "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64",
    "u8": "uint8", "u16": "uint16", "u32": "uint32", "u64": "uint64", "i4": "int4", "u4": "uint4",
}  # fmt: skip


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: dict[str, str]
    children: list[_Element] = field(default_factory=list)
    text: str = ""

    def first(self, tag: str) -> _Element | None:
        return next((child for child in self.children if child.tag == tag), None)

    def under(self, tag: str) -> list[_Element]:
        found = self.first(tag)
        return found.children if found else []


def read_ir(data: bytes, weights: Path) -> Graph:
    """The neutral form of an IR.

    Args:
        data: Contents of the .xml.
        weights: The .bin beside it.

    Raises:
        ModelError: The file is no IR, is damaged, or of a version that is not read.
    """
    path = weights.with_suffix(".xml")
    root = _parse(data, path)
    if root.tag != "net" or root.first("layers") is None:
        raise _not_ir(path, f"its root is <{root.tag[:40]}>")
    version = root.attributes.get("version", "")
    if not version.isdecimal() or not OLDEST_VERSION <= int(version) <= NEWEST_VERSION:
        raise ModelError(
            f"The OpenVINO IR has version {version[:20]!r}",
            subject=str(path),
            expected=f"version {OLDEST_VERSION} or {NEWEST_VERSION}",
            remedy="Convert the model again with a current OpenVINO",
        )
    try:
        return _Reader(root, weights).graph()
    except (KeyError, ValueError, IndexError) as error:
        raise _not_ir(path, repr(error)) from error


def _not_ir(path: Path, detail: str) -> ModelError:
    return ModelError(
        "The file is not an OpenVINO IR, or it is damaged",
        subject=str(path),
        expected="an .xml written by OpenVINO",
        remedy="Convert the model again, or copy both files again",
        detail=detail,
    )


def _parse(data: bytes, path: Path) -> _Element:
    """A tree of elements; anything but plain elements is refused."""
    if len(data) > LARGEST_XML:
        raise _not_ir(path, f"more than {LARGEST_XML} bytes")
    top = _Element("", {})
    open_elements = [top]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(open_elements) > DEEPEST:
            raise ValueError("elements are nested too deeply")
        element = _Element(tag, attributes)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def text(characters: str) -> None:
        open_elements[-1].text += characters.strip()

    def refuse(*_: Any) -> None:
        raise ValueError("document types and entities are refused")

    data = _NO_CHARACTER.sub(b" ", data)
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_elements.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        raise _not_ir(path, str(error)) from error
    return top.children[0]


class _Reader:
    """Turns layers, ports and edges into named tensors."""

    def __init__(self, root: _Element, weights: Path) -> None:
        self._weights = weights
        self._size = weights.stat().st_size
        self._layers = root.under("layers")
        self._rt_info = root.first("rt_info")
        if len(self._layers) > MOST_LAYERS:
            raise ValueError(f"more than {MOST_LAYERS} layers")
        self._sources = {
            (edge.attributes["to-layer"], edge.attributes["to-port"]): (
                edge.attributes["from-layer"],
                edge.attributes["from-port"],
            )
            for edge in root.under("edges")
        }
        self._names: dict[tuple[str, str], str] = {}
        self._shapes: dict[str, Shape] = {}
        self._dtypes: dict[str, str] = {}
        for layer in self._layers:
            self._name_outputs(layer)

    def _name_outputs(self, layer: _Element) -> None:
        ports = layer.under("output")
        for index, port in enumerate(ports):
            own = layer.attributes.get("name", layer.attributes["id"])
            names = port.attributes.get("names", "")
            name = _first_name(names) or (own if len(ports) == 1 else f"{own}.{index}")
            if name in self._shapes:
                name = f"{name}#{layer.attributes['id']}.{index}"
            self._names[layer.attributes["id"], port.attributes["id"]] = name
            self._shapes[name] = _dims(port)
            self._dtypes[name] = _dtype(port.attributes.get("precision", ""))

    def graph(self) -> Graph:
        nodes, constants, inputs, outputs = [], {}, [], []
        for layer in self._layers:
            kind = layer.attributes["type"]
            if kind == "Const":
                name = self._outputs(layer)[0]
                constants[name] = self._constant(layer)
            elif kind == "Parameter":
                inputs.append(self._input(layer))
            elif kind == "Result":
                outputs.append(self._output(layer))
            else:
                nodes.append(self._node(layer, _KINDS.get(kind, kind)))
        nodes += [node for node, _ in outputs if node]
        if has_circle(nodes):
            raise ValueError("its layers form a circle")
        return Graph(
            file_format="openvino_ir",
            opset=0,
            producer="OpenVINO",
            inputs=tuple(inputs),
            outputs=tuple(spec for _, spec in outputs),
            nodes=tuple(nodes),
            constants=constants,
            shapes=self._shapes,
            metadata=dict(self._metadata()),
            inner_kinds=frozenset(self._inner_kinds()),
        )

    def _outputs(self, layer: _Element) -> tuple[str, ...]:
        return tuple(self._names[layer.attributes["id"], port.attributes["id"]] for port in layer.under("output"))

    def _inputs(self, layer: _Element) -> tuple[str, ...]:
        own = layer.attributes["id"]
        return tuple(self._names[self._sources[own, port.attributes["id"]]] for port in layer.under("input"))

    def _node(self, layer: _Element, kind: str) -> Node:
        data = layer.first("data")
        attributes = {key: _plain(value) for key, value in data.attributes.items()} if data else {}
        return Node(kind, self._inputs(layer), self._outputs(layer), attributes)

    def _input(self, layer: _Element) -> TensorSpec:
        name = self._outputs(layer)[0]
        return TensorSpec(name, self._shapes[name], self._dtypes[name])

    def _output(self, layer: _Element) -> tuple[Node | None, TensorSpec]:
        """The output's declaration, with an Identity where its name is not that of the tensor it hands out."""
        source = self._inputs(layer)[0]
        name = _first_name(layer.attributes.get("output_names", "")) or source
        spec = TensorSpec(name, self._shapes[source], self._dtypes[source])
        if name == source:
            return None, spec
        self._shapes[name] = self._shapes[source]
        return Node("Identity", (source,), (name,)), spec

    def _constant(self, layer: _Element) -> Constant:
        data = layer.first("data")
        if data is None:
            raise ValueError("a constant has no data")
        shape = tuple(int(n) for n in data.attributes.get("shape", "").split(",") if n.strip())
        dtype = _dtype(data.attributes["element_type"])
        offset, size = int(data.attributes["offset"]), int(data.attributes["size"])
        if offset + size > self._size:
            raise ModelError(
                "The weights of the OpenVINO model are cut short",
                subject=str(self._weights.with_suffix(".xml")),
                expected=f"{offset + size} bytes or more, it has {self._size}",
                remedy="Copy both files of the model again",
            )
        constant = Constant(shape, dtype)
        if constant.count > SMALL or dtype not in np.sctypeDict:
            return constant
        return Constant(shape, dtype, partial(_numbers, self._weights, offset, shape, dtype))

    def _inner_kinds(self) -> Iterator[str]:
        for layer in self._layers:
            for part in layer.children:
                if part.tag in ("body", "then_body", "else_body"):
                    yield from (
                        _KINDS.get(inner.attributes["type"], inner.attributes["type"]) for inner in part.under("layers")
                    )

    def _metadata(self) -> Iterator[tuple[str, str]]:
        """Pairs of the sections "framework" (kept from ONNX, keys as they were) and "model_info" ("model_info KEY")."""
        for section in self._rt_info.children if self._rt_info else ():
            prefix = "" if section.tag == "framework" else f"{section.tag} "
            for entry in section.children[:256]:
                value = entry.attributes.get("value", entry.text)
                if len(value) <= LONGEST_METADATA:
                    yield f"{prefix}{entry.attributes.get('name', entry.tag)}", value


def _numbers(weights: Path, offset: int, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    count = int(np.prod(shape, dtype=np.int64))
    return np.fromfile(weights, np.dtype(dtype), count, offset=offset).reshape(shape)


def _first_name(names: str) -> str:
    return names.replace("\\,", "\0").split(",")[0].replace("\0", ",")


def _dims(port: _Element) -> Shape:
    lengths = (dim.text for dim in port.children if dim.tag == "dim")
    return tuple(int(text) if text.isdecimal() and int(text) > 0 else None for text in lengths)


def _dtype(name: str) -> str:
    return _DTYPES.get(name.lower(), name.lower())


def _plain(value: str) -> Any:
    """An attribute as number, tuple of numbers or text."""
    parts = [part.strip() for part in value.split(",")]
    try:
        numbers: tuple[float, ...] = tuple(int(part) for part in parts)
    except ValueError:
        try:
            numbers = tuple(float(part) for part in parts)
        except ValueError:
            return value
    return numbers[0] if len(numbers) == 1 else numbers
