"""The line at the bottom: one sentence that says how everything is, and small widgets at its right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui import theme
from gui.presenters.health import Health, Level
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon
from gui.views.roles import set_role

_DOT_PX = 10
_COLOURS = {
    Level.GOOD: "good",
    Level.BUSY: "accent",
    Level.WARNING: "warning",
    Level.ERROR: "error",
    Level.IDLE: "muted",
}


class StatusLine(QFrame):
    """Fulfils ``gui.presenters.health.HealthView``."""

    problems_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "status")
        self._dot = _Dot()
        self._sentence = ElidedLabel()
        self._sentence.setAccessibleName(text("Health", "State of the program"))
        self._problems = QPushButton()
        self._problems.clicked.connect(self.problems_requested)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 3, 8, 3)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._dot)
        self._layout.addWidget(self._sentence, 1)
        self._layout.addWidget(self._problems)
        self.show_problem_count(0)

    def show_health(self, state: Health) -> None:
        """Show the sentence, with a dot in the colour of its level."""
        self._dot.show_level(state.level)
        self._sentence.set_words(state.sentence)
        self._sentence.setAccessibleDescription(state.sentence)
        QAccessible.updateAccessibility(QAccessibleEvent(self._sentence, QAccessible.Event.DescriptionChanged))

    def show_problem_count(self, count: int) -> None:
        """Show how many problems there are in the list."""
        words = text("Health", "No problems") if not count else text("Health", "Problems: {count}").format(count=count)
        self._problems.setText(words)
        self._problems.setIcon(icon("alert-triangle", "warning" if count else "muted"))
        self._problems.setToolTip(text("Health", "What went wrong, and what to do about it"))
        set_role(self._problems, "quiet")

    def add_widget(self, widget: QWidget) -> None:
        """Add something small at the right, before the problems."""
        self._layout.insertWidget(self._layout.count() - 1, widget)


class _Dot(QWidget):
    """A filled circle; the sentence beside it says the same in words."""

    def __init__(self) -> None:
        super().__init__()
        self._level = Level.IDLE
        self.setFixedSize(QSize(_DOT_PX, _DOT_PX))

    def show_level(self, level: Level) -> None:
        self._level = level
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(getattr(theme.current(), _COLOURS[self._level]))
        painter.setPen(colour)
        if self._level is not Level.IDLE:
            painter.setBrush(colour)
        painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))
