"""Which model is this: a file in, a model card out. Goes by graph, shapes and metadata, never by the file's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from engine.cards import InputSpec, ModelCard, Task
from engine.library.candidate import Candidate
from engine.library.choosing import choose, take
from engine.library.class_names import KEYPOINTS_COCO, LANDMARKS_FACE, SKELETON_COCO, Offer, name_classes
from engine.library.correcting import FAMILY, correct_input, correct_options
from engine.library.corrections import Correction, forget_correction, load_correction, store_correction
from engine.library.extra_inputs import fill_extra_inputs
from engine.library.facts import Facts, gather
from engine.library.input_settling import SettledInput, settle_input
from engine.library.model_file import ModelFile, read_model_file
from engine.library.preparation import labels_from_model_info
from engine.library.side_files import (
    exporter_metadata,
    own_class_names,
    processor_configuration,
    shared_class_names,
)
from engine.library.weights import foreign_operators, stored_precision

_ASK_NAMES = "What are the classes called? Their number does not show in the graph (--set names=FILE)"


def identify(path: Path, *, correction: Correction | None = None) -> ModelCard:
    """Identify a model file.

    Args:
        path: An .onnx file, or the .xml of an OpenVINO IR.
        correction: What a person says about it; None takes what is stored for this file, an empty one takes nothing.

    Raises:
        ModelError: The file is no vision model that the program reads, or the correction does not fit; the message
            says why and what to do.
    """
    file = read_model_file(path)
    return _identify(file, load_correction(file.sha256) if correction is None else correction)


def correct(path: Path, correction: Correction) -> ModelCard:
    """Identify a model with a person's correction on top of what is stored, and store both where that goes well.

    Raises:
        ModelError: The correction does not fit the model, or cannot be stored.
    """
    file = read_model_file(path)
    said = load_correction(file.sha256).merged(correction)
    card = _identify(file, said)
    store_correction(file.sha256, said)
    return card


def forget(path: Path) -> bool:
    """Delete what a person said about a model; False where nothing was stored.

    Raises:
        ModelError: The model cannot be read, or the correction cannot be deleted.
    """
    return forget_correction(read_model_file(path).sha256)


def _identify(read: ModelFile, said: Correction) -> ModelCard:
    file, subject = _with_exporter_metadata(read), str(read.path)
    facts = gather(file.graph, subject)
    family = said.settings.get(FAMILY)
    choice = take(facts, family, subject) if family else choose(facts, subject)
    correct_options(choice.candidate, said.settings, subject)
    settled = settle_input(facts, choice.candidate, processor_configuration(file.path))
    spec = _corrected_input(file, settled.spec, said, subject)
    card = _card(file, facts, choice.candidate, replace(settled, spec=spec), said)
    unnamed = () if card.class_names else (_ASK_NAMES,)
    return replace(card, confidence=choice.confidence, questions=(*choice.questions, *unnamed))


def _with_exporter_metadata(file: ModelFile) -> ModelFile:
    """An IR has its exporter's metadata in a file beside it; what the model itself says goes first."""
    if file.graph.file_format != "openvino_ir":
        return file
    metadata = {**exporter_metadata(file.path), **file.graph.metadata}
    return replace(file, graph=replace(file.graph, metadata=metadata))


def _corrected_input(file: ModelFile, spec: InputSpec, said: Correction, subject: str) -> InputSpec:
    spec = correct_input(spec, said.settings, subject)
    return replace(spec, extra_inputs=fill_extra_inputs(file.graph.inputs, spec, subject))


def _card(file: ModelFile, facts: Facts, found: Candidate, settled: SettledInput, said: Correction) -> ModelCard:
    """The card without confidence and questions."""
    graph = file.graph
    classes = name_classes(found.classes, tuple(_offers(file, facts, said)), found.known_sets)
    keypoints, skeleton = _keypoints(found, facts)
    return ModelCard(
        path=file.path,
        sha256=file.sha256,
        model_bytes=file.model_bytes,
        file_format=graph.file_format,
        task=found.task,
        family=found.family,
        family_title=found.title,
        roles=found.roles,
        options=found.options,
        input=settled.spec,
        inputs=graph.inputs,
        outputs=graph.outputs,
        class_names=classes.names,
        class_names_from=classes.source,
        confidence=0.0,
        evidence=(*_said(said), *found.evidence, *settled.evidence),
        warnings=(*found.warnings, *foreign_operators(graph), *settled.warnings, *classes.warnings),
        stored_precision=stored_precision(graph),
        keypoint_names=keypoints,
        skeleton=skeleton,
        opset=graph.opset,
        metadata=graph.metadata,
        corrected=bool(said),
        weight_files=file.weight_files,
    )


def _said(said: Correction) -> Iterator[str]:
    settings = [f"{key}={value}" for key, value in said.settings.items()]
    settings += [f"names={said.names_from}"] if said.names else []
    if settings:
        yield f"A person's correction is applied: {', '.join(settings)}"


def _offers(file: ModelFile, facts: Facts, said: Correction) -> Iterator[Offer]:
    """Where class names may come from, the most trusted first."""
    if said.names:
        yield Offer("correction", said.names)
    for names in (facts.notes.names, labels_from_model_info(file.graph.metadata)):
        if names:
            yield Offer("metadata", names)
    own = own_class_names(file.path)
    if own:
        yield Offer(f"side file {own[0]}", own[1])
    shared = shared_class_names(file.path)
    if shared:
        yield Offer(f"side file {shared[0]}", shared[1], shared=True)


def _keypoints(found: Candidate, facts: Facts) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    if found.task is Task.FACE:
        return LANDMARKS_FACE, ()
    count, noted = found.options.get("keypoints"), facts.notes.keypoint_names
    if count == len(KEYPOINTS_COCO):
        return KEYPOINTS_COCO, SKELETON_COCO
    return (noted, ()) if count == len(noted) else ((), ())
