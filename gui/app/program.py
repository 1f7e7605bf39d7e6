"""The window and everything in it, built and joined."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.diagnostics.logs import log_folder
from engine.errors import InferoscopeError
from engine.library.bundled import inside_models
from engine.library.catalogue import read_catalogue
from engine.library.store import ModelStore
from gui import theme
from gui.actions import TILE_MENU
from gui.app.ground import Ground
from gui.app.live import Live
from gui.arguments import Wanted
from gui.presenters.cameras import Cameras
from gui.presenters.demo import DEMO_SOURCE
from gui.presenters.diagnostics import DiagnosticsPresenter
from gui.presenters.health import HealthPresenter
from gui.presenters.manual import ManualPresenter
from gui.presenters.models_page import ModelsPresenter
from gui.presenters.problems_panel import ProblemsPresenter
from gui.presenters.saving import SavingPresenter
from gui.presenters.session_file import write_session
from gui.presenters.settings_page import SettingsPresenter
from gui.presenters.situation import situation
from gui.presenters.top_bar import TopBarPresenter
from gui.resources import manual as manual_folder
from gui.texts import text
from gui.views import (
    diagnostics,
    dialogs,
    manual,
    models_page,
    problems_panel,
    saving,
    settings_page,
    top_bar,
)
from gui.views.about import About
from gui.views.cheat_sheet import CheatSheet
from gui.views.late_page import LatePage
from gui.views.main_window import MainWindow
from gui.views.problems_panel import open_folder

if TYPE_CHECKING:
    from gui.app.optimising import Optimising

_REFRESH_S = 0.25
_CAMERAS_S = 20.0


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
        self._join_diagnostics()
        self._model_store = ModelStore()
        self.live = Live(ground, self.window, known_models=self._known_models)
        self.window.add_page("live", text("Pages", "Live"), "activity", self.live.page)
        self._join_models_page()
        self._join_optimise_page()
        self._join_settings_page()
        self._join_top_bar()
        self._join_status_line()
        self._join_problems()
        self._routes = self._make_routes()
        self._wire()
        self._bring_back()
        self._take_turns()

    # Parts --------------------------------------------------------------------------------------------------------

    def _join_diagnostics(self) -> None:
        g, strip = self._ground, diagnostics.DiagnosticsStrip()
        self._diagnostics = DiagnosticsPresenter(strip, g.store, g.bridge, g.tasks, g.problems, known=g.known)
        diagnostics.connect(strip, self._diagnostics)
        self.window.add_strip(strip)

    def _known_models(self) -> list[Path]:
        return [*(model.path for model in self._model_store.models), *inside_models()]

    def _join_models_page(self) -> None:
        g, self._models_page = self._ground, models_page.ModelsPage()
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

    def _join_optimise_page(self) -> None:
        room = self._optimise_page = LatePage()
        room.wanted.connect(lambda: self._optimise)
        room.filled.connect(lambda: self.window.order_tabs(room))
        self.window.add_page("optimise", text("Pages", "Optimise"), "rocket", room)

    @cached_property
    def _optimise(self) -> Optimising:
        """Made when it is first wanted, and what it is made of is loaded then."""
        from gui.app.optimising import Optimising

        made = Optimising(self._ground, self.window)
        made.presenter.refresh()
        self._optimise_page.fill(made.page)
        clock, presenter = self._ground.clock, made.presenter
        clock.every(
            _REFRESH_S, presenter.refresh, lambda: presenter.busy or (self._can_be_seen() and made.page.isVisible())
        )
        clock.every(_REFRESH_S, made.news.refresh)
        return made

    def _join_settings_page(self) -> None:
        page = settings_page.SettingsPage()
        self._settings = SettingsPresenter(page, self._ground.settings)
        settings_page.connect(page, self._settings)
        self.window.add_page("settings", text("Pages", "Settings"), "settings", page, last=True)

    def _join_top_bar(self) -> None:
        g, view = self._ground, self.window.top_bar
        self._cameras = Cameras(g.tasks)
        self._top_bar = TopBarPresenter(
            view,
            g.store,
            g.bridge,
            sources=lambda: (*self._cameras.sources, *g.history.files, *g.history.addresses, DEMO_SOURCE),
            recent_models=self._known_models,
            open_source=lambda source: g.open_source(g.store.now.selected, source),
            want_int8=self._want_int8,
        )
        top_bar.connect(view, self._top_bar)

    def _want_int8(self) -> None:
        self._optimise.presenter.on_int8_wanted()

    def _join_status_line(self) -> None:
        g = self._ground
        self._health = HealthPresenter(self.window.status_line, g.store, g.bridge)
        strip = saving.SavingStrip()
        self._saving = SavingPresenter(strip, g.store, g.bridge, g.settings, tasks=g.tasks, problems=g.problems)
        saving.connect(strip, self._saving)
        self.window.add_status_widget(strip)

    @cached_property
    def _manual(self) -> ManualPresenter:
        """Made when it is first wanted."""
        view = manual.ManualWindow(manual_folder(), self.window)
        presenter = ManualPresenter(view, manual_folder())
        manual.connect(view, presenter)
        self.window.closed.connect(view.close)
        return presenter

    def _join_problems(self) -> None:
        panel = self._problems_panel = problems_panel.ProblemsPanel(self.window, log_folder())
        self.window.add_side_panel(panel)
        panel.counted.connect(self.window.status_line.show_problem_count)
        self._problems = ProblemsPresenter(panel, self._ground.problems, self._explain)
        problems_panel.connect(panel, self._problems)

    def _explain(self, error: InferoscopeError) -> None:
        self._manual.on_message_wanted(error)

    def _bring_back(self) -> None:
        window = self.window
        for name, part in (("live", self.live.page), ("panel", self.live.panel), ("traces", self.live.traces)):
            window.keep(name, partial(getattr, part, "choices"), part.take_choices)
        window.bring_back()
        self.live.take_focus()

    # Wires --------------------------------------------------------------------------------------------------------

    def _wire(self) -> None:
        g, window = self._ground, self.window
        window.triggered.connect(self._on_action)
        window.dropped.connect(lambda items: self.live.pictures.on_drop(g.store.now.selected, items))
        window.full_screen_changed.connect(self.live.page.show_pictures_alone)
        window.closed.connect(self._application.quit)
        self.live.grid.context_menu_requested.connect(lambda _tile, place: window.pop_up(TILE_MENU, place))
        window.page_shown.connect(lambda _page: self._refresh_actions())
        g.settings.subscribe(self._on_setting)
        g.store.subscribe(lambda _before, _now: self._refresh_actions())
        self._application.styleHints().colorSchemeChanged.connect(lambda _scheme: self._dress())

    def _take_turns(self) -> None:
        """Show all there is once, then each part in its turn. What cannot be seen is not drawn; the disk is watched."""
        clock, models = self._ground.clock, self._models
        for refresh in (*self.live.refreshes, self._top_bar.refresh, self._health.refresh, self._refresh_actions):
            refresh()
            clock.every(_REFRESH_S, refresh, self._can_be_seen)
        clock.every(_REFRESH_S, models.refresh, lambda: self._can_be_seen() and self._models_page.isVisible())
        clock.every(1.0, models.watch)
        clock.every(_REFRESH_S, self._diagnostics.refresh)
        clock.every(_CAMERAS_S, self._cameras.look, self._can_be_seen)
        self._saving.refresh()
        clock.every(_REFRESH_S, self._saving.refresh)

    def _can_be_seen(self) -> bool:
        return self.window.isVisible() and not self.window.isMinimized()

    def _refresh_actions(self) -> None:
        store, window, page = self._ground.store, self.window, self.live.page
        window.set_situation(situation(store.now, self._ground.bridge, window.page))
        for action_id, checked in (
            ("view.overlay", store.now.overlay),
            ("view.panel", page.shows_panel),
            ("view.traces", page.shows_traces),
            ("stream.record", self._ground.bridge.recording().active),
        ):
            window.set_checked(action_id, checked)

    def _on_setting(self, key: str) -> None:
        if key == "theme":
            self._dress()

    def _dress(self) -> None:
        theme.apply(self._application, self._ground.settings.text("theme"))

    # Actions ------------------------------------------------------------------------------------------------------

    def _on_action(self, action_id: str) -> None:
        if not self.live.pictures.on_action(action_id):
            self._routes[action_id]()
        self._refresh_actions()

    def _make_routes(self) -> dict[str, Callable[[], object]]:
        """What each action of the table does that is not about pictures."""
        store, window, live, page = self._ground.store, self.window, self.live, self.live.page
        return {
            "file.source": lambda: live.picker.ask(store.now.selected),
            "file.model": live.open_model,
            "file.add_tile": self._add_tile,
            "file.rename_tile": live.rename_tile,
            "file.close_tile": lambda: store.remove_tile(store.now.selected),
            "file.open_session": self._open_session,
            "file.save_session": self._save_session,
            "file.quit": window.close,
            "stream.start_stop": self._top_bar.on_start_stop,
            "stream.start_all": self._top_bar.on_start_all,
            "stream.stop_all": self._top_bar.on_stop_all,
            "stream.snapshot": self._saving.on_snapshot,
            "stream.record": self._saving.on_record,
            "view.live": lambda: window.show_page("live"),
            "view.models": lambda: window.show_page("models"),
            "view.optimise": lambda: window.show_page("optimise"),
            "view.settings": lambda: window.show_page("settings"),
            "view.full_screen": lambda: window.set_full_screen(not window.full_screen),
            "view.panel": lambda: page.show_panel(not page.shows_panel),
            "view.traces": lambda: page.show_traces(not page.shows_traces),
            "view.problems": lambda: self._problems_panel.set_open(not self._problems_panel.isVisible()),
            "help.demo": self._try_demo,
            "help.manual": lambda: self._manual.on_wanted(window.page),
            "help.keys": lambda: CheatSheet(window).exec(),
            "help.log": lambda: open_folder(log_folder()),
            "help.diagnostics": self._diagnostics.on_wanted,
            "help.about": lambda: About(window).exec(),
        }

    def _add_tile(self) -> None:
        self.window.show_page("live")
        self.live.add_tile()

    def _try_demo(self) -> None:
        self.window.show_page("live")
        self._ground.try_demo()

    def _open_session(self) -> None:
        path = dialogs.choose_session(self.window)
        if path is not None:
            self._ground.open_session(path)

    def _save_session(self) -> None:
        path, now = dialogs.name_session(self.window), self._ground.store.now
        if path is None:
            return
        self._ground.bridge.tasks.start(
            text("SessionFile", "Saving the session"),
            lambda _control: write_session(path, now),
            lambda _done: None,
            lambda error: self._ground.problems.add(path.name, error),
        )

    # Life ---------------------------------------------------------------------------------------------------------

    def start(self, wanted: Wanted) -> None:
        """Let it run: called when the window has been painted."""
        self._problems.announce()
        self._diagnostics.start()
        self._ground.start(wanted)

    def close(self) -> None:
        """Take the window apart, before what it stands on."""
        self._ground.clock.stop()
        self.window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, True)
        self.window.close()
