"""All that belongs to the optimise page, joined. It is loaded with the page, which few open at every start."""

from __future__ import annotations

from functools import partial

from engine.optimise.plan import Plan
from gui.app.ground import Ground
from gui.presenters.optimise.news import NewsPresenter
from gui.presenters.optimise.presenter import OptimisePresenter
from gui.presenters.optimise.undertaking import Job
from gui.views import optimise
from gui.views.main_window import MainWindow


def make_job(plan: Plan) -> Job:
    """The job that does what a plan says."""
    from engine.optimise.job import OptimiseJob  # with the runtimes' tables: not before something is built

    return OptimiseJob(plan)


class Optimising:
    """Page, news of it in the status line, and whoever drives them.

    Args:
        ground: What it stands on.
        window: What it stands in.

    Attributes:
        page: For the window.
        presenter: Of the page.
        news: Told of it where another page is seen.
    """

    def __init__(self, ground: Ground, window: MainWindow) -> None:
        self.page = optimise.OptimisePage()
        self.presenter = OptimisePresenter(
            self.page,
            ground.store,
            ground.bridge,
            ground.tasks,
            ground.problems,
            make_job=make_job,
            show_page=window.show_page,
        )
        optimise.connect(self.page, self.presenter)
        button = optimise.NewsButton()
        self.news = NewsPresenter(button, self.presenter, lambda: window.page, window.show_page)
        optimise.connect_news(button, self.news)
        button.toned.connect(partial(window.show_dot, "optimise"))
        window.add_status_widget(button)
