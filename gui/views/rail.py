"""The narrow rail at the left: the pages of the window."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from gui import theme
from gui.texts import text
from gui.views.icons import icon

_WIDTH_PX = 76
_ICON_PX = 24
_DOT_PX = 8


class Rail(QFrame):
    """Buttons of which one is down."""

    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setMinimumWidth(_WIDTH_PX)
        self.setAccessibleName(text("Rail", "Pages"))
        self._buttons: dict[str, _PageButton] = {}
        self._upper, self._lower = QVBoxLayout(), QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 8, 6, 8)
        for stack in (self._upper, self._lower):
            stack.setSpacing(6)
        layout.addLayout(self._upper)
        layout.addStretch(1)
        layout.addLayout(self._lower)

    def add_page(self, page_id: str, title: str, icon_name: str, *, last: bool = False) -> None:
        """Add a button, below the others; ``last`` at the lower end."""
        button = _PageButton()
        button.setProperty("role", "rail")
        button.setText(title)
        button.setIcon(icon(icon_name))
        button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setCheckable(True)
        button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: self.page_chosen.emit(page_id))
        self._buttons[page_id] = button
        (self._lower if last else self._upper).addWidget(button)

    def mark(self, page_id: str) -> None:
        """Show which page is shown."""
        for other, button in self._buttons.items():
            button.setChecked(other == page_id)

    def show_dot(self, page_id: str, tone: str) -> None:
        """Show a dot at a button, because something goes on at its page; ``tone`` is its colour, "" for none."""
        self._buttons[page_id].show_dot(tone)


class _PageButton(QToolButton):
    """Leads to a page; a dot beside its icon says that something goes on there."""

    def __init__(self) -> None:
        super().__init__()
        self._tone = ""

    def show_dot(self, tone: str) -> None:
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._tone:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(theme.current(), self._tone)))
        middle = QPointF(self.width() / 2 + _ICON_PX / 2 + 2, _DOT_PX + 2)
        painter.drawEllipse(middle, _DOT_PX / 2, _DOT_PX / 2)
