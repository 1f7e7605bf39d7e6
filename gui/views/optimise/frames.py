"""Frames on which a variant differs from the original, and the same large, in a window of their own."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gui.presenters.optimise.display import Comparison
from gui.texts import text
from gui.views.icons import icon
from gui.views.model_card_view import card_label
from gui.views.optimise.stills import StillPair
from gui.views.picture.viewport import ZOOM_STEP

_SHARE = 0.96
"""Of the window's sides that the large view takes."""


class FramesView(QWidget):
    """A frame, and the way to the next ones and to the large view; or why there is none."""

    frame_wanted = Signal(int)
    """So many further, or back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nothing = card_label("muted", wraps=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pane = _Pane()
        self.large = LargeFrames(self)
        larger = _button("arrows-maximize", text("OptimisePage", "Show large"))
        larger.clicked.connect(self._open)
        self.pane.add_button(larger)
        self.pane.pair.opened.connect(self._open)
        for pane in (self.pane, self.large.pane):
            pane.frame_wanted.connect(self.frame_wanted)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.addWidget(self._nothing, 1)
        whole.addWidget(self.pane, 1)
        self.show_comparison("", None)

    def show_comparison(self, key: str, comparison: Comparison | None) -> None:
        """Show a frame; None says why there is none."""
        self.pane.setVisible(comparison is not None)
        self._nothing.setVisible(comparison is None)
        if comparison is None:
            self._nothing.setText(_why_nothing(key))
            self.large.reject()
            return
        self.pane.show_comparison(comparison)
        self.large.show_comparison(comparison)

    def _open(self) -> None:
        self.large.resize(self.window().size() * _SHARE)
        self.large.open()
        self.large.pane.pair.setFocus(Qt.FocusReason.OtherFocusReason)


class LargeFrames(QDialog):
    """As large as the window; Escape closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.pane = _Pane()
        hint = card_label("caption", wraps=True)
        hint.setText(
            text(
                "OptimisePage", "Wheel, + and −: zoom. Drag, or Shift with arrows: move. Arrows: other frames. 0: all."
            )
        )
        for name, words, factor in (
            ("zoom-out", text("OptimisePage", "Smaller"), 1 / ZOOM_STEP),
            ("zoom-in", text("OptimisePage", "Larger"), ZOOM_STEP),
        ):
            button = _button(name, words)
            button.clicked.connect(lambda _checked=False, factor=factor: self.pane.pair.zoom(factor))
            self.pane.add_button(button)
        whole = _button("zoom-reset", text("OptimisePage", "The whole frame"))
        whole.clicked.connect(self.pane.pair.fit)
        self.pane.add_button(whole)
        close = _button("x", text("OptimisePage", "Close"))
        close.clicked.connect(self.reject)
        self.pane.add_button(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.pane, 1)
        column.addWidget(hint)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show a frame, as a whole."""
        self.setWindowTitle(text("OptimisePage", "{title} beside the original").format(title=comparison.title))
        self.pane.show_comparison(comparison)


class _Pane(QWidget):
    """Two pictures, how far they agree, and the way to the next ones."""

    frame_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.pair = StillPair()
        self._words = card_label("muted")
        self._number = card_label("muted")
        self.back = _button("chevron-left", text("OptimisePage", "Frame before"))
        self.next = _button("chevron-right", text("OptimisePage", "Next frame"))
        self.back.clicked.connect(lambda: self.frame_wanted.emit(-1))
        self.next.clicked.connect(lambda: self.frame_wanted.emit(1))
        self.pair.frame_wanted.connect(self.frame_wanted)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(8)
        self._foot.addWidget(self._words, 1)
        for widget in (self.back, self._number, self.next):
            self._foot.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.pair, 1)
        column.addLayout(self._foot)

    def add_button(self, button: QToolButton) -> None:
        self._foot.addWidget(button)

    def show_comparison(self, comparison: Comparison) -> None:
        self.pair.show_comparison(comparison)
        self._words.setText(comparison.words)
        self._number.setText(f"{comparison.number} / {comparison.count}")
        for button in (self.back, self.next):
            button.setEnabled(comparison.count > 1)


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
