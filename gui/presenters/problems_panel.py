"""The one place that shows what went wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.addresses import redact
from engine.errors import InferoscopeError
from gui.engine_words import as_sentence, translated
from gui.presenters.problems import Problem, Problems
from gui.texts import text


@dataclass(frozen=True, slots=True)
class ProblemCard:
    """A problem in words.

    Attributes:
        number: Its place in the order of events.
        time: Of the clock, the last time it happened.
        about: Which tile, model or task.
        what: What happened.
        remedy: What to do next, "" where nothing is known.
        details: To unfold: what it happened to, what was expected, technical text; "" for none.
        copied: All of it, as text to send.
    """

    number: int
    time: str
    about: str
    what: str
    remedy: str
    details: str
    copied: str


def card(problem: Problem) -> ProblemCard:
    """A problem in words, without secrets."""
    error = problem.error
    time = datetime.fromtimestamp(problem.at_s).astimezone()
    what = as_sentence(error.what)
    if problem.times > 1:
        what += " " + text("Problems", "(happened {count} times)").format(count=problem.times)
    expected = text("Problems", "Expected: {what}").format(what=translated(error.expected)) if error.expected else ""
    details = redact_lines("\n".join(filter(None, (error.subject, expected, error.detail))))
    remedy = as_sentence(error.remedy)
    stamp = f"{time:%Y-%m-%d %H:%M:%S %z}"
    copied = "\n".join(filter(None, (stamp, problem.about, redact(str(error)), redact_lines(error.detail))))
    return ProblemCard(problem.number, f"{time:%H:%M:%S}", problem.about, redact(what), redact(remedy), details, copied)


def redact_lines(words: str) -> str:
    """Each line without secrets; an address hides no more than its own line."""
    return "\n".join(map(redact, words.splitlines()))


class ProblemsView(Protocol):
    """The list of problems, and the short notice of a new one."""

    def show_problems(self, cards: tuple[ProblemCard, ...]) -> None:
        """Show all of them, newest first."""

    def show_notice(self, problem: ProblemCard) -> None:
        """Tell a new one without taking the focus."""


class ProblemsPresenter:
    """Shows problems as they come.

    Args:
        view: List and notice.
        problems: The list.
        explain: Shows what the manual says about an error.
    """

    def __init__(
        self, view: ProblemsView, problems: Problems, explain: Callable[[InferoscopeError], object] = lambda _: None
    ) -> None:
        self._view = view
        self._problems = problems
        self._explain = explain
        problems.subscribe(self._on_problem)
        self._show()

    def announce(self) -> None:
        """Tell the newest of what went wrong before there was a window to tell it in."""
        if self._problems.items:
            self._view.show_notice(card(self._problems.items[-1]))

    def on_clear(self) -> None:
        """Forget them all."""
        self._problems.clear()
        self._show()

    def on_explain(self, number: int) -> None:
        """Show what the manual says about a problem that is still in the list."""
        for problem in self._problems.items:
            if problem.number == number:
                self._explain(problem.error)

    def _on_problem(self, problem: Problem) -> None:
        self._show()
        if problem.times == 1:
            self._view.show_notice(card(problem))

    def _show(self) -> None:
        self._view.show_problems(tuple(card(problem) for problem in reversed(self._problems.items)))
