from __future__ import annotations

import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
from waiting_tasks import WaitingTasks

from engine.diagnostics.known import Known
from engine.diagnostics.reports import CRASH, FAULT, report_folder, write_report
from engine.doctor import examination
from engine.doctor.messages import Answer, Question
from engine.errors import CancelledError, InferoscopeError
from gui.presenters.diagnostics import DiagnosticsDisplay, DiagnosticsPresenter, DiagnosticsView
from gui.presenters.port import EnginePort, ModelState, TileState
from gui.presenters.problems import Problems
from gui.presenters.workspace import WorkspaceStore

AT = datetime(2026, 11, 21, 14, 55).astimezone()


class Room:
    """A presenter and all around it."""

    def __init__(self) -> None:
        self.view = create_autospec(DiagnosticsView, instance=True)
        self.engine = create_autospec(EnginePort, instance=True)
        self.engine.tile_state.return_value = TileState()
        self.engine.model_state.return_value = ModelState()
        self.tasks, self.problems, self.store = WaitingTasks(), Problems(), WorkspaceStore()
        self.presenter = DiagnosticsPresenter(
            self.view, self.store, self.engine, self.tasks, self.problems, known=lambda told: Known(documents=told)
        )

    @property
    def shown(self) -> DiagnosticsDisplay:
        return self.view.show_diagnostics.call_args.args[0]

    def start(self) -> None:
        self.presenter.start()
        self.tasks.run()


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the self-test asks of its children, which find nothing."""
    tasks: list[str] = []

    def asking(cancelled: Any, *_limits: Any) -> Any:
        def ask(question: Question) -> Answer:
            if cancelled():
                raise CancelledError
            tasks.append(question["task"])
            return {"title": "Runtime", "devices": []} if question["task"] == "devices" else {"checks": []}

        return ask

    monkeypatch.setattr(examination, "asking", asking)
    monkeypatch.setattr("engine.capture.camera_list.list_cameras", lambda: ())
    return tasks


def test_a_crash_is_told_at_the_next_start_and_never_again(room: Room) -> None:
    write_report(CRASH, AT, "words", None)
    room.start()
    assert room.shown.kind == "failed"
    assert room.shown.words.startswith("Inferoscope did not end properly last time (2026-11-21 14:55).")
    assert room.shown.folder == report_folder()
    again = Room()
    again.start()
    again.view.show_diagnostics.assert_not_called()


def test_a_crash_is_told_before_a_mistake_that_came_later(room: Room) -> None:
    write_report(CRASH, AT, "words", None)
    write_report(FAULT, AT.replace(hour=15), "words", None)
    room.start()
    assert "did not end properly" in room.shown.words


def test_a_mistake_alone_is_told_as_one(room: Room) -> None:
    write_report(FAULT, AT, "words", None)
    room.start()
    assert room.shown.words.startswith("Inferoscope made a mistake last time")


def test_without_a_report_there_is_nothing_to_tell(room: Room) -> None:
    room.start()
    room.presenter.refresh()
    room.view.show_diagnostics.assert_not_called()


def test_what_was_read_goes_away(room: Room) -> None:
    write_report(CRASH, AT, "words", None)
    room.start()
    room.presenter.on_dismissed()
    assert room.shown == DiagnosticsDisplay()


def test_diagnostics_are_saved_with_what_runs(room: Room, asked: list[str], tmp_path: Path) -> None:
    room.problems.add("Yard", InferoscopeError("The file is no model", subject="/home/ann/a/yard.onnx"))
    room.presenter.on_wanted()
    (name,) = room.view.ask_file.call_args.args
    assert name.endswith(".zip")
    room.presenter.on_file_chosen(tmp_path / name)
    assert room.shown.kind == "busy" and room.shown.can_skip
    room.presenter.on_wanted()
    assert room.view.ask_file.call_count == 1, "there is one at a time"
    room.tasks.run()
    assert room.shown.kind == "saved" and name in room.shown.words and room.shown.folder == tmp_path
    with zipfile.ZipFile(tmp_path / name) as saved:
        assert json.loads(saved.read("inferoscope/running.json"))["tiles"][0]["state"] == "idle"
        assert json.loads(saved.read("inferoscope/problems.json"))[0]["subject"] == "~/…/yard.onnx"
        assert json.loads(saved.read("inferoscope/doctor.json"))["complete"] is True
    assert "pictures" in asked


def test_the_self_test_can_be_skipped_the_devices_cannot(room: Room, asked: list[str], tmp_path: Path) -> None:
    room.presenter.on_file_chosen(tmp_path / "saved.zip")
    room.presenter.on_skip()
    assert room.shown.kind == "busy" and not room.shown.can_skip
    room.tasks.run()
    with zipfile.ZipFile(tmp_path / "saved.zip") as saved:
        assert json.loads(saved.read("inferoscope/doctor.json"))["complete"] is False
        assert json.loads(saved.read("inferoscope/devices.json"))["openvino"]["title"] == "Runtime"
    assert set(asked) == {"devices"}


@pytest.mark.usefixtures("asked")
def test_what_is_cancelled_leaves_nothing_and_can_be_begun_again(room: Room, tmp_path: Path) -> None:
    room.presenter.on_file_chosen(tmp_path / "saved.zip")
    room.presenter.on_cancel()
    assert room.shown == DiagnosticsDisplay()
    room.tasks.run()
    assert list(tmp_path.iterdir()) == []
    assert room.shown == DiagnosticsDisplay()
    room.presenter.on_file_chosen(tmp_path / "saved.zip")
    room.tasks.run()
    assert room.shown.kind == "saved"


@pytest.mark.usefixtures("asked")
def test_where_it_cannot_be_saved_that_is_a_problem(room: Room, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    room.presenter.on_file_chosen(tmp_path / "file" / "saved.zip")
    room.tasks.run()
    assert room.shown == DiagnosticsDisplay()
    (problem,) = room.problems.items
    assert problem.about == "Diagnostics"
