from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InferoscopeError
from gui.presenters.session_file import at_rest, default_session, read_session, write_session
from gui.presenters.workspace import Tile, Workspace

YARD = Workspace(tiles=(Tile("1", "Yard", "rtsp://***@10.0.0.7/yard", running=True),))


def test_its_place_is_the_program_s_own_folder(own_home: Path) -> None:
    assert default_session() == own_home / "data" / "session.json"


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
