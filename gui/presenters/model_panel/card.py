"""What the model card shows: a pure function of the model's state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.cards import ModelCard
from engine.errors import InferoscopeError
from gui.engine_words import as_sentence, happened, translated
from gui.presenters.model_words import (
    colour_words,
    fit_words,
    scaling_words,
    sure_words,
    task_words,
)
from gui.presenters.port import LoadState, ModelState
from gui.presenters.quantities import bytes_words
from gui.presenters.selection import Choice
from gui.presenters.titles import model_place, model_title
from gui.texts import text

_SURE = 0.75
"""Below it the guess is shown as one."""


@dataclass(frozen=True, slots=True)
class LoadingState:
    """A model on its way.

    Attributes:
        phase: What goes on, with how long it takes.
        share: How much is done, 0 to 1, None where that is unknown.
    """

    phase: str
    share: float | None


@dataclass(frozen=True, slots=True)
class ProblemState:
    """Why a model does not run: what happened, what to do, and more for those who unfold it."""

    what: str
    remedy: str
    detail: str


@dataclass(frozen=True, slots=True)
class CardState:
    """The model card as it is shown.

    Attributes:
        title: Name of the file, "" where the tile has no model.
        path: The whole path, for the tool tip.
        task: What it answers.
        family: Family and how sure that is, "" before it is identified.
        unsure: Whether the guess should be looked at.
        facts: (what, value), in the order of reading.
        warnings, questions, evidence: A sentence each.
        corrected: A person's correction is in use.
        loading: What is going on, None while nothing is.
        problem: Why it does not run as wanted, None while it does.
        offers: Models that a tile without one could have at once.
    """

    title: str = ""
    path: str = ""
    task: str = ""
    family: str = ""
    unsure: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    corrected: bool = False
    loading: LoadingState | None = None
    problem: ProblemState | None = None
    offers: tuple[Choice, ...] = ()


def card_state(path: Path, state: ModelState) -> CardState:
    """What to show of a model.

    Args:
        path: Its file.
        state: What the engine says of it.
    """
    card = state.card
    loading = _loading(state.loading) if state.loading else None
    problem = _problem(state.error) if state.error else None
    if card is None:
        return CardState(model_title(path), model_place(path), loading=loading, problem=problem)
    return CardState(
        title=model_title(path),
        path=model_place(path),
        task=task_words(card.task),
        family=f"{translated(card.family_title)}, {sure_words(card)}",
        unsure=card.confidence < _SURE,
        facts=tuple(_facts(card)),
        warnings=tuple(translated(sentence) for sentence in card.warnings),
        questions=tuple(translated(sentence) for sentence in card.questions),
        evidence=tuple(as_sentence(sentence) for sentence in card.evidence),
        corrected=card.corrected,
        loading=loading,
        problem=problem,
    )


def _facts(card: ModelCard) -> Iterator[tuple[str, str]]:
    spec = card.input
    yield text("ModelCard", "Input"), f"{spec.width} × {spec.height}, {colour_words(spec.colour_order)}"
    yield text("ModelCard", "Fit"), fit_words(spec.fit)
    yield text("ModelCard", "Values"), scaling_words(spec)
    if spec.batch > 1:
        yield text("ModelCard", "Batch"), str(spec.batch)
    yield text("ModelCard", "Classes"), _classes(card)
    if card.keypoint_names:
        yield text("ModelCard", "Keypoints"), str(len(card.keypoint_names))
    yield text("ModelCard", "Weights"), f"{card.stored_precision.upper()}, {bytes_words(card.model_bytes)}"
    yield text("ModelCard", "Format"), _format(card)


def _classes(card: ModelCard) -> str:
    if not card.class_names:
        return text("ModelCard", "unknown, shown as numbers")
    return text("ModelCard", "{count}, from {source}").format(
        count=len(card.class_names), source=translated(card.class_names_from)
    )


def _format(card: ModelCard) -> str:
    if card.file_format == "onnx":
        return text("ModelCard", "ONNX, opset {opset}").format(opset=card.opset)
    return text("ModelCard", "OpenVINO IR")


def _loading(load: LoadState) -> LoadingState:
    if load.expected_s is None or load.expected_s <= 0.0:
        elapsed = text("ModelCard", "{phase}, {elapsed:.0f} s")
        return LoadingState(elapsed.format(phase=translated(load.phase), elapsed=load.elapsed_s), None)
    known = text("ModelCard", "{phase}, {elapsed:.0f} of about {expected:.0f} s")
    phase = known.format(phase=translated(load.phase), elapsed=load.elapsed_s, expected=max(1.0, load.expected_s))
    return LoadingState(phase, min(0.99, load.elapsed_s / load.expected_s))


def _problem(error: InferoscopeError) -> ProblemState:
    more = "\n".join(part for part in (error.subject, error.detail) if part)
    return ProblemState(happened(error), as_sentence(error.remedy), more)
