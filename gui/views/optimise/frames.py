"""The same frame through the original and through a variant, side by side."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui import theme
from gui.presenters.optimise.display import Comparison
from gui.texts import text
from gui.views.icons import icon
from gui.views.model_card_view import card_label

_LEAST_PX = 120


class FramesView(QWidget):
    """Two pictures, and the way to the next ones."""

    frame_wanted = Signal(int)
    """So many further, or back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nothing = card_label("muted", wraps=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pictures = [_Still(), _Still()]
        self._titles = [card_label("heading"), card_label("heading")]
        self._words = card_label("muted")
        self._number = card_label("muted")
        self._back = _button("chevron-left", text("OptimisePage", "Frame before"))
        self._next = _button("chevron-right", text("OptimisePage", "Next frame"))
        self._back.clicked.connect(lambda: self.frame_wanted.emit(-1))
        self._next.clicked.connect(lambda: self.frame_wanted.emit(1))
        self._both = QWidget()
        self._lay_out()
        self.show_comparison("", None)

    def show_comparison(self, key: str, comparison: Comparison | None) -> None:
        """Show a frame; None says why there is none."""
        self._both.setVisible(comparison is not None)
        self._nothing.setVisible(comparison is None)
        if comparison is None:
            self._nothing.setText(_why_nothing(key))
            return
        self._titles[0].setText(text("OptimisePage", "Original"))
        self._titles[1].setText(comparison.title)
        for picture, title, content in zip(
            self._pictures, self._titles, (comparison.original, comparison.variant), strict=True
        ):
            picture.setAccessibleName(title.text())
            picture.show_jpeg(content)
        self._words.setText(comparison.words)
        self._number.setText(f"{comparison.number} / {comparison.count}")
        for button in (self._back, self._next):
            button.setEnabled(comparison.count > 1)

    def _lay_out(self) -> None:
        pictures = QHBoxLayout()
        pictures.setSpacing(12)
        for title, picture in zip(self._titles, self._pictures, strict=True):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(title)
            column.addWidget(picture, 1)
            pictures.addLayout(column, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._words, 1)
        for widget in (self._back, self._number, self._next):
            foot.addWidget(widget)
        inside = QVBoxLayout(self._both)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(pictures, 1)
        inside.addLayout(foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 12, 12, 8)
        whole.addWidget(self._nothing, 1)
        whole.addWidget(self._both, 1)


class _Still(QWidget):
    """A picture, letterboxed."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self.setMinimumSize(_LEAST_PX, _LEAST_PX * 9 // 16)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_jpeg(self, content: bytes) -> None:
        self._image = QImage.fromData(content)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint it as large as it fits."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(theme.current().picture))
        if not self._image.isNull():
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(0, 0, size.width(), size.height())
            place.moveCenter(self.rect().center())
            painter.drawImage(place, self._image)


def _why_nothing(key: str) -> str:
    if not key:
        return text("OptimisePage", "Choose a variant in the table to see the same frame through it and the original.")
    return text("OptimisePage", "There is no frame on which it differs from the original.")


def _button(name: str, words: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
