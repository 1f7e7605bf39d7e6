"""Semantic segmentation: a class for every pixel, as logits or as labels.

Layout: torchvision/models/segmentation, transformers (``SegformerForSemanticSegmentation``), PaddleSeg
(whose ``Normalize`` takes 0.5 for mean and deviation), ultralytics (``SemanticSegment``).
"""

from __future__ import annotations

from dataclasses import replace

from engine.cards import Fit, Task
from engine.library.candidate import IMAGENET_MEAN, IMAGENET_SCALE, Candidate, Convention
from engine.library.facts import Facts, Output
from engine.library.rules.yolo_heads import title
from engine.library.tracing import PASSING, RESHAPING, kind_of, maker, origin

_IMAGENET = Convention(fit=Fit.STRETCH, pad_bgr=(0, 0, 0), mean=IMAGENET_MEAN, scale=IMAGENET_SCALE, size=512)
_UNIT = Convention(size=640)
_PADDLE = replace(_IMAGENET, mean=(127.5, 127.5, 127.5), scale=(127.5, 127.5, 127.5))
_MOST_CLASSES = 1000
_COARSEST = 32
_PICTURE_MAKERS = ("Tanh", "Clip", "Sigmoid", "Mul", "Add")
"""What ends a network whose three planes are colours."""


def recognise(facts: Facts) -> Candidate | None:
    """The first output that is a map: (B, C, H, W) of numbers, or (B, H, W) or (B, 1, H, W) of whole numbers."""
    for output in facts.outputs:
        if _is_labels(output, facts):
            return _labels(facts, output)
        if _is_logits(output, facts):
            return _logits(facts, output)
    return None


def _is_labels(output: Output, facts: Facts) -> bool:
    whole = not output.is_float and output.dtype != "bool"
    shaped = output.rank == 3 or (output.rank == 4 and output.shape[1] == 1)
    return whole and shaped and _covers(output.shape[-2:], facts)


def _is_logits(output: Output, facts: Facts) -> bool:
    channels = output.shape[1] if output.rank == 4 else None
    return (
        output.is_float
        and channels is not None
        and 2 <= channels <= _MOST_CLASSES
        and _covers(output.shape[-2:], facts)
    )


def _covers(shape: tuple[int | None, ...], facts: Facts) -> bool:
    """True where a map has the picture's shape, whole or divided alike."""
    (height, width), size = shape, facts.size
    if height is None or width is None or not facts.fixed_size:
        return True
    return (
        height > 1
        and width > 1
        and height * _COARSEST >= size[0]
        and abs(height * size[1] - width * size[0]) <= 2 * max(size)
    )


def _labels(facts: Facts, output: Output) -> Candidate:
    found = _candidate(facts, output, _classes_of_labels(facts, output), labels=True)
    found.support(0.5, "The output is a whole number for every pixel")
    node = maker(facts.graph, output.name, PASSING | RESHAPING)
    if node and node.kind in ("ArgMax", "TopK"):
        found.support(0.7, "It is the index of the largest of the classes (ArgMax)")
    return found


def _classes_of_labels(facts: Facts, output: Output) -> int | None:
    """Number of classes that the largest is picked from."""
    node = facts.graph.producers.get(origin(facts.graph, output.name, PASSING | RESHAPING))
    shape = facts.graph.shape(node.inputs[0]) if node and node.kind in ("ArgMax", "TopK") else None
    if node is None or shape is None:
        return None
    axis = int(node.attributes.get("axis", 0 if node.kind == "ArgMax" else 1))
    return shape[axis] if -len(shape) <= axis < len(shape) else None


def _logits(facts: Facts, output: Output) -> Candidate:
    channels = output.shape[1]
    found = _candidate(facts, output, channels, labels=False)
    found.support(
        0.4,
        f"The output has a plane for each of {channels} classes, {output.shape[3]}x{output.shape[2]} pixels",
    )
    if output.shape[2:] == facts.size:
        found.support(0.4, "Its planes have the size of the picture")
    if channels in (19, 21, 150):
        found.support(0.5, f"{channels} classes are usual for segmentation (Cityscapes, Pascal VOC, ADE20K)")
    if output.base_name in ("out", "logits", "output", "seg", "mask") and channels != 3:
        found.support(0.2, f"The output is named {output.name}")
    if channels == 3:
        makes_pictures = kind_of(facts.graph, output.name, PASSING) in _PICTURE_MAKERS
        found.oppose(0.9 if makes_pictures else 0.4)
        found.questions.append("Do the three planes stand for classes, or is the output a picture?")
    if facts.tables or len(facts.outputs) > 2:
        found.oppose(0.8)
    return found


def _candidate(facts: Facts, output: Output, classes: int | None, *, labels: bool) -> Candidate:
    noted = facts.notes.task is Task.SEMANTIC
    convention = _UNIT if noted else _PADDLE if from_paddle(facts) else _IMAGENET
    roles = {"output": output.name}
    name = title(facts, "Semantic segmentation")
    found = Candidate("semantic", name, Task.SEMANTIC, roles, {"labels": labels}, convention, classes)
    found.known_sets = ("voc_21", "cityscapes")
    if noted:
        found.support(0.7, "The metadata says the task is semantic segmentation")
    elif facts.notes.task is not None:
        found.oppose(0.9)
    return found


def from_paddle(facts: Facts) -> bool:
    """True where tensors have the names that PaddlePaddle gives."""
    names = (facts.graph.producer, *(output.name for output in facts.outputs))
    return any(word in name.lower() for name in names for word in ("paddle", "save_infer_model", ".tmp_"))
