"""Parts of a narrow panel: a section that folds, and a line that is cut in its middle rather than wrapped."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

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
        layout.addWidget(self.heading)
        layout.addWidget(content, 1)
        self.heading.clicked.connect(self._on_heading_clicked)

    def _on_heading_clicked(self) -> None:
        unfolded = self.content.isHidden()
        self.heading.setIcon(icon("chevron-down" if unfolded else "chevron-right"))
        self.content.setVisible(unfolded)


class ElidedLabel(QLabel):
    """One line, cut in its middle where there is no room; the tool tip has all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint as much as fits."""
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def tool_button(title: str, tip: str = "", *, checkable: bool = False) -> QToolButton:
    """A quiet button of a panel."""
    button = QToolButton()
    button.setText(title)
    button.setToolTip(tip)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
