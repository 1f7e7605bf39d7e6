"""``inferoscope inspect``: what a model file is, why the program thinks so, and how to correct it."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.cards import ColourOrder, Fit, InputSpec, ModelCard, Task, TensorSpec
from engine.cards_json import card_json
from engine.cli.files import model_path
from engine.library.corrections import parse_settings
from engine.library.identify import correct, forget, identify

_WIDTH = 100
_NAMED_CLASSES = 8
_LONGEST_AXIS = 12

_TASKS = {
    Task.DETECT: "finds objects",
    Task.SEGMENT: "finds objects and their outlines",
    Task.POSE: "finds objects and their keypoints",
    Task.OBB: "finds objects with oriented boxes",
    Task.CLASSIFY: "says what a picture shows",
    Task.SEMANTIC: "gives every pixel a class",
    Task.FACE: "finds faces and their landmarks",
}
_FITS = {
    Fit.LETTERBOX_CENTRE: "fitted in whole, centred",
    Fit.LETTERBOX_TOP_LEFT: "fitted in whole, top left",
    Fit.STRETCH: "stretched",
    Fit.CROP: "cut at the longer sides",
}
_COLOURS = {ColourOrder.BGR: "BGR", ColourOrder.RGB: "RGB", ColourOrder.GREY: "grey"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this sub-command."""
    parser.add_argument("model", type=model_path, metavar="MODEL", help="an .onnx file, an OpenVINO .xml, or demo")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="correct what was found, now and whenever this file is used: family=yolox, size=640x480, fit=stretch, "
        "pad=114, colour=bgr, mean=.., scale=.., batch=1, names=FILE, or an option of the decoder; may be repeated",
    )
    parser.add_argument("--forget", action="store_true", help="forget earlier corrections of this file")
    parser.add_argument("--json", action="store_true", help="print the card as one JSON document (docs/json.md)")


def run(arguments: argparse.Namespace) -> int:
    """Print the card; the exit status says how it ended."""
    path: Path = arguments.model
    if arguments.forget:
        forget(path)
    card = correct(path, parse_settings(arguments.set)) if arguments.set else identify(path)
    if arguments.json:
        print(json.dumps(card_json(card), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        print("\n".join(_clean(line) for line in _lines(card)))
    return 0


def _clean(line: str) -> str:
    """Without what would steer a terminal: names in a model are a stranger's words."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _lines(card: ModelCard) -> Iterator[str]:
    """The card as a person reads it."""
    sure = "corrected" if card.corrected else f"{card.confidence:.0%} sure"
    yield f"{card.family_title}: {_TASKS[card.task]} ({sure})"
    yield ""
    yield from _row("file", f"{card.path.name}, {_size(card.model_bytes)}, {_format(card)}")
    yield from _row("family", f"{card.family}, task {card.task.value}")
    yield from _row("picture", _picture(card.input))
    for extra in card.input.extra_inputs:
        yield from _row("", f"and {extra.name}: {extra.rule.replace('_', ' ')}")
    yield from _tensors("inputs", card.inputs)
    yield from _tensors("outputs", card.outputs)
    yield from _row("classes", _classes(card))
    if card.keypoint_names:
        yield from _row("keypoints", f"{len(card.keypoint_names)}: {', '.join(card.keypoint_names)}")
    yield from _section("Why", card.evidence)
    yield from _section("Note", card.warnings)
    yield from _section("Please tell", card.questions)


def _row(title: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=f"  {title:<11}", subsequent_indent=" " * 13)


def _tensors(title: str, tensors: Sequence[TensorSpec]) -> Iterator[str]:
    widest = max((len(tensor.name) for tensor in tensors), default=0)
    for index, tensor in enumerate(tensors):
        yield f"  {'' if index else title:<11}{tensor.name:<{widest}}  {_shape(tensor)} {tensor.dtype}"


def _section(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield ""
        yield title
    for sentence in sentences:
        yield from textwrap.wrap(sentence, _WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


def _format(card: ModelCard) -> str:
    kind = f"ONNX, opset {card.opset}" if card.file_format == "onnx" else "OpenVINO IR"
    return f"{kind}, weights in {card.stored_precision.upper()}"


def _picture(spec: InputSpec) -> str:
    fit = _FITS[spec.fit]
    if spec.fit in (Fit.LETTERBOX_CENTRE, Fit.LETTERBOX_TOP_LEFT):
        fit += f", border {'/'.join(str(channel) for channel in dict.fromkeys(spec.pad_bgr))}"
    free = f" ({', '.join(spec.free_axes)} free)" if spec.free_axes else ""
    return f"{spec.width}x{spec.height}{free}, {fit}; {_COLOURS[spec.colour_order]}, {_scaling(spec)}"


def _scaling(spec: InputSpec) -> str:
    mean, scale = (_numbers(values) for values in (spec.mean, spec.scale))
    if not any(spec.mean) and set(spec.scale) <= {1.0, 255.0} and len(set(spec.scale)) == 1:
        return "0 to 255" if spec.scale[0] == 1.0 else "0 to 1"
    return f"(pixel - {mean}) / {scale}"


def _numbers(values: Sequence[float]) -> str:
    return "/".join(f"{value:g}" for value in (values if len(set(values)) > 1 else values[:1]))


def _shape(tensor: TensorSpec) -> str:
    """As in 1x3x640x640; a free axis by its name, or "?" where that is one that an exporter made up."""
    names = (
        length if isinstance(length, int) or (length and len(length) <= _LONGEST_AXIS) else "?"
        for length in tensor.shape
    )
    return "x".join(str(name) for name in names)


def _classes(card: ModelCard) -> str:
    if not card.class_names:
        return "numbers: how many there are does not show in the graph"
    names = ", ".join(card.class_names[:_NAMED_CLASSES])
    more = ", .." if len(card.class_names) > _NAMED_CLASSES else ""
    return f"{len(card.class_names)}: {names}{more} (from {card.class_names_from})"
