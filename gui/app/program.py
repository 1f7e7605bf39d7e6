"""The window and everything in it, built and joined."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.errors import InferoscopeError
from engine.library.catalogue import read_catalogue
from engine.library.store import ModelStore
from gui import theme
from gui.app.ground import Ground
from gui.arguments import Wanted
from gui.presenters.health import HealthPresenter
from gui.presenters.live import LivePresenter
from gui.presenters.model_panel import ModelPanelPresenter
from gui.presenters.models_page import ModelsPresenter
from gui.presenters.problems_panel import ProblemsPresenter
from gui.presenters.session_file import write_session
from gui.presenters.settings_page import SettingsPresenter
from gui.presenters.situation import situation
from gui.presenters.source_picker import SourcePickerPresenter
from gui.presenters.top_bar import TopBarPresenter
from gui.presenters.traces.presenter import TracesPresenter
from gui.texts import text
from gui.views import (
    correction_dialog,
    dialogs,
    model_panel,
    models_page,
    picture,
    problems_panel,
    settings_page,
    source_picker,
    top_bar,
    traces,
)
from gui.views.live_page import LivePage
from gui.views.main_window import MainWindow


class Program:
    """Builds widgets and presenters, leads intents to whom they concern, and gives everyone their turn of the clock.

    Args:
        application: Qt's.
        ground: What it stands on.
    """

    def __init__(self, application: QApplication, ground: Ground) -> None:
        self._application = application
        self._ground = ground
        self.window = MainWindow()
        self._make_live_page()
        self._make_other_pages()
        self._make_around()
        self._routes = self._make_routes()
        self._wire()
        self.window.bring_back()
        self._refresh_actions()

    # Parts --------------------------------------------------------------------------------------------------------

    def _make_live_page(self) -> None:
        g = self._ground
        self._pictures, self._panel, self._traces = (
            picture.PicturesView(),
            model_panel.ModelPanel(),
            traces.TracesPanel(),
        )
        self.live_page = LivePage(self._pictures, self._panel, self._traces)
        self.window.add_page("live", text("Pages", "Live"), "activity", self.live_page)
        self._picker_view = source_picker.SourcePicker(self.window)
        self._picker = SourcePickerPresenter(
            self._picker_view, g.store, g.bridge, g.secrets, g.tasks, history=g.history, open_source=g.opener.open
        )
        source_picker.connect(self._picker_view, self._picker)
        self._live = LivePresenter(
            self._pictures,
            g.store,
            g.bridge,
            g.settings,
            open_source=g.opener.open,
            choose_source=self._picker.ask,
            ask_password=lambda _tile_id: None,
        )
        picture.connect(self._pictures, self._live)
        self._panel_presenter = ModelPanelPresenter(self._panel, g.store, g.bridge, g.tasks, g.problems)
        model_panel.connect(self._panel, self._panel_presenter)
        self._panel.open_model_requested.connect(self._open_model)
        self._panel.correct_requested.connect(self._correct)
        self._traces_presenter = TracesPresenter(self._traces, g.store, g.bridge, g.tasks, g.problems)
        traces.connect(self._traces, self._traces_presenter)

    def _make_other_pages(self) -> None:
        g = self._ground
        self._models_page = models_page.ModelsPage()
        self._model_store = ModelStore()
        self._models = ModelsPresenter(
            self._models_page,
            g.store,
            g.bridge,
            g.tasks,
            g.problems,
            model_store=self._model_store,
            catalogue=read_catalogue(),
            show_page=self.window.show_page,
        )
        models_page.connect(self._models_page, self._models)
        self.window.add_page("models", text("Pages", "Models"), "box", self._models_page)
        self._settings_page = settings_page.SettingsPage()
        self._settings = SettingsPresenter(self._settings_page, g.settings)
        settings_page.connect(self._settings_page, self._settings)
        self.window.add_page("settings", text("Pages", "Settings"), "settings", self._settings_page, last=True)

    def _make_around(self) -> None:
        g = self._ground
        self._top_bar = TopBarPresenter(
            self.window.top_bar,
            g.store,
            g.bridge,
            recent_sources=lambda: (*g.history.files, *g.history.addresses),
            recent_models=lambda: [model.path for model in self._model_store.models],
            open_source=lambda source: g.opener.open(g.store.now.selected, source),
        )
        top_bar.connect(self.window.top_bar, self._top_bar)
        self._health = HealthPresenter(self.window.status_line, g.store, g.bridge)
        self._problems_panel = problems_panel.ProblemsPanel(self.window, Path())
        self._problems = ProblemsPresenter(self._problems_panel, g.problems)
        problems_panel.connect(self._problems_panel, self._problems)
        self.window.add_side_panel(self._problems_panel)
        self._problems_panel.counted.connect(self.window.status_line.show_problem_count)

    # Wires --------------------------------------------------------------------------------------------------------

    def _wire(self) -> None:
        g, window = self._ground, self.window
        window.triggered.connect(self._on_action)
        window.dropped.connect(self._on_dropped)
        window.full_screen_changed.connect(self.live_page.show_pictures_alone)
        window.closed.connect(self._application.quit)
        window.page_shown.connect(lambda _page: self._refresh_actions())
        g.clock.displayed.connect(self._live.tick)
        g.clock.sampled.connect(self._traces_presenter.sample)
        g.clock.polled.connect(self._poll)
        g.clock.idled.connect(self._models.watch)
        g.settings.subscribe(self._on_setting)
        g.store.subscribe(lambda _before, _now: self._refresh_actions())
        self._application.styleHints().colorSchemeChanged.connect(lambda _scheme: self._dress())

    def _poll(self) -> None:
        self._live.refresh()
        self._panel_presenter.refresh()
        self._top_bar.refresh()
        self._health.refresh()
        if self._models_page.isVisible():
            self._models.refresh()
        self._refresh_actions()

    def _refresh_actions(self) -> None:
        store, window = self._ground.store, self.window
        window.set_situation(situation(store.now, self._ground.bridge, window.page))
        window.set_checked("view.overlay", store.now.overlay)
        window.set_checked("view.panel", self.live_page.shows_panel)
        window.set_checked("view.traces", self.live_page.shows_traces)

    def _on_setting(self, key: str) -> None:
        if key == "theme":
            self._dress()

    def _dress(self) -> None:
        theme.apply(self._application, self._ground.settings.text("theme"))

    # Actions ------------------------------------------------------------------------------------------------------

    def _on_action(self, action_id: str) -> None:
        if not self._live.on_action(action_id):
            self._routes[action_id]()
        self._refresh_actions()

    def _make_routes(self) -> dict[str, Callable[[], None]]:
        """What each action of the table does that is not about pictures."""
        store, window, page = self._ground.store, self.window, self.live_page
        return {
            "file.source": lambda: self._picker.ask(store.now.selected),
            "file.model": self._open_model,
            "file.add_tile": self._add_tile,
            "file.close_tile": lambda: store.remove_tile(store.now.selected),
            "file.open_session": self._open_session,
            "file.save_session": self._save_session,
            "file.quit": self._quit,
            "stream.start_stop": self._top_bar.on_start_stop,
            "stream.start_all": self._top_bar.on_start_all,
            "stream.stop_all": self._top_bar.on_stop_all,
            "view.live": lambda: window.show_page("live"),
            "view.models": lambda: window.show_page("models"),
            "view.settings": lambda: window.show_page("settings"),
            "view.full_screen": lambda: window.set_full_screen(not window.full_screen),
            "view.panel": lambda: page.show_panel(not page.shows_panel),
            "view.traces": lambda: page.show_traces(not page.shows_traces),
        }

    def _open_model(self) -> None:
        path = dialogs.choose_model(self.window)
        if path is not None:
            self._ground.store.use_model(path)

    def _correct(self) -> None:
        correction_dialog.open_correction(self.window, self._ground.store, self._ground.bridge, self._ground.tasks)

    def _add_tile(self) -> None:
        tile_id = self._ground.store.add_tile()
        if tile_id is not None:
            self.window.show_page("live")
            self._picker.ask(tile_id)

    def _open_session(self) -> None:
        path = dialogs.choose_session(self.window)
        if path is not None:
            self._ground.open_session(path)

    def _save_session(self) -> None:
        path = dialogs.name_session(self.window)
        if path is None:
            return
        try:
            write_session(path, self._ground.store.now)
        except InferoscopeError as error:
            self._ground.problems.add(path.name, error)

    def _quit(self) -> None:
        self.window.close()

    def _on_dropped(self, items: list[str]) -> None:
        self._live.on_drop(self._ground.store.now.selected, items)

    # Life ---------------------------------------------------------------------------------------------------------

    def start(self, wanted: Wanted) -> None:
        """Let it run: called when the window has been painted."""
        self._ground.start(wanted)

    def close(self) -> None:
        """Take the window apart, before what it stands on."""
        self._ground.clock.stop()
        self.window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, True)
        self.window.close()
