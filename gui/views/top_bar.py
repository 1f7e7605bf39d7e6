"""The bar at the top: what is chosen, the buttons of the stream, and the badge."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from gui import actions
from gui.presenters.selection import Choice, Selector
from gui.presenters.top_bar import TopBarPresenter, TopBarState
from gui.texts import text
from gui.views.badge import BadgeButton
from gui.views.icons import icon
from gui.views.roles import set_role
from gui.views.selector import SelectorField

_ALL = "all"
_ONE = "one"


class TopBar(QFrame):
    """Fulfils ``gui.presenters.top_bar.TopBarView``."""

    source_chosen = Signal(str)
    model_chosen = Signal(str)
    backend_chosen = Signal(str)
    device_chosen = Signal(str)
    precision_chosen = Signal(str)
    all_selected = Signal(bool)
    cancel_requested = Signal()
    action_requested = Signal(str)
    """An action of ``gui.actions``: start or stop, snapshot, record, open a source or a model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._make_selectors()
        self._make_buttons()
        self.badge = BadgeButton()
        self.badge.cancel_requested.connect(self.cancel_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 4)
        layout.setSpacing(8)
        for field in self._fields:
            layout.addWidget(field)
        layout.addWidget(self._scope)
        layout.addStretch(1)
        layout.addLayout(self._buttons)
        layout.addWidget(self.badge)

    def _make_selectors(self) -> None:
        self._source = SelectorField(
            text("TopBar", "Source"), text("TopBar", "Where the pictures come from"), text("TopBar", "Choose a source…")
        )
        self._model = SelectorField(
            text("TopBar", "Model"), text("TopBar", "What analyses the pictures"), text("TopBar", "Open a file…")
        )
        self._backend = SelectorField(text("TopBar", "Backend"), text("TopBar", "The program that runs the model"))
        self._device = SelectorField(text("TopBar", "Device"), text("TopBar", "The hardware that runs the model"))
        self._precision = SelectorField(
            text("TopBar", "Precision"), text("TopBar", "The number format that the model is computed in")
        )
        self._scope = SelectorField(
            text("TopBar", "Changes are for"), text("TopBar", "Whether the bar acts on the selected tile or on all")
        )
        self._scope.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._fields = (self._source, self._model, self._backend, self._device, self._precision)
        self._source.chosen.connect(self.source_chosen)
        self._source.more_requested.connect(lambda: self.action_requested.emit("file.source"))
        self._model.chosen.connect(self.model_chosen)
        self._model.more_requested.connect(lambda: self.action_requested.emit("file.model"))
        self._backend.chosen.connect(self.backend_chosen)
        self._device.chosen.connect(self.device_chosen)
        self._precision.chosen.connect(self.precision_chosen)
        self._scope.chosen.connect(lambda key: self.all_selected.emit(key == _ALL))

    def _make_buttons(self) -> None:
        self._start = self._button("stream.start_stop")
        self._start.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._snapshot = self._button("stream.snapshot")
        self._record = self._button("stream.record")
        self._record.setIcon(icon("player-record-filled", "error"))
        self._record.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(4)
        for button in (self._start, self._snapshot, self._record):
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)

    def _button(self, action_id: str) -> QToolButton:
        action = next(action for action in actions.table() if action.action_id == action_id)
        button = QToolButton()
        button.setIcon(icon(action.icon))
        button.setAccessibleName(actions.plain(action.title))
        button.setToolTip(f"{action.tip} ({action.shortcuts[0]})")
        button.setMinimumHeight(32)
        button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.action_requested.emit(action_id))
        return button

    def show_top_bar(self, state: TopBarState) -> None:
        """Show what is chosen and what runs."""
        selectors = (state.source, state.model, state.backend, state.device, state.precision)
        for field, selector in zip(self._fields, selectors, strict=True):
            field.show_selector(selector)
        self._scope.setVisible(state.tiles > 1)
        self._scope.show_selector(_scope(state))
        self._show_start(state)
        self._snapshot.setEnabled(state.saveable)
        self._show_record(state)
        self.badge.show_badge(state.badge)
        self.badge.show_loading(state.loading)

    def _show_start(self, state: TopBarState) -> None:
        words = text("TopBar", "Stop") if state.running else text("TopBar", "Start")
        self._start.setText(words)
        self._start.setAccessibleName(words)
        set_role(self._start, "button" if state.running else "primary")
        self._start.setIcon(icon("player-stop") if state.running else icon("player-play", "on_accent"))
        self._start.setEnabled(state.startable)

    def _show_record(self, state: TopBarState) -> None:
        self._record.setText(state.recording)
        self._record.setEnabled(state.recordable)
        recording = bool(state.recording)
        name = text("TopBar", "End the recording") if recording else text("TopBar", "Record")
        self._record.setAccessibleName(name)
        set_role(self._record, "error" if recording else "")


def _scope(state: TopBarState) -> Selector:
    choices = (Choice(_ONE, text("TopBar", "This tile")), Choice(_ALL, text("TopBar", "All tiles")))
    return Selector(choices, _ALL if state.all_selected else _ONE)


def connect(view: TopBar, presenter: TopBarPresenter) -> None:
    """Wire the person's intents; ``action_requested`` goes where the actions of the menus go."""
    view.source_chosen.connect(presenter.on_source_chosen)
    view.model_chosen.connect(presenter.on_model_chosen)
    view.backend_chosen.connect(presenter.on_backend_chosen)
    view.device_chosen.connect(presenter.on_device_chosen)
    view.precision_chosen.connect(presenter.on_precision_chosen)
    view.all_selected.connect(presenter.on_all_selected)
    view.cancel_requested.connect(presenter.on_load_cancelled)
