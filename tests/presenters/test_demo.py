"""What the demo is in the workspace, and what it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.files import model_path
from engine.errors import ModelError
from engine.library import bundled
from engine.library.identify import identify
from gui.presenters.demo import DEMO_SOURCE, demo_workspace, give_demo_model, select_demo_tile
from gui.presenters.session_format import from_document, to_document
from gui.presenters.titles import model_place, model_title, source_title
from gui.presenters.workspace import MOST_TILES, Tile, Workspace, WorkspaceStore

DEMO = bundled.DEMO_MODEL


def model_of(store: WorkspaceStore, tile_id: str) -> Path | None:
    model = store.now.model_of(tile_id)
    return None if model is None else model.path


def test_before_anything_is_set_up_the_demo_plays_with_its_model() -> None:
    store = WorkspaceStore(demo_workspace())
    (tile,) = store.now.tiles
    assert (tile.source, tile.running, model_of(store, tile.tile_id)) == (DEMO_SOURCE, True, DEMO)


def test_it_has_a_name_that_people_read() -> None:
    assert source_title(DEMO_SOURCE) == "Demo: bottling line"
    assert model_title(DEMO) == "Demo: bottle inspection"
    assert model_title(Path("/models/yard.onnx")) == "yard.onnx"


def test_a_session_names_the_model_not_where_it_is_installed(tmp_path: Path) -> None:
    document = to_document(demo_workspace(), tmp_path)
    assert b'"path": "demo"' in document
    restored = from_document(document, Path("/elsewhere"))
    assert restored.workspace == demo_workspace()
    assert restored.warnings == ()


def test_it_is_tried_in_an_empty_tile() -> None:
    store = WorkspaceStore()
    assert select_demo_tile(store) == "1"
    assert model_of(store, "1") == DEMO


def test_it_is_tried_beside_what_there_is_and_then_only_selected() -> None:
    store = WorkspaceStore(Workspace(tiles=(Tile("1", source="yard.mp4", running=True),)))
    new = select_demo_tile(store)
    assert new not in (None, "1")
    assert store.now.selected == new
    store.edit_tile(new, source=DEMO_SOURCE)
    store.edit(selected="1")
    assert select_demo_tile(store) == new
    assert store.now.selected == new
    assert len(store.now.tiles) == 2
    assert store.now.tile("1").source == "yard.mp4"


def test_the_demo_scene_with_a_model_of_ones_own_stays_as_it_is() -> None:
    store = WorkspaceStore(Workspace(tiles=(Tile("1", source=DEMO_SOURCE),)))
    store.use_model(Path("/my.onnx"))
    assert select_demo_tile(store) != "1"
    assert model_of(store, "1") == Path("/my.onnx")


def test_nothing_is_taken_away_where_there_is_no_room() -> None:
    full = tuple(Tile(str(n), source="yard.mp4") for n in range(1, MOST_TILES + 1))
    store = WorkspaceStore(Workspace(tiles=full))
    assert select_demo_tile(store) is None
    assert store.now.tiles == full


def test_the_scene_brings_its_model_where_there_is_none_and_only_the_scene() -> None:
    store = WorkspaceStore(Workspace(tiles=(Tile("1", source="yard.mp4"), Tile("2", source=DEMO_SOURCE))))
    for tile_id in ("1", "2", "gone"):
        give_demo_model(store, tile_id)
    assert [model_of(store, tile_id) for tile_id in ("1", "2")] == [None, DEMO]
    store.use_model(Path("/my.onnx"), ("2",))
    give_demo_model(store, "2")
    assert model_of(store, "2") == Path("/my.onnx")


def test_its_name_leads_to_the_file_of_this_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bundled, "bundled", lambda name: tmp_path / name)
    assert bundled.model_file(DEMO) == tmp_path / "demo.onnx"
    assert bundled.model_file(Path("yard.onnx")) == Path("yard.onnx")
    assert bundled.model_file(Path("/models/demo")) == Path("/models/demo")


def test_models_that_an_installer_has_brought_are_there_by_their_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert bundled.inside_models() == (DEMO,)
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "yunet.onnx").touch()
    monkeypatch.setattr(bundled, "bundled", lambda name: tmp_path / name)
    assert bundled.inside_models() == (DEMO, Path("yunet"))
    assert bundled.model_file(Path("yunet")) == tmp_path / "inside" / "yunet.onnx"
    assert (model_title(Path("yunet")), model_place(Path("yunet"))) == ("YuNet", "Comes with the program")
    assert model_path("yunet") == tmp_path / "inside" / "yunet.onnx"
    assert model_path("other") == Path("other")


def test_a_model_that_is_missing_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Path:
        raise FileNotFoundError(name)

    monkeypatch.setattr(bundled, "bundled", missing)
    with pytest.raises(ModelError, match="The demo model is missing from this installation"):
        identify(DEMO)
