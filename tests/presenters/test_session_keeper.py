from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from waiting_tasks import WaitingTasks

from gui.presenters import session_file
from gui.presenters.problems import Problems
from gui.presenters.session_file import read_session, write_session
from gui.presenters.session_keeper import LAST_SAVE_S, SILENT_AFTER_S, SessionKeeper, open_other
from gui.presenters.workspace import Tile, Workspace, WorkspaceStore

YARD = Workspace(tiles=(Tile("1", "Yard", "rtsp://***@10.0.0.7/yard", running=True),))


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Desk:
    """A program that keeps a session."""

    def __init__(self, path: Path) -> None:
        self.clock = Clock()
        self.tasks = WaitingTasks()
        self.problems = Problems()
        self.keeper = SessionKeeper(path, self.problems, self.clock)
        self.store = WorkspaceStore(self.keeper.open())
        self.keeper.follow(self.store, self.tasks)

    def save(self) -> None:
        """A second passes, and what it started in the background is done."""
        self.keeper.refresh()
        self.tasks.run()

    def close(self) -> None:
        self.keeper.close(LAST_SAVE_S)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions" / "session.json"


def test_the_session_comes_back(path: Path) -> None:
    first = Desk(path)
    first.store.put(YARD)
    first.close()
    second = Desk(path)
    assert second.store.now == YARD
    assert second.problems.items == ()
    second.close()


