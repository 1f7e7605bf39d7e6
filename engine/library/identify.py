"""Which model is this: a file in, a model card out. Goes by graph, shapes and metadata, never by the file's name."""

from __future__ import annotations

from pathlib import Path

from engine.cards import ModelCard, Task
from engine.errors import ModelError
from engine.library.candidate import Candidate
from engine.library.class_names import KEYPOINTS_COCO, LANDMARKS_FACE, SKELETON_COCO, NamedClasses, name_classes
from engine.library.facts import Facts, gather
from engine.library.input_settling import settle_input
from engine.library.model_file import ModelFile, read_model_file
from engine.library.rules.table import RULES
from engine.library.weights import stored_precision

_SURE = 0.8


def identify(path: Path) -> ModelCard:
    """Identify a model file.

    Args:
        path: An .onnx file, or the .xml of an OpenVINO IR.

    Raises:
        ModelError: The file is no vision model that the program reads; the message says why and what to do.
    """
    file = read_model_file(path)
    facts = gather(file.graph, str(path))
    candidates = _candidates(facts)
    if not candidates:
        raise _unknown(facts, path)
    best = candidates[0]
    confidence = _confidence(candidates)
    return _card(file, facts, best, confidence, _questions(candidates, confidence))


def _candidates(facts: Facts) -> list[Candidate]:
    found = [candidate for rule in RULES if (candidate := rule(facts))]
    return sorted(found, key=lambda candidate: -candidate.score)


def _confidence(candidates: list[Candidate]) -> float:
    """The best score, less where a rival comes close: two equal guesses are worth half."""
    best = candidates[0].score
    rival = candidates[1].score / best if len(candidates) > 1 and best else 0.0
    return round(best * (1.0 - 0.5 * rival**3), 3)


def _questions(candidates: list[Candidate], confidence: float) -> tuple[str, ...]:
    best = candidates[0]
    asked = list(best.questions)
    if confidence < _SURE and len(candidates) > 1:
        rivals = " or ".join(f"{c.title} (--set family={c.family})" for c in candidates[1:3])
        asked.append(f"Is it {best.title}, or {rivals}?")
    elif confidence < _SURE:
        asked.append(f"Is it {best.title}? If not, say --set family=FAMILY")
    return tuple(asked)


def _unknown(facts: Facts, path: Path) -> ModelError:
    outputs = "; ".join(
        f"{o.name} {'x'.join('?' if n is None else str(n) for n in o.shape)}" for o in facts.outputs[:6]
    )
    return ModelError(
        f"The outputs have no layout that the program knows: {outputs}",
        subject=str(path),
        expected="a detector, segmenter, pose model or classifier of a known family",
        remedy="Export it with the exporter's default head, or say what it is with --set family=FAMILY",
    )


def _card(file: ModelFile, facts: Facts, best: Candidate, confidence: float, questions: tuple[str, ...]) -> ModelCard:
    settled = settle_input(facts, best)
    classes = _names(facts, best)
    keypoints, skeleton = _keypoints(best)
    return ModelCard(
        path=file.path,
        sha256=file.sha256,
        model_bytes=file.model_bytes,
        file_format=file.graph.file_format,
        task=best.task,
        family=best.family,
        family_title=best.title,
        roles=best.roles,
        options=best.options,
        input=settled.spec,
        inputs=file.graph.inputs,
        outputs=file.graph.outputs,
        class_names=classes.names,
        class_names_from=classes.source,
        confidence=confidence,
        evidence=(*best.evidence, *settled.evidence),
        questions=questions,
        warnings=(*best.warnings, *settled.warnings, *classes.warnings),
        stored_precision=stored_precision(file.graph),
        keypoint_names=keypoints,
        skeleton=skeleton,
        opset=file.graph.opset,
        metadata=file.graph.metadata,
    )


def _names(facts: Facts, best: Candidate) -> NamedClasses:
    return name_classes(best.classes, [("metadata", facts.notes.names)], best.known_sets)


def _keypoints(best: Candidate) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    if best.task is Task.FACE:
        return LANDMARKS_FACE, ()
    if best.options.get("keypoints") == len(KEYPOINTS_COCO):
        return KEYPOINTS_COCO, SKELETON_COCO
    return (), ()
