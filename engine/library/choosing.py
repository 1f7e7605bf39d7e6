"""Chooses among the candidates: the best one, how sure that is, and what to ask a person."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import ModelError
from engine.library.candidate import Candidate
from engine.library.facts import Facts
from engine.library.metadata import clean_name
from engine.library.refusals import unknown_layout
from engine.library.rules.table import RULES

_SURE = 0.75
"""From this confidence on nothing is asked about the family."""

_LEAST = 0.35
"""A guess below it is worth nothing, and the file is refused."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidate taken, how sure that is (0 to 1), and what to ask."""

    candidate: Candidate
    confidence: float
    questions: tuple[str, ...]


def choose(facts: Facts, subject: str) -> Choice:
    """The likeliest candidate.

    Raises:
        ModelError: Nothing is likely.
    """
    candidates = sorted((c for rule in RULES.values() if (c := rule(facts))), key=lambda c: -c.score)
    if not candidates or candidates[0].score < _LEAST:
        raise unknown_layout(facts, subject)
    confidence = _confidence(candidates)
    return Choice(candidates[0], confidence, _questions(candidates, confidence))


def take(facts: Facts, family: str, subject: str) -> Choice:
    """The candidate of the family that a person named.

    Raises:
        ModelError: There is no such family, or it cannot read these outputs.
    """
    rule = RULES.get(family)
    if rule is None:
        raise ModelError(
            f"There is no family {family!r}",
            subject=subject,
            expected=f"one of {', '.join(RULES)}",
            remedy="Choose one of these",
        )
    candidate = rule(facts)
    if candidate is None:
        outputs = ", ".join(
            f"{clean_name(o.name)} {'x'.join(str(n or '?') for n in o.shape)}" for o in facts.outputs[:6]
        )
        raise ModelError(
            f"The family {family} cannot read these outputs: {outputs}",
            subject=subject,
            remedy="Name another family, or forget the correction (inspect MODEL --forget)",
        )
    return Choice(candidate, 1.0, tuple(candidate.questions))


def _confidence(candidates: list[Candidate]) -> float:
    """The best score, less where a rival comes close: two equal guesses are worth half."""
    best = candidates[0].score
    rival = candidates[1].score / best if len(candidates) > 1 else 0.0
    return round(best * (1.0 - 0.5 * rival**3), 3)


def _questions(candidates: list[Candidate], confidence: float) -> tuple[str, ...]:
    best, rivals = candidates[0], candidates[1:3]
    if confidence >= _SURE:
        return tuple(best.questions)
    if not rivals:
        return (*best.questions, f"Is it {best.title} ({best.task.value})? If not, --set family=FAMILY says what it is")
    others = " or ".join(f"{rival.title} ({rival.task.value}; --set family={rival.family})" for rival in rivals)
    return (*best.questions, f"Is it {best.title} ({best.task.value}), or {others}?")
