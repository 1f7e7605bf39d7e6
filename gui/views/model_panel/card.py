"""The model card: what the model is, why the program thinks so, and how it is doing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.model_panel import CardState, LoadingState, ProblemState
from gui.presenters.selection import Choice
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon
from gui.views.model_panel.section import tool_button
from gui.views.roles import set_role

_STEPS = 1000
_OFFER_PX = 200


class ModelCardView(QWidget):
    """Shows a ``CardState``; has a face of its own for a tile without a model."""

    open_model_requested = Signal()
    model_chosen = Signal(str)
    """Path of one that was offered."""
    correct_requested = Signal()
    forget_requested = Signal()
    cancel_requested = Signal()
    retry_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state = CardState()
        self.empty = _Empty()
        self.known = QWidget()
        self._title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._family, self._task = _wrapped(), _wrapped("muted")
        self._title.setProperty("role", "heading")
        self.loading, self.problem = _Loading(), _Problem()
        self._notes = _Sentences()
        self.details = _Details()
        self.correct = QPushButton(text("ModelPanel", "Correct…"))
        self.correct.setToolTip(
            text("ModelPanel", "Say what the program took wrongly, and see at once what it changes.")
        )
        self.corrected = _Corrected()
        self._lay_out()
        self.empty.open_model.clicked.connect(self.open_model_requested)
        self.empty.chosen.connect(self.model_chosen)
        self.correct.clicked.connect(self.correct_requested)
        self.corrected.forget.clicked.connect(self.forget_requested)
        self.loading.cancel.clicked.connect(self.cancel_requested)
        self.problem.retry.clicked.connect(self.retry_requested)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.details.more)
        buttons.addStretch(1)
        buttons.addWidget(self.correct)
        known = _column(self.known)
        for widget in (self._title, self._family, self._task, self.loading, self.problem, self._notes):
            known.addWidget(widget)
        known.addWidget(self.corrected)
        known.addLayout(buttons)
        known.addWidget(self.details)
        layout = _column(self)
        layout.addWidget(self.empty)
        layout.addWidget(self.known)
        layout.addStretch(1)

    def show_card(self, state: CardState) -> None:
        """Show a model; only what differs is touched, for progress comes often."""
        before, self._state = self._state, state
        self.empty.setVisible(not state.title)
        self.known.setVisible(bool(state.title))
        if state.offers != before.offers:
            self.empty.show_offers(state.offers)
        self._show_names(state)
        self.loading.show_loading(state.loading)
        self.problem.show_problem(state.problem)
        if state.facts != before.facts:
            self.details.facts.show_facts(state.facts)
        if (state.warnings, state.questions) != (before.warnings, before.questions):
            self._notes.show_sentences(state.warnings, state.questions)
        if state.evidence != before.evidence:
            self.details.show_evidence(state.evidence)
        self.corrected.setVisible(state.corrected)
        self.details.more.setVisible(bool(state.facts))
        # What could not be identified needs it most.
        self.correct.setVisible(bool(state.family) or state.problem is not None)

    def _show_names(self, state: CardState) -> None:
        self._title.set_words(state.title, state.path)
        self._family.setText(state.family)
        self._family.setVisible(bool(state.family))
        set_role(self._family, "warning" if state.unsure else "")
        self._task.setText(state.task)
        self._task.setVisible(bool(state.task))


class _Empty(QWidget):
    """No model yet: what to do about it."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        picture = QLabel()
        picture.setPixmap(icon("box", "muted").pixmap(QSize(40, 40)))
        invitation = _wrapped("muted")
        invitation.setText(text("ModelPanel", "Drop an ONNX or OpenVINO file here"))
        self.open_model = QPushButton(text("ModelPanel", "Open a model…"))
        self.open_model.setProperty("role", "primary")
        layout = _column(self, spacing=12)
        layout.setContentsMargins(0, 24, 0, 24)
        for widget in (picture, invitation, self.open_model):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(widget)
        layout.setAlignment(self.open_model, Qt.AlignmentFlag.AlignCenter)
        self._or = _wrapped("muted")
        self._or.setText(text("ModelPanel", "Or choose one that is here"))
        self._or.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._or.setVisible(False)
        self._offers = QWidget()
        self._lines = _column(self._offers, spacing=4)
        layout.addWidget(self._or)
        layout.addWidget(self._offers)

    def show_offers(self, offers: Sequence[Choice]) -> None:
        """Models to be had with one press."""
        self._or.setVisible(bool(offers))
        _empty(self._lines)
        for offer in offers:
            button = self._offer(offer)
            self._lines.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)

    def _offer(self, offer: Choice) -> QPushButton:
        name = self.fontMetrics().elidedText(offer.title, Qt.TextElideMode.ElideMiddle, _OFFER_PX)
        button = QPushButton(name.replace("&", "&&"))
        button.setAccessibleName(offer.title)
        button.setToolTip(f"{offer.title}\n{offer.detail}")
        button.clicked.connect(lambda: self.chosen.emit(offer.key))
        return button


