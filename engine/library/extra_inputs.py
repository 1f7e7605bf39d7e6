"""Inputs beside the picture: recognised by name, type and shape, and filled with constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.cards import ExtraInput, InputSpec, TensorSpec
from engine.errors import ModelError
from engine.library.metadata import clean_name

_INTEGERS = ("int64", "int32")
_LARGEST = 2**22


@dataclass(frozen=True, slots=True)
class Rule:
    """What an input is filled with. ``values`` gives one picture's numbers for the canvas."""

    name: str
    words: tuple[str, ...]
    columns: tuple[int, ...]
    values: Callable[[InputSpec], tuple[float, ...]]


def _hw(spec: InputSpec) -> tuple[float, ...]:
    return (float(spec.height), float(spec.width))


_SIZES = (
    Rule("canvas_wh", ("target_size",), (2,), lambda spec: (float(spec.width), float(spec.height))),
    Rule("canvas_hw", ("im_shape", "image_shape", "img_shape", "image_size", "orig_size"), (2,), _hw),
    Rule("canvas_hw_scale", ("im_info", "image_info", "img_info"), (3,), lambda spec: (*_hw(spec), 1.0)),
    Rule("unit_scale", ("scale_factor", "im_scale"), (1, 2), lambda _: (1.0, 1.0)),
)
"""RT-DETR: ``orig_target_sizes`` is width, height. PaddleDetection: ``im_shape`` is height, width, ``scale_factor``
what the picture was scaled by. OpenVINO's Faster R-CNN: ``image_info`` is height, width, scale."""

_NUMBERS = (
    (("iou",), 0.5),
    (("score", "conf"), 0.01),
    (("max",), 300.0),
)
"""Parameters of NMS in the graph: generous, since thresholds are applied to what comes out."""


def fill_extra_inputs(inputs: tuple[TensorSpec, ...], spec: InputSpec, subject: str) -> tuple[ExtraInput, ...]:
    """Constants for every input beside the picture.

    Raises:
        ModelError: There is an input of which nothing is known.
    """
    return tuple(_fill(tensor, spec, subject) for tensor in inputs if tensor.name != spec.name)


def _fill(tensor: TensorSpec, spec: InputSpec, subject: str) -> ExtraInput:
    found = next(_fillings(tensor, spec), None)
    if found is None:
        shape = "x".join("?" if n is None else str(n) for n in tensor.shape) or "1"
        raise ModelError(
            f"The model asks for an input {clean_name(tensor.name)} ({shape} {tensor.dtype}) beside the picture, "
            "of which nothing is known",
            subject=subject,
            expected="a picture alone, or with sizes or thresholds",
            remedy="Export the model with this input fixed",
        )
    return found


def _fillings(tensor: TensorSpec, spec: InputSpec) -> Iterator[ExtraInput]:
    name = tensor.name.lower()
    for rule in _SIZES:
        columns = tensor.shape[-1] if tensor.shape else None
        if any(word in name for word in rule.words) and columns in (*rule.columns, None):
            one = rule.values(spec)[: columns if isinstance(columns, int) else None]
            yield _rows(tensor, one, spec, rule.name)
    if "mask" in name and len(tensor.shape) == 3:
        yield _mask(tensor, spec)
    for words, number in _NUMBERS:
        if len(tensor.shape) <= 1 and any(word in name for word in words):
            shape = (1,) if tensor.shape else ()
            yield ExtraInput(tensor.name, (number,), shape, tensor.dtype, "constant")
    if tensor.dtype in _INTEGERS and len(tensor.shape) == 2 and tensor.shape[1] == 2:
        yield _rows(tensor, _SIZES[0].values(spec), spec, _SIZES[0].name)


def _rows(tensor: TensorSpec, one: tuple[float, ...], spec: InputSpec, rule: str) -> ExtraInput:
    """The same numbers for each picture of the batch."""
    if len(tensor.shape) == 1:
        return ExtraInput(tensor.name, one, (len(one),), tensor.dtype, rule)
    batch = tensor.shape[0] if isinstance(tensor.shape[0], int) else spec.batch
    return ExtraInput(tensor.name, one * batch, (batch, len(one)), tensor.dtype, rule)


def _mask(tensor: TensorSpec, spec: InputSpec) -> ExtraInput:
    """Ones: every pixel of the canvas is part of the picture."""
    free = (spec.batch, spec.height, spec.width)
    shape = tuple(n if isinstance(n, int) else other for n, other in zip(tensor.shape, free, strict=True))
    count = min(shape[0] * shape[1] * shape[2], _LARGEST)
    return ExtraInput(tensor.name, (1.0,) * count, shape, tensor.dtype, "ones")
