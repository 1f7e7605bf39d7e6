"""What is being done: a line for each step, and a way to stop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from engine.optimise.plan import StepState
from gui.presenters.optimise.display import Running, StepDisplay
from gui.texts import text
from gui.views.icons import icon
from gui.views.model_card_view import card_label
from gui.views.roles import set_role
from gui.views.scrolled import scrolled

_STEPS = 1000
_ICON_PX = 18
_ICONS = {
    StepState.WAITING: ("circle-dashed", "muted"),
    StepState.RUNNING: ("hourglass", "accent"),
    StepState.DONE: ("circle-check", "good"),
    StepState.REFUSED: ("alert-triangle", "warning"),
}


class StepsCard(QFrame):
    """All steps, with the progress of the one that runs."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._title = card_label("heading", wraps=True)
        self._elapsed = card_label("muted")
        self._rows: list[_StepRow] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(12)
        note = card_label("muted", wraps=True)
        note.setText(text("OptimisePage", "The video goes on meanwhile, somewhat slower. You can leave this page."))
        self.cancel = QPushButton(icon("x"), text("OptimisePage", "Cancel"))
        self.cancel.setToolTip(text("OptimisePage", "Stop; variants that are finished are kept"))
        self.cancel.clicked.connect(self.cancel_requested)
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 0, 8, 0)
        rows.addLayout(self._column)
        rows.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 12, 12)
        whole.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._elapsed, 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(head)
        whole.addWidget(scrolled(inside), 1)
        whole.addWidget(note)
        whole.addWidget(self.cancel)

    def show_running(self, running: Running) -> None:
        """Show how far it is."""
        self._title.setText(text("OptimisePage", "Optimising {model}").format(model=running.model))
        self._elapsed.setText(running.elapsed)
        while len(self._rows) < len(running.steps):
            self._rows.append(_StepRow())
            self._column.addWidget(self._rows[-1])
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(running.steps))
            if number < len(running.steps):
                row.show_step(running.steps[number])


class _StepRow(QWidget):
    """A sign, what it is, and how far it is."""

    def __init__(self) -> None:
        super().__init__()
        self._sign = QLabel()
        self._sign.setFixedWidth(_ICON_PX + 6)
        self._title = card_label("")
        self._words = card_label("caption", wraps=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        words = QVBoxLayout()
        words.setSpacing(4)
        for widget in (self._title, self._bar, self._words):
            words.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_step(self, step: StepDisplay) -> None:
        name, tone = _ICONS[step.state]
        self._sign.setPixmap(icon(name, tone).pixmap(_ICON_PX, _ICON_PX))
        self._title.setText(step.title)
        set_role(self._title, "muted" if step.state is StepState.WAITING else "")
        is_running = step.state is StepState.RUNNING
        self._bar.setVisible(is_running)
        self._bar.setRange(0, 0 if step.share is None else _STEPS)
        self._bar.setValue(round((step.share or 0.0) * _STEPS))
        self._bar.setAccessibleName(step.title)
        self._words.setText(step.words)
        self._words.setVisible(bool(step.words))
        set_role(self._words, "caption" if step.state is StepState.RUNNING else "warning")
