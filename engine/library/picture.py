"""Finds the input that takes pictures, and refuses networks that take none."""

from __future__ import annotations

from dataclasses import dataclass

from engine.cards import TensorLayout, TensorSpec
from engine.errors import ModelError
from engine.library.graph import Graph
from engine.library.metadata import clean_name
from engine.library.tracing import WEIGHTED, permutation, weight_shape

LARGEST_SIDE = 8192
LARGEST_BATCH = 256

_LANGUAGE = ("input_ids", "attention_mask", "token_type_ids", "past_key_values", "position_ids", "inputs_embeds")
_AUDIO = ("input_features", "audio", "mel", "wav", "speech", "spectrogram", "fbank")
_PICTURE_TYPES = ("float32", "float16", "uint8", "float64", "bfloat16", "int8")
_EXPECTED = "a model with a picture input of 1 or 3 channels, such as 1x3x640x640"
_REMEDY = "Choose a model for detection, segmentation, pose or classification"


@dataclass(frozen=True, slots=True)
class PictureInput:
    """The input that takes pictures. ``batch``, ``height`` and ``width`` are None where free."""

    spec: TensorSpec
    layout: TensorLayout
    channels: int
    batch: int | None
    height: int | None
    width: int | None

    def shape(self, size: tuple[int, int]) -> tuple[int, ...]:
        """Its shape for a (height, width), one picture where the batch is free."""
        batch = self.batch or 1
        if self.layout is TensorLayout.NHWC:
            return (batch, *size, self.channels)
        return (batch, self.channels, *size)

    @property
    def free_axes(self) -> tuple[str, ...]:
        """Which of "batch", "height" and "width" the file leaves free."""
        axes = {"batch": self.batch, "height": self.height, "width": self.width}
        return tuple(name for name, length in axes.items() if length is None)


def find_picture(graph: Graph, subject: str) -> PictureInput:
    """The picture input of a graph.

    Raises:
        ModelError: It takes text, sound, or nothing that could be a picture.
    """
    names = [spec.name.lower() for spec in graph.inputs]
    if any(name.startswith(_LANGUAGE) for name in names):
        raise ModelError("This is a language model: it takes text", subject=subject, expected=_EXPECTED, remedy=_REMEDY)
    for spec in graph.inputs:
        picture = _as_picture(graph, spec)
        if picture:
            return _checked(picture, subject)
    if any(word in name for name in names for word in _AUDIO):
        raise ModelError("This is an audio model: it takes sound", subject=subject, expected=_EXPECTED, remedy=_REMEDY)
    if any(len(spec.shape) == 3 and spec.shape[0] == 3 for spec in graph.inputs):
        raise ModelError(
            "The picture goes in without a batch axis",
            subject=subject,
            expected="an input such as 1x3x640x640",
            remedy="Export the model again with an example of four axes",
        )
    taken = ", ".join(f"{clean_name(spec.name)} {_shape_text(spec)}" for spec in graph.inputs[:5])
    raise ModelError(
        f"The model takes no picture, its inputs are: {taken or 'none'}",
        subject=subject,
        expected=_EXPECTED,
        remedy=_REMEDY,
    )


def _checked(picture: PictureInput, subject: str) -> PictureInput:
    if max(picture.height or 0, picture.width or 0) > LARGEST_SIDE or (picture.batch or 0) > LARGEST_BATCH:
        raise ModelError(
            f"The model takes pictures of {_shape_text(picture.spec)}, which is too large",
            subject=subject,
            expected=f"at most {LARGEST_SIDE}x{LARGEST_SIDE} pixels and {LARGEST_BATCH} pictures at once",
            remedy="Export the model again",
        )
    return picture


def _shape_text(spec: TensorSpec) -> str:
    return "x".join("?" if n is None else str(n) for n in spec.shape) or "(no shape)"


def _as_picture(graph: Graph, spec: TensorSpec) -> PictureInput | None:
    if len(spec.shape) != 4 or spec.dtype not in _PICTURE_TYPES:
        return None
    layout = _layout(graph, spec)
    if layout is None:
        return None
    axes = [n if isinstance(n, int) else None for n in spec.shape]
    if layout is TensorLayout.NHWC:
        batch, height, width, channels = axes
    else:
        batch, channels, height, width = axes
    return PictureInput(spec, layout, channels or 3, batch, height, width)


def _layout(graph: Graph, spec: TensorSpec) -> TensorLayout | None:
    """Where the channels are: at the axis of 1 or 3, else where the first layers expect them."""
    _, second, _, last = spec.shape
    if second in (1, 3) and last not in (1, 3):
        return TensorLayout.NCHW
    if last in (1, 3) and second not in (1, 3):
        return TensorLayout.NHWC
    if isinstance(second, int) and isinstance(last, int) and second not in (1, 3):
        return None
    return _layout_of_first_layer(graph, spec.name)


def _layout_of_first_layer(graph: Graph, tensor: str) -> TensorLayout | None:
    """Follow the input to its first layer; a transpose from NHWC on the way tells."""
    waiting, seen = [tensor], {tensor}
    for _ in range(60):
        if not waiting:
            return None
        for node in graph.consumers.get(waiting.pop(0), ()):
            if node.kind == "Transpose" and permutation(graph, node) == (0, 3, 1, 2):
                return TensorLayout.NHWC
            shape = weight_shape(graph, node) if node.kind in WEIGHTED else None
            if shape and len(shape) == 4 and shape[1] in (1, 3):
                return TensorLayout.NCHW
            fresh = [name for name in node.outputs if name not in seen]
            seen.update(fresh)
            waiting += fresh
    return None