def test_it_is_saved_as_it_changes_but_once_a_second_at_most(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Mock(wraps=session_file.write_atomic)
    monkeypatch.setattr(session_file, "write_atomic", write)
    desk = Desk(path)
    desk.save()
    assert not write.called
    for step in range(40):  # ten seconds of a slider being dragged
        desk.store.edit_tile("1", max_fps=float(step + 1))
        desk.save()
        desk.clock.now_s += 0.25
    assert write.call_count == 10
    desk.close()
    assert read_session(path).workspace.tiles[0].max_fps == 40.0


def test_a_save_keeps_nobody_waiting_and_the_next_one_has_the_newest(path: Path) -> None:
    desk = Desk(path)
    for number in range(1, 4):
        desk.store.edit_tile("1", max_fps=float(number))
        desk.keeper.refresh()
        desk.clock.now_s += 1.0
    assert not path.exists()
    assert len(desk.tasks.names) == 1, "one at a time"
    desk.tasks.run()
    assert read_session(path).workspace.tiles[0].max_fps == 1.0
    desk.clock.now_s += 1.0
    desk.save()
    assert read_session(path).workspace.tiles[0].max_fps == 3.0
    desk.close()


def test_a_drive_that_does_not_answer_is_told_once_and_saves_go_on_when_it_does(path: Path) -> None:
    desk = Desk(path)
    desk.store.put(YARD)
    desk.keeper.refresh()
    for seconds in (1.0, SILENT_AFTER_S, SILENT_AFTER_S + 1.0):
        desk.tasks.waiting[0].elapsed_s = seconds
        desk.keeper.refresh()
    assert ["does not answer" in str(problem.error) for problem in desk.problems.items] == [True]
    desk.tasks.run()
    assert read_session(path).workspace == YARD
    desk.close()


def test_the_last_save_comes_after_one_that_is_under_way(path: Path) -> None:
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    desk.keeper.refresh()
    desk.store.edit_tile("1", name="evening")
    desk.close()
    assert read_session(path).workspace.tiles[0].name == "evening"
    again = Desk(path)
    assert again.keeper.saves, "others can have it"
    again.close()


def test_the_last_save_never_writes_beside_one_that_does_not_end(path: Path) -> None:
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    desk.tasks.end = False
    desk.keeper.refresh()
    desk.store.edit_tile("1", name="evening")
    desk.tasks.end = True
    desk.close()
    assert not path.exists()
    assert "does not answer" in str(desk.problems.items[-1].error)
    desk.close()  # lets go of the lock


def test_the_end_of_the_program_waits_for_no_drive_for_ever(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk(path)
    desk.store.put(YARD)
    desk.tasks.end = False
    desk.close()
    assert "does not answer" in caplog.text
    desk.tasks.run()
    assert read_session(path).workspace == YARD, "it answered after all"


def test_a_last_save_that_fails_stands_in_the_log(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(path)
    desk.store.put(YARD)
    monkeypatch.setattr(session_file, "write_atomic", Mock(side_effect=OSError(28, "No space left on device")))
    desk.close()
    assert "cannot be saved" in caplog.text


def test_a_session_that_another_program_took_meanwhile_is_left_to_it(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    desk = Desk(in_the_way / "session.json")
    in_the_way.unlink()
    other_program = Desk(in_the_way / "session.json")
    desk.store.put(YARD)
    desk.save()
    assert not desk.keeper.saves
    assert "Another Inferoscope" in str(desk.problems.items[-1].error)
    assert not (in_the_way / "session.json").exists()
    other_program.close()
    desk.close()


def test_what_did_not_change_is_not_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(path)
    desk.store.put(YARD)
    desk.save()
    monkeypatch.setattr(session_file, "write_atomic", Mock(side_effect=AssertionError))
    desk.clock.now_s += 5.0
    desk.save()
    desk.close()


def test_a_damaged_file_is_kept_aside_and_told_once(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"format": "inferoscope-session", "version": 1, "tiles": [{"id": "1", "speed": "x"}]}')
    desk = Desk(path)
    assert desk.store.now == Workspace()
    (problem,) = desk.problems.items
    assert str(path) in problem.error.subject
    assert "tiles[0].speed" in problem.error.subject
    assert path.with_name("session.json.damaged").read_bytes().endswith(b'"x"}]}')
    desk.store.put(YARD)
    desk.close()
    again = Desk(path)
    assert again.store.now == YARD
    assert again.problems.items == ()
    again.close()


def test_every_damaged_file_is_kept(path: Path) -> None:
    path.parent.mkdir()
    for content in ("first", "second", "third"):
        path.write_text(content, encoding="utf-8")
        desk = Desk(path)
        assert desk.problems.items[0].error.remedy.startswith("It was kept as")
        desk.close()
    kept = {file.name: file.read_text(encoding="utf-8") for file in path.parent.glob("*.damaged*")}
    assert kept == {
        "session.json.damaged": "first",
        "session.json.damaged-2": "second",
        "session.json.damaged-3": "third",
    }


def test_what_was_left_out_of_it_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"format": "inferoscope-session", "version": 1, "ghost": 1, "tiles": [{"id": "4"}]}')
    desk = Desk(path)
    assert desk.store.now.tiles[0].tile_id == "4"
    assert "ghost" in str(desk.problems.items[0].error)
    desk.close()


def test_a_second_program_is_told_and_saves_nothing(path: Path) -> None:
    first = Desk(path)
    first.store.put(YARD)
    first.save()
    second = Desk(path)
    assert not second.keeper.saves
    assert second.store.now == Workspace()  # not the first one's cameras again
    assert "Another Inferoscope" in str(second.problems.items[0].error)
    second.store.edit_tile("1", name="second")
    second.clock.now_s += 5.0
    second.save()
    second.close()
    first.close()
    assert read_session(path).workspace == YARD


def test_a_program_that_died_leaves_no_lock(path: Path) -> None:
    script = (
        "import os, sys, pathlib\n"
        "from gui.presenters.session_lock import SessionLock\n"
        "lock = SessionLock(pathlib.Path(sys.argv[1]))\n"
        "assert lock.take()\n"
        "os._exit(9)\n"
    )
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run([sys.executable, "-c", script, str(path)], cwd=root, check=False)
    assert ended.returncode == 9
    desk = Desk(path)
    assert desk.keeper.saves
    desk.close()


def test_a_disk_that_cannot_be_written_is_told_once_and_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(path)
    full = Mock(side_effect=OSError(28, "No space left on device"))
    monkeypatch.setattr(session_file, "write_atomic", full)
    for step in range(240):  # a minute
        desk.store.edit_tile("1", max_fps=float(step + 1))
        desk.save()
        desk.clock.now_s += 0.25
    assert full.call_count == 2
    assert [problem.times for problem in desk.problems.items] == [1]
    monkeypatch.undo()
    desk.clock.now_s += 30.0
    desk.save()
    assert read_session(path).workspace == desk.store.now
    desk.close()


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    desk = Desk(in_the_way / "session.json")
    desk.store.put(YARD)
    desk.save()
    assert [str(problem.error) for problem in desk.problems.items] == [str(desk.problems.items[0].error)]
    in_the_way.unlink()
    desk.clock.now_s += 60.0
    desk.save()
    assert read_session(in_the_way / "session.json").workspace == YARD
    desk.close()


def test_another_session_is_opened_while_the_program_runs(path: Path, tmp_path: Path) -> None:
    write_session(tmp_path / "night.json", YARD)
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    night = open_other(desk.keeper, tmp_path / "night.json", desk.store, desk.problems, desk.tasks)
    assert [tile.source for tile in desk.store.now.tiles] == [tile.source for tile in YARD.tiles]
    assert desk.store.add_tile() is not None
    night.close(LAST_SAVE_S)
    desk.tasks.run()
    assert read_session(path).workspace.tiles[0].name == "day"
    assert len(read_session(tmp_path / "night.json").workspace.tiles) == 2
    assert desk.problems.items == ()


def test_what_is_no_session_leaves_the_present_one_and_is_not_touched(path: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.json"
    notes.write_text('{"milk": 2}', encoding="utf-8")
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    assert open_other(desk.keeper, notes, desk.store, desk.problems, desk.tasks) is desk.keeper
    assert open_other(desk.keeper, tmp_path / "gone.json", desk.store, desk.problems, desk.tasks) is desk.keeper
    assert desk.store.now.tiles[0].name == "day"
    assert [problem.about for problem in desk.problems.items] == ["notes.json", "gone.json"]
    assert [file.name for file in tmp_path.glob("*.json*")] == ["notes.json"]
    desk.store.edit_tile("1", name="evening")
    desk.close()
    assert read_session(path).workspace.tiles[0].name == "evening", "it is kept still"


def test_a_session_that_another_program_has_leaves_the_present_one(path: Path, tmp_path: Path) -> None:
    night = tmp_path / "night.json"
    write_session(night, YARD)
    other_program = Desk(night)
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    assert open_other(desk.keeper, night, desk.store, desk.problems, desk.tasks) is desk.keeper
    assert desk.store.now.tiles[0].name == "day"
    assert len(desk.problems.items) == 1
    other_program.close()
    desk.close()


def test_opening_the_session_that_is_open_changes_nothing(path: Path) -> None:
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    assert open_other(desk.keeper, path, desk.store, desk.problems, desk.tasks) is desk.keeper
    assert (desk.store.now.tiles[0].name, desk.problems.items) == ("day", ())
    desk.close()
