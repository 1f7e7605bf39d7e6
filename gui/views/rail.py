"""The narrow rail at the left: the pages of the window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from gui.texts import text
from gui.views.icons import icon

_WIDTH_PX = 76
_ICON_PX = 24


class Rail(QFrame):
    """Buttons of which one is down."""

    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setMinimumWidth(_WIDTH_PX)
        self.setAccessibleName(text("Rail", "Pages"))
        self._buttons: dict[str, QToolButton] = {}
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
        button = QToolButton()
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
