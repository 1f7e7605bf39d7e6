"""The optimise page."""

from gui.views.optimise.news import NewsButton
from gui.views.optimise.news import connect as connect_news
from gui.views.optimise.page import OptimisePage, connect

__all__ = ["NewsButton", "OptimisePage", "connect", "connect_news"]
