"""What goes on at the optimise page, in the status line of every other page; a click leads there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QPushButton, QWidget

from gui.presenters.optimise.news import News, NewsPresenter
from gui.views.icons import icon

_TONES = {"busy": "accent", "good": "good", "error": "error"}


class NewsButton(QPushButton):
    """Hidden while there is nothing to tell."""

    toned = Signal(str)
    """Colour of the mark at the way to the page, "" for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click hides it: what had the keys keeps them
        self.hide()

    def show_news(self, news: News | None) -> None:
        """Show it; None for nothing."""
        self.setVisible(news is not None)
        self.toned.emit(_TONES[news.kind] if news is not None else "")
        if news is None:
            return
        self.setIcon(icon("rocket", _TONES[news.kind]))
        self.setText(news.words)
        self.setToolTip(news.about)
        self.setAccessibleDescription(news.about)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))


def connect(view: NewsButton, presenter: NewsPresenter) -> None:
    """A click leads to the page."""
    view.clicked.connect(presenter.on_wanted)
