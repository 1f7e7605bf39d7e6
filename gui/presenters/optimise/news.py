"""What a person who looks at another page learns of the optimise page: that it is at work, and how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gui.presenters.optimise.presenter import OptimisePresenter
from gui.texts import text

PAGE = "optimise"


@dataclass(frozen=True, slots=True)
class News:
    """One line, and where there is more.

    Attributes:
        kind: "busy", "good" or "error".
        words: What is said.
        about: All of it, in sentences.
    """

    kind: str
    words: str
    about: str


class NewsView(Protocol):
    """The line, and a mark at the way to the page."""

    def show_news(self, news: News | None) -> None:
        """Show it; None for nothing."""


class NewsPresenter:
    """Tells what goes on while the page is not seen; ``refresh`` is called four times a second.

    Args:
        view: The line.
        optimise: What goes on.
        page: The page that is shown.
        show_page: Goes to a page by its name.
    """

    def __init__(
        self, view: NewsView, optimise: OptimisePresenter, page: Callable[[], str], show_page: Callable[[str], None]
    ) -> None:
        self._view = view
        self._optimise = optimise
        self._page = page
        self._show_page = show_page
        self._was_busy = False
        self._news: News | None = None

    def refresh(self) -> None:
        """Look again, and show what has changed."""
        news = self._now()
        if news != self._news:
            self._news = news
            self._view.show_news(news)

    def on_wanted(self) -> None:
        """The person wants to see more."""
        self._show_page(PAGE)
        self.refresh()

    def _now(self) -> News | None:
        was_busy, self._was_busy = self._was_busy, self._optimise.busy
        if self._page() == PAGE:
            return None
        if self._optimise.busy:
            return _at_work(self._optimise)
        return _ended(self._optimise) if was_busy else self._news


def _at_work(optimise: OptimisePresenter) -> News:
    words = text("OptimiseNews", "Optimising: step {number} of {count}").format(**optimise.position)
    return News("busy", words, text("OptimiseNews", "Variants are built and measured. Click to see how far it is."))


def _ended(optimise: OptimisePresenter) -> News | None:
    message = optimise.message
    if message is None:
        return None
    failed = message.kind == "error"
    words = text("OptimiseNews", "Optimising has failed") if failed else text("OptimiseNews", "Optimising is done")
    return News(message.kind, words, message.words)
