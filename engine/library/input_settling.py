"""Settles how a picture becomes the input tensor: the file's declaration, then its graph, then the family's convention."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.cards import ColourOrder, InputSpec
from engine.library.candidate import NO_MEAN, RAW, Candidate, Triple
from engine.library.facts import Facts
from engine.library.tracing import PASSING

_INNER_STEPS = frozenset({"Sub", "Add", "Mul", "Div"})


@dataclass(frozen=True, slots=True)
class SettledInput:
    """The input, and sentences on how it was settled."""

    spec: InputSpec
    evidence: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def settle_input(facts: Facts, candidate: Candidate) -> SettledInput:
    """The input of a model of the candidate's family, before corrections."""
    picture, convention = facts.picture, candidate.convention
    height, width, how = _size(facts, candidate)
    mean, scale, evidence = _normalisation(facts, candidate)
    free = picture.free_axes
    spatial = "height" in free or "width" in free
    spec = InputSpec(
        name=picture.spec.name,
        height=height,
        width=width,
        batch=picture.batch or 1,
        free_axes=free,
        size_multiple=(facts.notes.stride or convention.size_multiple) if spatial else 1,
        fit=convention.fit,
        pad_bgr=convention.pad_bgr,
        colour_order=ColourOrder.GREY if picture.channels == 1 else convention.colour_order,
        layout=picture.layout,
        dtype=picture.spec.dtype,
        mean=mean,
        scale=scale,
    )
    warnings = (f"The file leaves {_spoken(free)} free: {how}",) if free else ()
    return SettledInput(spec, tuple(evidence), warnings)


def _spoken(words: tuple[str, ...]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def _size(facts: Facts, candidate: Candidate) -> tuple[int, int, str]:
    picture, notes = facts.picture, facts.notes
    wanted = notes.size or (candidate.convention.size, candidate.convention.size)
    height, width = picture.height or wanted[0], picture.width or wanted[1]
    source = "its metadata" if notes.size else f"what is usual for {candidate.title}"
    return height, width, f"{width}x{height} pixels, batch {picture.batch or 1}, from {source}"


def _normalisation(facts: Facts, candidate: Candidate) -> tuple[Triple, Triple, list[str]]:
    """Mean and scale: nothing to do for bytes, and nothing twice where the graph begins with it."""
    if facts.picture.spec.dtype == "uint8":
        return NO_MEAN, RAW, ["The input takes bytes: scaling is inside the graph"]
    step = _first_step(facts)
    if step is None:
        return candidate.convention.mean, candidate.convention.scale, []
    factor, offset = step
    brightest = max(abs(factor * 255.0 + offset))
    if brightest <= 10.0:
        return NO_MEAN, RAW, ["The graph itself scales the picture: the input takes 0 to 255"]
    return candidate.convention.mean, candidate.convention.scale, []


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
