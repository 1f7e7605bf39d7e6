"""A whole window with made-up states behind it, for the tests of the shell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import frame_results
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.capture.source import SourceInfo, SourceState, SourceStatus
from engine.cards import Precision, Profile
from gui.presenters.health import HealthPresenter
from gui.presenters.port import BackendState, EnginePort, ModelState, RecordingState, TileState
from gui.presenters.problems import Problems
from gui.presenters.problems_panel import ProblemsPresenter
from gui.presenters.settings_page import SettingsPresenter
from gui.presenters.top_bar import TopBarPresenter
from gui.presenters.workspace import WorkspaceStore
from gui.settings import Settings
from gui.views import problems_panel, settings_page, top_bar
from gui.views.about import About
from gui.views.cheat_sheet import CheatSheet
from gui.views.main_window import MainWindow
from gui.views.problems_panel import ProblemsPanel
from gui.views.settings_page import SettingsPage

LIVE = TileState(
    open=True,
    status=SourceStatus(SourceState.LIVE),
    info=SourceInfo("video", "12.mp4", 1280, 720, 30.0, 100, 3.3, "avc1", live=False, seekable=True),
    captured=10,
)
REPORT = replace(
    frame_results.REPORT,
    backend_version="2026.4",
    device_requested="",
    device_title="CPU",
    precision_requested=Precision.AUTO,
    placement={"CPU": 268},
    profile=Profile.THROUGHPUT,
    lanes=4,
    compile_s=0.62,
    from_cache=True,
)
CPU = DeviceInfo(
    "CPU",
    "CPU",
    usable=True,
    precisions=(
        PrecisionInfo(Precision.FP32, usable=True),
        PrecisionInfo(Precision.BF16, usable=True),
    ),
)
BACKENDS = (
    BackendState("openvino", "OpenVINO", (CPU, DeviceInfo("GPU", "GPU", usable=False, reason="0", cure="1"))),
    BackendState("onnxruntime", "ONNX Runtime", (CPU,)),
)


@dataclass
class Shell:
    """The window, and everything a test may turn behind it."""

    window: MainWindow
    store: WorkspaceStore
    engine: Any
    bar: TopBarPresenter
    health: HealthPresenter
    settings: Settings
    problems: Problems
    panel: ProblemsPanel
    page: SettingsPage
    cheat_sheet: CheatSheet
    about: About

    def refresh(self) -> None:
        self.bar.refresh()
        self.health.refresh()


def make_shell(folder: Path) -> Shell:
    """A window with one file that plays and a model that runs, settings, problems and all dialogs."""
    store = WorkspaceStore()
    store.edit_tile("1", source="12.mp4", running=True)
    store.use_model(Path("8.onnx"))
    engine = create_autospec(EnginePort, instance=True)
    engine.tile_state.return_value = LIVE
    engine.model_state.return_value = ModelState(report=REPORT)
    engine.backends.return_value = BACKENDS
    engine.recording.return_value = RecordingState()
    window = MainWindow(folder / "window.json")
    bar = TopBarPresenter(window.top_bar, store, engine, open_source=lambda _source: None, want_int8=lambda: None)
    top_bar.connect(window.top_bar, bar)
    page, settings = SettingsPage(), Settings(folder / "settings.json")
    settings_page.connect(page, SettingsPresenter(page, settings))
    panel, problems = ProblemsPanel(window, folder / "log"), Problems()
    problems_panel.connect(panel, ProblemsPresenter(panel, problems))
    panel.counted.connect(window.status_line.show_problem_count)
    live = QLabel("1")
    live.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.add_page("live", "1", "activity", live)
    window.add_page("settings", "2", "settings", page, last=True)
    window.add_side_panel(panel)
    health = HealthPresenter(window.status_line, store, engine)
    cheat_sheet, about = CheatSheet(window), About(window)
    shell = Shell(window, store, engine, bar, health, settings, problems, panel, page, cheat_sheet, about)
    shell.refresh()
    return shell
