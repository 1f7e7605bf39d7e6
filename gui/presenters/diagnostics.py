"""What a person is told when the program failed last time, and how they save what others need to help."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from engine.cards_json import card_json, execution_json
from engine.diagnostics.known import Known
from engine.diagnostics.reports import CRASH, Report, take_new
from engine.errors import CancelledError, InferoscopeError
from gui.presenters.port import EnginePort, ModelState, Task, TaskControl, Tasks, TileState
from gui.presenters.problems import Problems
from gui.presenters.workspace import WorkspaceStore
from gui.texts import text

_log = logging.getLogger(__name__)

SELF_TEST_S = 90.0
"""Nobody who wants help waits longer; what was found until then is told."""


@dataclass(frozen=True, slots=True)
class DiagnosticsDisplay:
    """What the strip above the pages tells.

    Attributes:
        kind: "failed" (last time), "busy", "saved", or "" for nothing.
        words: In one or two sentences.
        folder: To be shown on request, None for none.
        can_skip: Whether the self-test can be left out.
    """

    kind: str = ""
    words: str = ""
    folder: Path | None = None
    can_skip: bool = False


class DiagnosticsView(Protocol):
    """A strip above the pages, hidden while there is nothing to tell."""

    def show_diagnostics(self, display: DiagnosticsDisplay) -> None:
        """Show it."""

    def ask_file(self, name: str) -> None:
        """Let the person choose where to save: ``on_file_chosen`` is told. ``name`` is a good one."""


@dataclass
class _Saving:
    """An archive that is being made. ``skipped`` is read by the task."""

    path: Path
    task: Task | None = None
    skipped: bool = False


class DiagnosticsPresenter:
    """Offers the reports of what failed last time, once, and saves diagnostics.

    Args:
        view: The strip.
        store: What is set up.
        engine: How it runs.
        tasks: Reading and collecting take longer than a frame.
        problems: What went wrong, which goes into the archive; told where it cannot be saved.
        known: What else goes into the archive, given what is running; asked in the GUI thread.
    """

    def __init__(
        self,
        view: DiagnosticsView,
        store: WorkspaceStore,
        engine: EnginePort,
        tasks: Tasks,
        problems: Problems,
        *,
        known: Callable[[dict[str, Any]], Known],
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._tasks = tasks
        self._problems = problems
        self._known = known
        self._saving: _Saving | None = None
        self._resting = self._shown = DiagnosticsDisplay()

    def start(self) -> None:
        """Look for reports that nobody has been told of; called when the window has been painted."""
        self._tasks.start("reports", lambda _control: _new_reports(), self._on_reports, self._on_failed)

    def on_wanted(self) -> None:
        """Ask where to save; while an archive is being made there is no other one."""
        if self._saving is None:
            self._view.ask_file(f"inferoscope-{date.today().isoformat()}.zip")

    def on_file_chosen(self, path: Path) -> None:
        """Collect and save, in the background."""
        if self._saving is not None:
            return
        saving = self._saving = _Saving(path)
        known = self._known({"running.json": self._running(), "problems.json": self._problem_documents()})
        saving.task = self._tasks.start(
            "diagnostics", lambda control: _save(saving, known, control), self._on_saved, self._on_failed
        )
        self.refresh()

    def on_skip(self) -> None:
        """Leave out the rest of the self-test."""
        if self._saving is not None:
            self._saving.skipped = True
            self.refresh()

    def on_cancel(self) -> None:
        """Save nothing."""
        if self._saving is not None and self._saving.task is not None:
            self._saving.task.cancel()
        self._rest(DiagnosticsDisplay())

    def on_dismissed(self) -> None:
        """The person has read it."""
        self._rest(DiagnosticsDisplay())

    def refresh(self) -> None:
        """Show how far it is."""
        display = self._resting
        if self._saving is not None and self._saving.task is not None:
            told = text("Diagnostics", "Collecting diagnostics: {phase}").format(phase=_phase(self._saving.task.phase))
            display = DiagnosticsDisplay("busy", told, can_skip=not self._saving.skipped)
        if display != self._shown:
            self._shown = display
            self._view.show_diagnostics(display)

    def _on_reports(self, reports: list[Report]) -> None:
        crashes = [report for report in reports if report.kind == CRASH]
        if reports:
            self._rest(_offer((crashes or reports)[-1]))

    def _on_saved(self, path: Path) -> None:
        told = text(
            "Diagnostics",
            "Saved as {name}. Names, folders, passwords and cameras were replaced; look through it before you send it.",
        )
        self._rest(DiagnosticsDisplay("saved", told.format(name=path.name), path.parent))

    def _on_failed(self, error: InferoscopeError) -> None:
        self._problems.add(text("Diagnostics", "Diagnostics"), error)
        self._rest(DiagnosticsDisplay())

    def _rest(self, display: DiagnosticsDisplay) -> None:
        self._saving, self._resting = None, display
        self.refresh()

    # What is running ----------------------------------------------------------------------------------------------

    def _running(self) -> dict[str, Any]:
        now = self._store.now
        return {
            "models": [
                {"model": model.model_id, **_model_document(self._engine.model_state(model.model_id))}
                for model in now.models
            ],
            "tiles": [
                {"tile": tile.tile_id, "model": tile.model_id, **_tile_document(self._engine.tile_state(tile.tile_id))}
                for tile in now.tiles
            ],
        }

    def _problem_documents(self) -> list[dict[str, Any]]:
        return [
            {"at_s": problem.at_s, "about": problem.about, "times": problem.times, **_error_document(problem.error)}
            for problem in self._problems.items
        ]


def _phase(told: str) -> str:
    """What goes on, as the person says it; names of devices and files are the same everywhere."""
    devices, _, backend = told.partition("Devices of ")
    if backend and not devices:
        return text("Diagnostics", "devices of {runtime}").format(runtime=backend)
    phases = {
        "": text("Diagnostics", "beginning"),
        "Files and folders": text("Diagnostics", "files and folders"),
        "Videos and pictures": text("Diagnostics", "videos and pictures"),
        "Cameras": text("Diagnostics", "cameras"),
        "Names to be replaced": text("Diagnostics", "names to be replaced"),
        "Writing the archive": text("Diagnostics", "writing the archive"),
    }
    return phases.get(told, told)


def _offer(report: Report) -> DiagnosticsDisplay:
    told = text(
        "Diagnostics", "Inferoscope did not end properly last time ({time}). A report is kept on this computer."
    )
    if report.kind != CRASH:
        told = text("Diagnostics", "Inferoscope made a mistake last time ({time}). A report is kept on this computer.")
    return DiagnosticsDisplay("failed", told.format(time=f"{report.at:%Y-%m-%d %H:%M}"), report.path.parent)


def _new_reports() -> list[Report]:
    """A task: the reports that nobody has been told of."""
    try:
        return take_new()
    except OSError as error:
        _log.warning("Reports of what failed are not told: their folder cannot be written (%s)", error)
        return []


def _save(saving: _Saving, known: Known, control: TaskControl) -> Path:
    """A task: self-test, archive."""
    from engine.diagnostics.archive import save_archive  # with the runtimes' tables: not at the start of the window
    from engine.diagnostics.self_test import self_test
    from engine.doctor.examination import asking

    ends_s = time.monotonic() + SELF_TEST_S

    def skipped() -> bool:
        return saving.skipped or time.monotonic() > ends_s

    test = self_test(asking(lambda: control.cancelled() or skipped()), control.progress, skipped)
    if control.cancelled():
        raise CancelledError
    test.ask_devices(asking(control.cancelled), control.progress)
    save_archive(saving.path, known, test, control.progress)
    return saving.path


def _model_document(state: ModelState) -> dict[str, Any]:
    return {
        "card": None if state.card is None else _card_document(card_json(state.card)),
        "execution": None if state.report is None else execution_json(state.report),
        "loading": None if state.loading is None else state.loading.phase,
        "error": None if state.error is None else _error_document(state.error),
    }


def _card_document(card: dict[str, Any]) -> dict[str, Any]:
    """A card without the words of whoever made the model: they may tell what it is for."""
    counted = {key: len(card[key]) for key in ("classes", "keypoint_names")}
    return {**card, **counted, "metadata": sorted(card["metadata"])}


def _tile_document(state: TileState) -> dict[str, Any]:
    info = state.info
    return {
        "state": state.status.state.value,
        "source": None if info is None else {"width_px": info.width, "height_px": info.height, "rate_hz": info.rate_hz},
        "captured": state.captured,
        "published": state.published,
        "dropped": dict(state.dropped),
        "capture_hz": round(state.capture_hz, 2),
        "inference_hz": round(state.inference_hz, 2),
        "display_hz": round(state.display_hz, 2),
        "error": None if state.error is None else _error_document(state.error),
    }


def _error_document(error: InferoscopeError) -> dict[str, str]:
    return {"what": error.what, "subject": error.subject, "remedy": error.remedy, "detail": error.detail}