class _Loading(QWidget):
    """What goes on, how far it is, and a way out."""

    def __init__(self) -> None:
        super().__init__()
        self.phase = _wrapped("muted")
        self.bar = QProgressBar(minimum=0, maximum=_STEPS, textVisible=False)
        self.bar.setAccessibleName(text("ModelPanel", "Progress of loading"))
        self.cancel = QPushButton(text("ModelPanel", "Cancel"))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(4)
        layout.addWidget(self.phase, 0, 0)
        layout.addWidget(self.bar, 1, 0)
        layout.addWidget(self.cancel, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.setColumnStretch(0, 1)
        layout.setHorizontalSpacing(8)

    def show_loading(self, state: LoadingState | None) -> None:
        self.setVisible(state is not None)
        if state is not None:
            self.phase.setText(state.phase)
            self.bar.setMaximum(0 if state.share is None else _STEPS)
            self.bar.setValue(round(_STEPS * (state.share or 0.0)))


class _Problem(QFrame):
    """Why it does not run, what to do, and more for those who unfold it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "error")
        self._shown: ProblemState | None = None
        self._what, self._remedy = _wrapped(), _wrapped("muted")
        self._detail = _wrapped("caption")
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.retry = QPushButton(text("ModelPanel", "Try again"))
        self.details = tool_button(text("ModelPanel", "Details"), checkable=True)
        self.copy = tool_button(text("ModelPanel", "Copy"))
        self.details.toggled.connect(self._on_details_toggled)
        self.copy.clicked.connect(self._on_copy_clicked)
        buttons = QHBoxLayout()
        for button in (self.retry, self.details, self.copy):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(4)
        layout.addWidget(self._what)
        layout.addWidget(self._remedy)
        layout.addLayout(buttons)
        layout.addWidget(self._detail)

    def show_problem(self, state: ProblemState | None) -> None:
        self.setVisible(state is not None)
        if state == self._shown:
            return
        self._shown = state
        if state is not None:
            self._what.setText(state.what)
            self._remedy.setText(state.remedy)
            self._remedy.setVisible(bool(state.remedy))
            self._detail.setText(state.detail)
            self.details.setVisible(bool(state.detail))
            self.details.setChecked(False)
            self._on_details_toggled(False)

    def _on_details_toggled(self, unfolded: bool) -> None:
        self._detail.setVisible(unfolded)
        self.copy.setVisible(unfolded)

    def _on_copy_clicked(self) -> None:
        if self._shown is not None:
            QGuiApplication.clipboard().setText("\n".join((self._shown.what, self._shown.remedy, self._shown.detail)))


class _Facts(QWidget):
    """Two columns: what, and its value."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 4)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        _empty(self._grid)
        for row, (what, value) in enumerate(facts):
            label, shown = QLabel(what), _wrapped()
            label.setProperty("role", "muted")
            shown.setText(value)
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(shown, row, 1)


class _Sentences(QWidget):
    """What a person should know, and what a person should say."""

    def __init__(self) -> None:
        super().__init__()
        self._column = _column(self, spacing=4)

    def show_sentences(self, warnings: Sequence[str], questions: Sequence[str]) -> None:
        _empty(self._column)
        for sentence, name in [(s, "help-circle") for s in questions] + [(s, "alert-triangle") for s in warnings]:
            self._column.addWidget(_note(sentence, name))


def _note(sentence: str, name: str) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "warning")
    sign, words = QLabel(), _wrapped()
    sign.setPixmap(icon(name, "warning").pixmap(QSize(16, 16)))
    words.setText(f"{sentence.rstrip('.?')}{'?' if sentence.endswith('?') else '.'}")
    layout = QHBoxLayout(frame)
    layout.setContentsMargins(8, 8, 8, 8)
    layout.setSpacing(8)
    layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(words, 1)
    return frame


class _Details(QWidget):
    """What is known of the model, and what speaks for the guess; unfolded by ``more``, which stands elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.more = tool_button(
            text("ModelPanel", "Details"),
            text("ModelPanel", "Show what the model takes and gives, and what speaks for this guess."),
            checkable=True,
        )
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setIcon(icon("chevron-right"))
        self.more.toggled.connect(self._on_more_toggled)
        self.facts = _Facts()
        self._evidence = QWidget()
        self._sentences = _column(self._evidence, spacing=4)
        layout = _column(self, spacing=4)
        layout.addWidget(self.facts)
        layout.addWidget(self._evidence)
        self.setVisible(False)
        self.more.setVisible(False)

    def show_evidence(self, sentences: Sequence[str]) -> None:
        _empty(self._sentences)
        for sentence in sentences:
            label = _wrapped("muted")
            label.setText(f"• {sentence}")
            self._sentences.addWidget(label)

    def _on_more_toggled(self, unfolded: bool) -> None:
        self.more.setIcon(icon("chevron-down" if unfolded else "chevron-right"))
        self.setVisible(unfolded)


class _Corrected(QFrame):
    """Says that a person's word is in use."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "good")
        words = _wrapped()
        words.setText(text("ModelPanel", "You corrected what the program took this model for."))
        self.forget = QPushButton(text("ModelPanel", "Forget the correction"))
        self.forget.setProperty("role", "link")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(4)
        layout.addWidget(words)
        layout.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignLeft)


def _wrapped(role: str = "") -> QLabel:
    label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label


def _column(widget: QWidget, spacing: int = 4) -> QVBoxLayout:
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return layout


def _empty(layout: QGridLayout | QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
