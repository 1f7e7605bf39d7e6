"""Classifiers of whole pictures: logits or scores, one a class.

Pictures: torchvision/transforms (``ImageClassification``), ultralytics/data/augment.py (``classify_transforms``).
"""

from __future__ import annotations

from engine.cards import Fit, Task, TensorLayout
from engine.library.candidate import IMAGENET_MEAN, IMAGENET_SCALE, UNIT, Candidate, Convention, Triple
from engine.library.facts import Facts, Output
from engine.library.rules.yolo_heads import title
from engine.library.tracing import PASSING, RESHAPING, kind_of, stem, tail

_IMAGENET = Convention(fit=Fit.CROP, pad_bgr=(0, 0, 0), mean=IMAGENET_MEAN, scale=IMAGENET_SCALE, size=224)
_UNIT = Convention(fit=Fit.CROP, pad_bgr=(0, 0, 0), scale=UNIT, size=224)
_FULLY_CONNECTED = ("Gemm", "MatMul", "MatMulInteger", "QLinearMatMul")
_CENTRED: Triple = (127.5, 127.5, 127.5)
_SYMMETRIC = Convention(fit=Fit.CROP, pad_bgr=(0, 0, 0), mean=_CENTRED, scale=_CENTRED, size=224)


def recognise(facts: Facts) -> Candidate | None:
    """(B, C) or (B, C, 1, 1), alone."""
    output = facts.only
    if output is None or not output.is_float or not _is_vector(output):
        return None
    classes = output.shape[1]
    last = kind_of(facts.graph, output.name, PASSING | RESHAPING)
    logits = last not in ("Softmax", "Sigmoid")
    roles, options = {"output": output.name}, {"softmax": logits}
    found = Candidate("classifier", title(facts, "Classifier"), Task.CLASSIFY, roles, options, _IMAGENET, classes)
    found.known_sets = ("imagenet", "imagenet_1001")
    found.support(0.4, f"The only output is one number for each of {classes or 'some'} classes")
    found.evidence.append(f"It ends with {last}: scores" if not logits else "It does not end with Softmax: logits")
    _weigh(found, facts, last)
    _choose_convention(found, facts)
    return found


def _is_vector(output: Output) -> bool:
    if output.rank == 4:
        return output.shape[2:] == (1, 1) and (output.shape[1] or 0) > 1
    return output.rank == 2 and (output.shape[1] is None or output.shape[1] > 1)


def _weigh(found: Candidate, facts: Facts, last: str) -> None:
    if last == "Softmax":
        found.support(0.5, "A softmax over the classes is what classifiers end with")
    if found.classes in (1000, 1001):
        found.support(0.6, f"{found.classes} classes are those of ImageNet")
    if facts.notes.task is Task.CLASSIFY:
        found.support(0.7, "The metadata says the task is classify")
    if facts.notes.names and len(facts.notes.names) == found.classes:
        found.support(0.5, f"The metadata names {found.classes} classes, as many as the outputs have")
    if any(node.kind in _FULLY_CONNECTED for node in tail(facts.graph, found.roles["output"]).sources):
        found.support(0.4, "It ends with a fully connected layer")
    if "NonMaxSuppression" in facts.graph.kinds:
        found.oppose(0.8)


def _choose_convention(found: Candidate, facts: Facts) -> None:
    """Pictures as Ultralytics, Keras or torchvision prepare them; where only habit speaks, a question."""
    if facts.notes.task is Task.CLASSIFY:
        found.convention = _UNIT
        return
    if facts.picture.spec.dtype == "uint8":
        return
    first = stem(facts.graph, facts.picture.spec.name)
    if facts.picture.layout is TensorLayout.NHWC:
        found.convention = _SYMMETRIC
        found.questions.append("Which range do pixels have, -1 to 1 (taken) or another? (--set mean=.. --set scale=..)")
    elif first and first[-1] >= 14:
        found.questions.append(
            "Were pixels normalised as for ImageNet (taken), or to -1 to 1 (--set mean=127.5 --set scale=127.5)?"
        )
