"""The live page and its dialogs, built and joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.app.ground import Ground
from gui.presenters.live import LivePresenter
from gui.presenters.model_panel import ModelPanelPresenter
from gui.presenters.password import PasswordPresenter
from gui.presenters.source_picker import SourcePickerPresenter
from gui.presenters.titles import source_title
from gui.presenters.traces.presenter import TracesPresenter
from gui.views import correction_dialog, dialogs, model_panel, password_dialog, picture, source_picker, traces
from gui.views.live_page import LivePage


class Live:
    """Pictures, model panel and traces, with the dialogs that choose a source, a password, a model and its card.

    Args:
        ground: What it stands on.
        window: Owns the dialogs.
        known_models: Models that are there, newest first.
    """

    def __init__(self, ground: Ground, window: QWidget, *, known_models: Callable[[], Iterable[Path]]) -> None:
        self._ground = ground
        self._window = window
        self._join_source_picker()
        self._join_password()
        pictures = self._join_pictures()
        self.page = LivePage(pictures, self._join_panel(known_models), self._join_traces())
        ground.clock.displayed.connect(self.pictures.tick)
        ground.clock.every(0.1, self.traces.sample)
        self.refreshes = (self.pictures.refresh, self._panel.refresh, self._password.refresh)
        """Each shows how the streams are. Four times a second."""

    def _join_source_picker(self) -> None:
        g, view = self._ground, source_picker.SourcePicker(self._window)
        self.picker = SourcePickerPresenter(
            view, g.store, g.bridge, g.secrets, g.tasks, history=g.history, open_source=g.open_source
        )
        source_picker.connect(view, self.picker)

    def _join_password(self) -> None:
        g, view = self._ground, password_dialog.PasswordDialog(self._window)
        self._password = PasswordPresenter(view, g.store, g.bridge, g.opener)
        password_dialog.connect(view, self._password)

    def _join_pictures(self) -> QWidget:
        g, view = self._ground, picture.PicturesView()
        self.pictures = LivePresenter(
            view,
            g.store,
            g.bridge,
            g.settings,
            open_source=g.opener.open,
            choose_source=self.picker.ask,
            ask_password=self._password.ask,
        )
        picture.connect(view, self.pictures)
        self.grid = view.grid
        return view

    def _join_panel(self, known_models: Callable[[], Iterable[Path]]) -> QWidget:
        g, view = self._ground, model_panel.ModelPanel()
        self._panel = ModelPanelPresenter(view, g.store, g.bridge, g.tasks, g.problems, known_models=known_models)
        model_panel.connect(view, self._panel)
        view.open_model_requested.connect(self.open_model)
        view.correct_requested.connect(self._correct)
        self.panel = view
        return view

    def _join_traces(self) -> QWidget:
        g, view = self._ground, traces.TracesPanel()
        self.traces = TracesPresenter(view, g.store, g.bridge, g.tasks, g.problems)
        traces.connect(view, self.traces)
        return view

    def open_model(self) -> None:
        """Let the person choose a model for the selected tile."""
        path = dialogs.choose_model(self._window)
        if path is not None:
            self._ground.store.use_model(path)

    def add_tile(self) -> None:
        """One more tile, and what it is to show."""
        tile_id = self._ground.store.add_tile()
        if tile_id is not None:
            self.picker.ask(tile_id)

    def rename_tile(self) -> None:
        """Let the person give the selected tile a name."""
        g = self._ground
        tile = g.store.now.tile(g.store.now.selected)
        usual = source_title(tile.source, g.bridge.tile_state(tile.tile_id))
        dialogs.name_tile(self._window, tile.name, usual, lambda name: g.store.edit_tile(tile.tile_id, name=name))

    def take_focus(self) -> None:
        """Let keys be for the selected tile, without a ring around it that nobody asked for."""
        tile = self.grid.tile(self._ground.store.now.selected)
        if tile is not None:
            tile.setFocus(Qt.FocusReason.OtherFocusReason)

    def _correct(self) -> None:
        g = self._ground
        correction_dialog.open_correction(self._window, g.store, g.bridge, g.tasks)
