"""Correct what the program took a model for: left what is said of it, right what that finds on the present picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.correction import CorrectionPresenter, FormState, PreviewState
from gui.presenters.port import EnginePort, Tasks
from gui.presenters.workspace import WorkspaceStore
from gui.texts import text
from gui.views.correction_form import CorrectionForm
from gui.views.icons import icon
from gui.views.picture.picture_view import PictureView

_SETTLED_MS = 300
_FORM_PX = 412
_NAMES_PX = 96


class CorrectionDialog(QDialog):
    """Fulfils ``CorrectionView``; what a person says comes out as signals."""

    settled = Signal()
    names_changed = Signal(str)
    names_file_chosen = Signal(Path)
    take_picture_requested = Signal()
    use_requested = Signal()
    forget_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("Correction", "Correct the model"))
        self.resize(1040, 680)
        self.form, self.preview = CorrectionForm(), _Preview()
        self.title, self.taken_for, self.error = _label("title"), _label("muted"), _label("error")
        self.evidence, self.names_now = _label("muted"), _label("muted")
        self.names = QPlainTextEdit(placeholderText=text("Correction", "One name on each line"))
        self.names.setAccessibleName(text("Correction", "Class names"))
        self.names.setTabChangesFocus(True)
        self.names.setFixedHeight(_NAMES_PX)
        self.names_file = QPushButton(text("Correction", "From a file…"))
        self.use = QPushButton(text("Correction", "Use these settings"))
        self.use.setProperty("role", "primary")
        self.use.setDefault(True)
        self.forget = QPushButton(text("Correction", "Forget the correction"))
        self.cancel = QPushButton(text("Correction", "Cancel"))
        self._rest = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self._left())
        columns.addWidget(self.preview, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.forget)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(columns, 1)
        layout.addLayout(buttons)

    def _left(self) -> QScrollArea:
        """Everything that can be said, in a column that scrolls."""
        column = QFrame()
        column.setProperty("role", "panel")
        layout = QVBoxLayout(column)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        names = QHBoxLayout()
        names.addWidget(_label("heading", text("Correction", "Class names")), 1)
        names.addWidget(self.names_file)
        for label in (self.title, self.taken_for, self.error):
            layout.addWidget(label)
        layout.addWidget(self.form)
        layout.addSpacing(8)
        layout.addLayout(names)
        layout.addWidget(self.names_now)
        layout.addWidget(self.names)
        layout.addSpacing(8)
        layout.addWidget(_label("heading", text("Correction", "Why")))
        layout.addWidget(self.evidence)
        layout.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(column)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFixedWidth(_FORM_PX)
        return area

    def _connect(self) -> None:
        self.form.changed.connect(self._rest.start)
        self.names.textChanged.connect(self._on_names_changed)
        self._rest.timeout.connect(self.settled)
        self.names_file.clicked.connect(self._on_names_file_clicked)
        self.preview.take_picture.clicked.connect(self.take_picture_requested)
        self.use.clicked.connect(self.use_requested)
        self.forget.clicked.connect(self.forget_requested)
        self.cancel.clicked.connect(self.reject)

    def show_form(self, state: FormState) -> None:
        """Show what can be said."""
        self.title.setText(state.title)
        self.taken_for.setText(state.taken_for)
        _show_text(self.error, state.error)
        self.form.show_fields(state.fields)
        self._set_tab_order()
        self.names_now.setText(state.names_now)
        if _lines(self.names.toPlainText()) != _lines(state.names):
            with QSignalBlocker(self.names):
                self.names.setPlainText(state.names)
        self.evidence.setText("\n".join(f"• {sentence}" for sentence in (*state.notes, *state.evidence)))
        self.use.setEnabled(state.usable)
        self.forget.setVisible(state.forgettable)

    def _set_tab_order(self) -> None:
        """The rows of the form come first, though they are made last; Qt puts nothing behind what is hidden."""
        preview = (self.preview.picture, self.preview.take_picture)
        below = (self.names_file, self.names, *preview, self.forget, self.cancel, self.use)
        stops: list[QWidget] = [*self.form.controls, *below]
        for stop in reversed(stops[1:]):
            QWidget.setTabOrder(stops[0], stop)

    def show_preview(self, state: PreviewState) -> None:
        """Show what comes of it."""
        self.preview.show_preview(state)

    def close_dialog(self) -> None:
        """It is done."""
        self.accept()

    def _on_names_changed(self) -> None:
        self.names_changed.emit(self.names.toPlainText())
        self._rest.start()

    def _on_names_file_clicked(self) -> None:
        dialog = QFileDialog(self, text("Correction", "Class names"))
        dialog.setNameFilter(
            text("Correction", "Class names (*.txt *.names *.json *.yaml *.yml *.labels);;All files (*)")
        )
        dialog.fileSelected.connect(lambda name: self.names_file_chosen.emit(Path(name)))
        dialog.open()


class _Preview(QWidget):
    """The picture with what was found on it, and in words what that is."""

    def __init__(self) -> None:
        super().__init__()
        self.picture = PictureView()
        self.picture.setMinimumSize(320, 240)
        self.picture.setAccessibleName(text("Correction", "Preview"))
        self.found, self.error, self.busy = _label("value"), _label("error"), _label("muted")
        self.bar = QProgressBar(minimum=0, maximum=0, textVisible=False)
        self.bar.setProperty("role", "thin")
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.take_picture = QPushButton(icon("refresh"), text("Correction", "Take a new picture"))
        self.take_picture.setToolTip(text("Correction", "Look at what the stream shows now."))
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.found, 1)
        below.addWidget(self.busy)
        below.addWidget(self.take_picture)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.bar)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.error)
        layout.addLayout(below)

    def show_preview(self, state: PreviewState) -> None:
        self.picture.show_picture(state.picture, state.look)
        self.found.setText(state.found)
        _show_text(self.error, state.error)
        self.busy.setText(state.busy)
        self.bar.setVisible(bool(state.busy))


def _label(role: str, words: str = "") -> QLabel:
    label = QLabel(words, wordWrap=role not in ("heading",))
    label.setProperty("role", role)
    return label


def _show_text(label: QLabel, words: str) -> None:
    label.setText(words)
    label.setVisible(bool(words))


def _lines(words: str) -> list[str]:
    return [line.strip() for line in words.splitlines() if line.strip()]


def connect(view: CorrectionDialog, presenter: CorrectionPresenter) -> None:
    """Let the presenter carry out what a person says in the dialog."""
    view.form.changed.connect(presenter.on_change)
    view.form.reset.connect(presenter.on_reset)
    view.names_changed.connect(presenter.on_names)
    view.names_file_chosen.connect(presenter.on_names_file)
    view.settled.connect(presenter.on_settled)
    view.take_picture_requested.connect(presenter.on_take_picture)
    view.use_requested.connect(presenter.on_use)
    view.forget_requested.connect(presenter.on_forget)
    # Also what keeps the presenter as long as the dialog is there.
    view.finished.connect(lambda _result: presenter.on_closed())


def open_correction(parent: QWidget, store: WorkspaceStore, engine: EnginePort, tasks: Tasks) -> CorrectionDialog:
    """Open the dialog for the model of the selected tile; it deletes itself when it is closed."""
    dialog = CorrectionDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    connect(dialog, CorrectionPresenter(dialog, store, engine, tasks))
    dialog.open()
    return dialog
