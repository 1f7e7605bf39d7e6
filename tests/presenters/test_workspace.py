from __future__ import annotations

from pathlib import Path

import pytest

from engine.cards import Precision
from gui.presenters.workspace import MOST_TILES, ModelChoice, Tile, Workspace, WorkspaceStore

YOLOX = Path("models/yolox.onnx")
NANODET = Path("models/nanodet.onnx")


def test_there_is_always_a_tile_to_drop_something_on() -> None:
    store = WorkspaceStore()
    store.remove_tile(store.now.selected)
    (tile,) = store.now.tiles
    assert tile.source == ""
    assert store.now.selected == tile.tile_id


def test_a_tile_that_went_never_lends_its_number_to_another() -> None:
    store = WorkspaceStore()
    seen = {store.now.selected}
    for _ in range(5):
        tile_id = store.add_tile()
        assert tile_id not in seen
        assert tile_id is not None
        seen.add(tile_id)
        store.remove_tile(tile_id)


def test_a_new_tile_is_selected_and_seen() -> None:
    store = WorkspaceStore()
    store.edit(enlarged="1")
    tile_id = store.add_tile(source="camera:0")
    assert store.now.selected == tile_id
    assert store.now.enlarged is None


def test_sixteen_tiles_are_the_most() -> None:
    store = WorkspaceStore()
    for _ in range(MOST_TILES - 1):
        assert store.add_tile() is not None
    assert store.add_tile() is None
    assert len(store.now.tiles) == MOST_TILES


def test_tiles_with_the_same_file_share_one_model() -> None:
    store = WorkspaceStore()
    second = store.add_tile()
    assert second is not None
    first_model = store.use_model(YOLOX, ("1",), precision=Precision.BF16)
    assert store.use_model(YOLOX, (second,)) == first_model
    assert len(store.now.models) == 1
    assert store.now.models[0].precision is Precision.BF16


def test_another_model_runs_where_the_last_one_ran() -> None:
    store = WorkspaceStore()
    store.use_model(YOLOX, backend="onnxruntime", device="CPU", precision=Precision.INT8)
    store.use_model(NANODET)
    model = store.now.model_of("1")
    assert model is not None
    assert (model.path, model.backend, model.device) == (NANODET, "onnxruntime", "CPU")
    assert model.precision is Precision.AUTO


def test_what_was_hidden_of_one_model_is_not_hidden_of_another() -> None:
    store = WorkspaceStore()
    store.use_model(YOLOX)
    store.edit_targets(hidden_classes=frozenset((0, 2)), class_colours={1: (255, 0, 0)})
    store.use_model(YOLOX, precision=Precision.BF16)
    assert store.now.tiles[0].hidden_classes == {0, 2}
    store.use_model(NANODET)
    assert store.now.tiles[0].hidden_classes == frozenset()
    assert store.now.tiles[0].class_colours == {}


def test_a_model_that_no_tile_uses_is_forgotten() -> None:
    store = WorkspaceStore()
    store.use_model(YOLOX)
    store.use_model(NANODET)
    assert [model.path for model in store.now.models] == [NANODET]
    store.edit_tile("1", model_id=None)
    assert store.now.models == ()


def test_all_selected_changes_every_tile_and_else_only_one() -> None:
    store = WorkspaceStore()
    store.add_tile()
    store.edit_targets(speed=2.0)
    assert [tile.speed for tile in store.now.tiles] == [1.0, 2.0]
    store.edit(all_selected=True)
    store.edit_targets(speed=4.0)
    assert [tile.speed for tile in store.now.tiles] == [4.0, 4.0]


def test_observers_hear_of_changes_and_of_nothing_else() -> None:
    store = WorkspaceStore()
    heard: list[tuple[bool, bool]] = []
    store.subscribe(lambda before, now: heard.append((before.overlay, now.overlay)))
    store.edit(overlay=True)
    store.edit(overlay=False)
    assert heard == [(True, False)]


def test_going_back_to_a_model_restores_it_for_the_tiles_of_the_new_one() -> None:
    store = WorkspaceStore()
    old_id = store.use_model(YOLOX, precision=Precision.BF16)
    old = store.now.model(old_id)
    new_id = store.use_model(NANODET)
    store.replace_model(new_id, old)
    assert store.now.model_of("1") == old
    store.replace_model(old_id, None)
    assert store.now.tiles[0].model_id is None


def test_a_selection_that_does_not_exist_is_moved_to_a_tile() -> None:
    workspace = Workspace(tiles=(Tile("3"), Tile("7")), selected="1", enlarged="2", models=(ModelChoice("4", YOLOX),))
    now = WorkspaceStore(workspace).now
    assert now.selected == "7"
    assert now.enlarged is None
    assert now.models == ()
    with pytest.raises(KeyError):
        now.tile("1")
