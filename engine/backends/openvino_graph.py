"""An OpenVINO model that takes the pixels as they are: shapes settled, pre-processing part of the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino as ov
from openvino.preprocess import ColorFormat, PrePostProcessor

from engine.cards import ColourOrder, InputSpec, ModelCard, TensorLayout
from engine.errors import BackendError

_COLOURS = {ColourOrder.RGB: ColorFormat.RGB, ColourOrder.GREY: ColorFormat.GRAY}


def read_prepared(core: ov.Core, card: ModelCard) -> ov.Model:
    """Read a model, settle its free axes as the card says, and let it take bytes: see ``takes_planes``.

    Raises:
        BackendError: The card does not fit the model.
        RuntimeError: OpenVINO cannot read it.
    """
    model = core.read_model(card.path)
    name_ports(model)
    _settle_shapes(model, card)
    return _with_preprocessing(model, card.input)


def output_names(compiled: ov.CompiledModel, card: ModelCard) -> list[str]:
    """The card's name of each output; a tensor may have several names in OpenVINO."""
    wanted = {spec.name for spec in card.outputs}
    return [next((name for name in sorted(port.names) if name in wanted), port.any_name) for port in compiled.outputs]


def name_ports(model: ov.Model) -> None:
    """Tensors of an IR may be nameless; they are called after their node then, as in ``library.ir_file``."""
    for port in (*model.inputs, *(result.input_value(0) for result in model.get_results())):
        if not port.get_names():
            node = port.get_node()
            name = node.get_friendly_name()
            port.set_names({name if node.get_output_size() == 1 else f"{name}.{port.get_index()}"})


def _settle_shapes(model: ov.Model, card: ModelCard) -> None:
    wanted = {extra.name: list(extra.shape) for extra in card.input.extra_inputs}
    shapes: dict[str, Any] = {}
    for port in model.inputs:
        name = port.get_any_name()
        if card.input.name in port.get_names():
            shape = _picture_shape(port.get_partial_shape(), card)
        else:
            extra = next((extra for extra in port.get_names() if extra in wanted), None)
            if extra is None:
                raise _unfilled(name, card)
            shape = wanted[extra]
        if port.get_partial_shape() != ov.PartialShape(shape):
            shapes[name] = ov.PartialShape(shape)
    if shapes:
        model.reshape(shapes)


def _picture_shape(declared: ov.PartialShape, card: ModelCard) -> list[int]:
    spec = card.input
    if declared.rank.is_static and len(declared) != 4:
        raise BackendError(
            f"The input {spec.name} has the shape {declared}",
            subject=card.path.name,
            expected="four axes: batch, channels, height, width",
            remedy="Export the model again with a picture as its input",
        )
    channels = 1 if spec.colour_order is ColourOrder.GREY else 3
    if spec.layout is TensorLayout.NCHW:
        return [spec.batch, channels, spec.height, spec.width]
    return [spec.batch, spec.height, spec.width, channels]


def _unfilled(name: str, card: ModelCard) -> BackendError:
    return BackendError(
        f"The model has an input that the card does not fill: {name}",
        subject=card.path.name,
        expected="a picture, and inputs with known values",
        remedy="Export the model with a picture as its only input",
    )


def takes_planes(spec: InputSpec) -> bool:
    """Whether the graph is given planes of bytes in the model's colour order rather than the canvas itself.

    Splitting the canvas outside takes 0.01 to 0.03 ms. Inside, the turn from NHWC to NCHW is free where the first
    convolution takes it over; elsewhere it is not. CPU ms a picture on one core, planes against canvas, medians of 60:
    yolox_nano 9.0 and 9.0, in RGB 9.1 and 9.9, nanodet 10.5 and 10.9, yunet 6.4 and 6.5, YOLO11n 34.9 and 35.2.
    """
    return spec.layout is TensorLayout.NCHW and spec.colour_order is not ColourOrder.GREY


def _with_preprocessing(model: ov.Model, spec: InputSpec) -> ov.Model:
    processor = PrePostProcessor(model)
    picture = processor.input(spec.name)
    picture.tensor().set_element_type(ov.Type.u8)
    picture.model().set_layout(ov.Layout(spec.layout))
    steps = picture.preprocess()
    if not np.issubdtype(np.dtype(spec.dtype), np.integer):
        steps.convert_element_type(ov.Type.f32)
    if takes_planes(spec):
        picture.tensor().set_layout(ov.Layout("NCHW"))
    else:
        picture.tensor().set_layout(ov.Layout("NHWC")).set_color_format(ColorFormat.BGR)
        if spec.colour_order in _COLOURS:
            steps.convert_color(_COLOURS[spec.colour_order])
    channels = 1 if spec.colour_order is ColourOrder.GREY else 3
    if any(spec.mean[:channels]):
        steps.mean(list(spec.mean[:channels]))
    if any(value != 1.0 for value in spec.scale[:channels]):
        steps.scale(list(spec.scale[:channels]))
    for index, port in enumerate(model.outputs):
        if port.get_element_type() == ov.Type.bf16:  # numpy has no such type
            processor.output(index).tensor().set_element_type(ov.Type.f32)
    return processor.build()
