from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.cards import Precision, Profile
from engine.library.preferences import Preference
from gui.presenters.workspace import MOST_TILES, Chosen, ModelChoice, Tile, Workspace, WorkspaceStore

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


BEST = Preference("Some processor", "onnxruntime", "CPU", Precision.FP32, Profile.THROUGHPUT, lanes=2, threads=4)


def test_what_was_measured_for_one_model_means_nothing_for_another() -> None:
    store = WorkspaceStore()
    model_id = store.use_model(YOLOX)
    measured = store.now.models[0].as_measured(BEST)
    store.edit(models=(measured,))
    assert (measured.model_id, measured.backend, measured.device, measured.lanes) == (model_id, "onnxruntime", "CPU", 2)
    other = store.use_model(NANODET)
    assert store.now.models == (ModelChoice(other, NANODET),)


def test_a_choice_by_hand_wins_over_what_was_measured_before_and_after_it() -> None:
    by_hand = ModelChoice("1", YOLOX).as_measured(BEST).by_hand(device="GPU")
    assert by_hand == ModelChoice("1", YOLOX, "onnxruntime", "GPU", Precision.FP32, Chosen.BY_HAND)
    assert by_hand.as_measured(BEST) == by_hand


def test_what_is_forgotten_of_a_model_leaves_it_as_it_runs_by_itself() -> None:
    plain = ModelChoice("1", YOLOX)
    assert plain.as_measured(BEST).as_measured(None) == plain
    inherited = ModelChoice("1", YOLOX, "onnxruntime")
    assert inherited.as_measured(None) == inherited


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


def test_a_tile_that_is_put_back_gets_its_model_back_and_keeps_what_else_was_changed() -> None:
    store = WorkspaceStore()
    store.use_model(YOLOX, precision=Precision.BF16)
    store.edit_targets(hidden_classes=frozenset((0, 2)), class_colours={1: (255, 0, 0)})
    old, was = store.now.models[0], store.now.tiles[0]
    store.use_model(NANODET)
    store.edit_targets(hidden_classes=frozenset((5,)), speed=2.0)
    store.put_back(was, old)
    assert store.now.model_of("1") == old
    assert store.now.tiles == (replace(was, speed=2.0),)


def test_putting_a_tile_back_changes_nothing_for_the_others() -> None:
    store = WorkspaceStore()
    second = store.add_tile()
    assert second is not None
    store.use_model(YOLOX, ("1", second))
    old, was = store.now.models[0], store.now.tile("1")
    store.use_model(NANODET, ("1",))
    store.use_model(YOLOX, (second,), precision=Precision.BF16)
    store.put_back(was, old)
    (model,) = store.now.models
    assert model.precision is Precision.BF16
    assert {tile.model_id for tile in store.now.tiles} == {model.model_id}


def test_an_opened_session_shares_no_number_with_what_was_there() -> None:
    store = WorkspaceStore()
    store.use_model(NANODET)
    store.add_tile()
    used = {t.tile_id for t in store.now.tiles} | {m.model_id for m in store.now.models}
    tiles = (Tile("1"), Tile("2", name="Yard", model_id="3"))
    store.open(Workspace(tiles=tiles, models=(ModelChoice("3", YOLOX),), selected="1", enlarged="2"))
    now = store.now
    assert not used & ({t.tile_id for t in now.tiles} | {m.model_id for m in now.models})
    assert (now.selected, now.enlarged) == (now.tiles[0].tile_id, now.tiles[1].tile_id)
    model = now.model_of(now.tiles[1].tile_id)
    assert (now.tiles[1].name, model and model.path) == ("Yard", YOLOX)
    assert store.add_tile() not in {t.tile_id for t in now.tiles}


def test_a_selection_that_does_not_exist_is_moved_to_a_tile() -> None:
    workspace = Workspace(tiles=(Tile("3"), Tile("7")), selected="1", enlarged="2", models=(ModelChoice("4", YOLOX),))
    now = WorkspaceStore(workspace).now
    assert now.selected == "7"
    assert now.enlarged is None
    assert now.models == ()
    with pytest.raises(KeyError):
        now.tile("1")


def test_a_tile_names_no_model_that_is_not_there() -> None:
    (tile,) = WorkspaceStore(Workspace(tiles=(Tile("1", model_id="9"),))).now.tiles
    assert tile.model_id is None


def test_observers_that_change_something_themselves_are_told_step_by_step() -> None:
    store = WorkspaceStore()
    told: list[tuple[str, float, float]] = []

    def at_most_double(_before: Workspace, now: Workspace) -> None:
        if now.tiles[0].speed > 2.0:
            store.edit_tile("1", speed=2.0)
            assert store.now.tiles[0].speed == 2.0, "who edits sees the change at once"

    def note(name: str) -> None:
        store.subscribe(lambda before, now: told.append((name, before.tiles[0].speed, now.tiles[0].speed)))

    note("first")
    store.subscribe(at_most_double)
    note("last")
    store.edit_tile("1", speed=4.0)
    for name in ("first", "last"):
        assert [step[1:] for step in told if step[0] == name] == [(1.0, 4.0), (4.0, 2.0)]


def test_an_observer_that_stumbles_stops_no_later_change() -> None:
    store = WorkspaceStore()
    heard: list[float] = []

    def stumble(_before: Workspace, now: Workspace) -> None:
        if now.tiles[0].speed == 2.0:
            raise ZeroDivisionError

    store.subscribe(stumble)
    store.subscribe(lambda _before, now: heard.append(now.tiles[0].speed))
    with pytest.raises(ZeroDivisionError):
        store.edit_tile("1", speed=2.0)
    store.edit_tile("1", speed=4.0)
    assert heard[-1] == 4.0
