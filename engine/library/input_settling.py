"""Settles how a picture becomes the input tensor: by the file's words, its graph, and the family's convention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import ColourOrder, InputSpec
from engine.library.candidate import NO_MEAN, RAW, UNIT, Candidate, Convention, Triple
from engine.library.facts import Facts
from engine.library.preparation import from_model_info, from_processor
from engine.library.tracing import PASSING

_BRIGHTEST = 10.0
"""What the brightest pixel may become when a graph normalises by itself."""

_INNER_STEPS = frozenset({"Sub", "Add", "Mul", "Div"})


@dataclass(frozen=True, slots=True)
class SettledInput:
    """The input, and sentences on how it was settled."""

    spec: InputSpec
    evidence: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def settle_input(facts: Facts, candidate: Candidate, processor: Mapping[str, Any]) -> SettledInput:
    """The input of a model of the candidate's family, without extra inputs and before corrections.

    Args:
        facts: The graph.
        candidate: Whose convention holds where the file does not say better.
        processor: The configuration of a transformers processor beside the file, or nothing.
    """
    picture = facts.picture
    convention, told = _convention(facts, candidate.convention, processor)
    mean, scale, inside = _normalisation(facts, convention)
    free = picture.free_axes
    multiple = facts.notes.stride or convention.size_multiple
    height, width = facts.notes.size or (convention.size, convention.size)
    spec = InputSpec(
        name=picture.spec.name,
        height=picture.height or height,
        width=picture.width or width,
        batch=picture.batch or 1,
        free_axes=free,
        size_multiple=multiple if set(free) - {"batch"} else 1,
        fit=convention.fit,
        pad_bgr=convention.pad_bgr,
        colour_order=ColourOrder.GREY if picture.channels == 1 else convention.colour_order,
        layout=picture.layout,
        dtype=picture.spec.dtype,
        mean=mean,
        scale=scale,
    )
    return SettledInput(spec, (*told, *inside), tuple(_freedom(facts, candidate, spec)))


def _convention(
    facts: Facts, convention: Convention, processor: Mapping[str, Any]
) -> tuple[Convention, tuple[str, ...]]:
    """The family's convention, or what the files say instead."""
    written = from_model_info(convention, facts.graph.metadata)
    if written != convention:
        return written, ("The model's own section model_info says how pictures are prepared",)
    if facts.picture.spec.name == "pixel_values" and processor:
        beside = from_processor(convention, processor)
        return beside, ("preprocessor_config.json beside the file says how pictures are prepared",)
    return convention, ()


def _freedom(facts: Facts, candidate: Candidate, spec: InputSpec) -> Iterator[str]:
    """How free axes were settled."""
    if {"height", "width"} & set(spec.free_axes):
        source = "its metadata says" if facts.notes.size else f"is usual for {candidate.title}"
        yield (
            f"The file leaves the size of the picture free: {spec.width}x{spec.height} is taken, as {source} "
            "(inspect --set size=WxH changes it)"
        )


def _normalisation(facts: Facts, convention: Convention) -> tuple[Triple, Triple, tuple[str, ...]]:
    """Mean and scale: nothing to do for bytes, and nothing twice where the graph begins with it."""
    if facts.picture.spec.dtype in ("uint8", "int8"):
        return NO_MEAN, RAW, ("The input takes bytes: scaling is inside the graph",)
    step = _first_step(facts)
    if step is None:
        return convention.mean, convention.scale, ()
    factor, offset = step
    if float(np.max(np.abs(factor * 255.0 + offset))) <= _BRIGHTEST:
        return NO_MEAN, RAW, ("The graph begins by scaling the picture: it takes 0 to 255",)
    if float(np.max(np.abs(factor + offset))) <= _BRIGHTEST:
        return NO_MEAN, UNIT, ("The graph begins by normalising the picture: it takes 0 to 1",)
    return convention.mean, convention.scale, ()


def _first_step(facts: Facts) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """What the graph does to pixels before its first layer, as factor and offset; None where it does nothing."""
    graph, tensor = facts.graph, facts.picture.spec.name
    factor, offset, found = np.ones(1), np.zeros(1), False
    for _ in range(12):
        readers = graph.consumers.get(tensor, ())
        if len(readers) != 1 or not readers[0].outputs:
            break
        node = readers[0]
        if node.kind in _INNER_STEPS:
            other = next((values for name in node.inputs if (values := graph.values(name)) is not None), None)
            if other is None or other.size not in (1, 3):
                break
            number = other.astype(np.float64).reshape(-1)
            factor, offset, found = *_applied(node.kind, number, factor, offset), True
        elif node.kind not in PASSING | {"Transpose"}:
            break
        tensor = node.outputs[0]
    return (factor, offset) if found else None


def _applied(
    kind: str, number: NDArray[np.float64], factor: NDArray[np.float64], offset: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if kind == "Sub":
        return factor, offset - number
    if kind == "Add":
        return factor, offset + number
    by = number if kind == "Mul" else 1.0 / np.where(number == 0.0, 1.0, number)
    return factor * by, offset * by
