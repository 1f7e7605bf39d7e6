"""Parts of a narrow panel: a section that folds, and a quiet button."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui.texts import text
from gui.views.icons import icon


class Section(QWidget):
    """A heading that unfolds what is below it.

    Args:
        title: The heading.
        content: Shown while it is unfolded, as it is at first.
    """

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        self.content = content
        self.heading = tool_button(title)
        self.heading.setProperty("role", "heading")
        self.heading.setAccessibleDescription(text("ModelPanel", "Folds or unfolds this section"))
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.heading.setIconSize(QSize(14, 14))
        self.heading.setIcon(icon("chevron-down"))
        font = self.heading.font()
        font.setWeight(QFont.Weight.Medium)
        self.heading.setFont(font)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.heading, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(content, 1)
        self.heading.clicked.connect(self._on_heading_clicked)

    def _on_heading_clicked(self) -> None:
        unfolded = self.content.isHidden()
        self.heading.setIcon(icon("chevron-down" if unfolded else "chevron-right"))
        self.content.setVisible(unfolded)


def tool_button(title: str, tip: str = "", *, checkable: bool = False) -> QToolButton:
    """A quiet button of a panel."""
    button = QToolButton()
    button.setText(title)
    button.setToolTip(tip)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
