from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from engine.errors import InferoscopeError
from gui.presenters import session_file
from gui.presenters.problems import Problems
from gui.presenters.session_file import SessionKeeper, at_rest, default_session, open_other, read_session, write_session
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
        self.problems = Problems()
        self.keeper = SessionKeeper(path, self.problems, self.clock)
        self.store = WorkspaceStore(self.keeper.open())
        self.keeper.follow(self.store)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions" / "session.json"


def test_the_session_comes_back(path: Path) -> None:
    first = Desk(path)
    first.store.put(YARD)
    first.keeper.close()
    second = Desk(path)
    assert second.store.now == YARD
    assert second.problems.items == ()
    second.keeper.close()


def test_its_place_is_the_program_s_own_folder(own_home: Path) -> None:
    assert default_session() == own_home / "data" / "session.json"


def test_it_is_saved_as_it_changes_but_once_a_second_at_most(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Mock(wraps=session_file.write_atomic)
    monkeypatch.setattr(session_file, "write_atomic", write)
    desk = Desk(path)
    desk.keeper.refresh()
    assert not write.called
    for step in range(40):  # ten seconds of a slider being dragged
        desk.store.edit_tile("1", max_fps=float(step + 1))
        desk.keeper.refresh()
        desk.clock.now_s += 0.25
    assert write.call_count == 10
    desk.keeper.flush()
    assert read_session(path).workspace.tiles[0].max_fps == 40.0
    desk.keeper.close()


def test_what_did_not_change_is_not_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(path)
    desk.store.put(YARD)
    desk.keeper.flush()
    monkeypatch.setattr(session_file, "write_atomic", Mock(side_effect=AssertionError))
    desk.clock.now_s += 5.0
    desk.keeper.refresh()
    desk.keeper.close()


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
    desk.keeper.close()
    again = Desk(path)
    assert again.store.now == YARD
    assert again.problems.items == ()
    again.keeper.close()


def test_what_was_left_out_of_it_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"format": "inferoscope-session", "version": 1, "ghost": 1, "tiles": [{"id": "4"}]}')
    desk = Desk(path)
    assert desk.store.now.tiles[0].tile_id == "4"
    assert "ghost" in str(desk.problems.items[0].error)
    desk.keeper.close()


def test_a_second_program_is_told_and_saves_nothing(path: Path) -> None:
    first = Desk(path)
    first.store.put(YARD)
    first.keeper.flush()
    second = Desk(path)
    assert not second.keeper.saves
    assert second.store.now == Workspace()  # not the first one's cameras again
    assert "Another Inferoscope" in str(second.problems.items[0].error)
    second.store.edit_tile("1", name="second")
    second.clock.now_s += 5.0
    second.keeper.refresh()
    second.keeper.close()
    first.keeper.close()
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
    desk.keeper.close()


def test_a_disk_that_cannot_be_written_is_told_once_and_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(path)
    full = Mock(side_effect=OSError(28, "No space left on device"))
    monkeypatch.setattr(session_file, "write_atomic", full)
    for step in range(240):  # a minute
        desk.store.edit_tile("1", max_fps=float(step + 1))
        desk.keeper.refresh()
        desk.clock.now_s += 0.25
    assert full.call_count == 2
    assert [problem.times for problem in desk.problems.items] == [1]
    monkeypatch.undo()
    desk.clock.now_s += 30.0
    desk.keeper.refresh()
    assert read_session(path).workspace == desk.store.now
    desk.keeper.close()


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    desk = Desk(in_the_way / "session.json")
    desk.store.put(YARD)
    desk.keeper.refresh()
    assert [str(problem.error) for problem in desk.problems.items] == [str(desk.problems.items[0].error)]
    in_the_way.unlink()
    desk.clock.now_s += 60.0
    desk.keeper.refresh()
    assert read_session(in_the_way / "session.json").workspace == YARD
    desk.keeper.close()


def test_a_session_is_saved_as_a_file_of_its_own(tmp_path: Path) -> None:
    write_session(tmp_path / "night.json", YARD)
    assert read_session(tmp_path / "night.json").workspace == YARD
    with pytest.raises(InferoscopeError, match="cannot be saved"):
        write_session(tmp_path / "night.json" / "x.json", YARD)


def test_a_folder_is_no_session(tmp_path: Path) -> None:
    with pytest.raises(InferoscopeError, match="cannot be read"):
        read_session(tmp_path)


def test_streams_can_wait_to_be_started() -> None:
    assert [tile.running for tile in at_rest(YARD).tiles] == [False]
    assert at_rest(YARD).tiles[0].source == YARD.tiles[0].source


def test_another_session_is_opened_while_the_program_runs(path: Path, tmp_path: Path) -> None:
    write_session(tmp_path / "night.json", YARD)
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    night = open_other(desk.keeper, tmp_path / "night.json", desk.store, desk.problems)
    assert [tile.source for tile in desk.store.now.tiles] == [tile.source for tile in YARD.tiles]
    assert desk.store.add_tile() is not None
    night.close()
    assert read_session(path).workspace.tiles[0].name == "day"
    assert len(read_session(tmp_path / "night.json").workspace.tiles) == 2
    assert desk.problems.items == ()


def test_what_is_no_session_leaves_the_present_one_and_is_not_touched(path: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.json"
    notes.write_text('{"milk": 2}', encoding="utf-8")
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    assert open_other(desk.keeper, notes, desk.store, desk.problems) is desk.keeper
    assert open_other(desk.keeper, tmp_path / "gone.json", desk.store, desk.problems) is desk.keeper
    assert desk.store.now.tiles[0].name == "day"
    assert [problem.about for problem in desk.problems.items] == ["notes.json", "gone.json"]
    assert [file.name for file in tmp_path.glob("*.json*")] == ["notes.json"]
    desk.store.edit_tile("1", name="evening")
    desk.keeper.close()
    assert read_session(path).workspace.tiles[0].name == "evening", "it is kept still"


def test_a_session_that_another_program_has_leaves_the_present_one(path: Path, tmp_path: Path) -> None:
    night = tmp_path / "night.json"
    write_session(night, YARD)
    other_program = Desk(night)
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    assert open_other(desk.keeper, night, desk.store, desk.problems) is desk.keeper
    assert desk.store.now.tiles[0].name == "day"
    assert len(desk.problems.items) == 1
    other_program.keeper.close()
    desk.keeper.close()


def test_opening_the_session_that_is_open_changes_nothing(path: Path) -> None:
    desk = Desk(path)
    desk.store.edit_tile("1", name="day")
    assert open_other(desk.keeper, path, desk.store, desk.problems) is desk.keeper
    assert (desk.store.now.tiles[0].name, desk.problems.items) == ("day", ())
    desk.keeper.close()
