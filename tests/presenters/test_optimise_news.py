"""What is told of the optimise page while another one is shown."""

from __future__ import annotations

from unittest.mock import Mock, create_autospec

import pytest

from gui.presenters.model_displays import Message
from gui.presenters.optimise.news import News, NewsPresenter, NewsView
from gui.presenters.optimise.presenter import OptimisePresenter


class Window:
    """What stands around the pages, at the page of live pictures."""

    def __init__(self) -> None:
        self.view = create_autospec(NewsView, instance=True)
        self.optimise = create_autospec(OptimisePresenter, instance=True)
        self.optimise.busy, self.optimise.message = True, None
        self.optimise.position = {"number": 2, "count": 4}
        self.page, self.show_page = "live", Mock(side_effect=self.go)
        self.presenter = NewsPresenter(self.view, self.optimise, lambda: self.page, self.show_page)

    def go(self, page: str) -> None:
        """Another page, and a turn of the clock."""
        self.page = page
        self.presenter.refresh()

    def end(self, message: Message) -> None:
        """The job is over."""
        self.optimise.busy, self.optimise.message = False, message
        self.presenter.refresh()

    @property
    def news(self) -> News | None:
        return self.view.show_news.call_args.args[0] if self.view.show_news.called else None


@pytest.fixture
def window() -> Window:
    window = Window()
    window.presenter.refresh()
    return window


def test_how_far_it_is_is_told_elsewhere_and_not_on_the_page_itself(window: Window) -> None:
    assert window.news is not None
    assert (window.news.kind, window.news.words) == ("busy", "Optimising: step 2 of 4")
    window.go("optimise")
    assert window.news is None
    window.go("models")
    assert window.news is not None


def test_its_end_is_told_until_the_page_is_seen(window: Window) -> None:
    window.end(Message("good", "Done. Take INT8."))
    window.presenter.refresh()
    assert window.news == News("good", "Optimising is done", "Done. Take INT8.")
    window.presenter.on_wanted()
    window.show_page.assert_called_once_with("optimise")
    assert window.news is None
    window.go("live")
    assert window.news is None


def test_a_failure_is_told_as_one(window: Window) -> None:
    window.end(Message("error", "The disk is full"))
    assert window.news == News("error", "Optimising has failed", "The disk is full")


def test_what_ends_before_the_eyes_of_a_person_is_no_news(window: Window) -> None:
    window.go("optimise")
    window.end(Message("good", "Done."))
    window.go("live")
    assert window.news is None


def test_nothing_is_told_while_nothing_is_done() -> None:
    window = Window()
    window.optimise.busy = False
    window.presenter.refresh()
    window.view.show_news.assert_not_called()
