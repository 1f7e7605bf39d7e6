"""What a person does in the model panel, and what it follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
from cards import make_card
from frame_results import make_detections, make_result
from waiting_tasks import WaitingTasks

from engine.cards import Thresholds
from engine.errors import ModelError
from engine.library.bundled import DEMO_MODEL
from engine.overlay.palette import class_colour
from gui.presenters.model_panel import ModelPanelPresenter, ModelPanelView, SortBy
from gui.presenters.model_panel import presenter as module
from gui.presenters.port import EnginePort, ModelState, Picture
from gui.presenters.problems import Problems
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore

CARD = make_card(Path("m.onnx"), sha256="a", class_names=("person", "car", "bus"))
TILES = (
    Tile("1", model_id="9", thresholds=Thresholds(iou=0.6)),
    Tile("2", model_id="9", thresholds=Thresholds(iou=0.7)),
    Tile("3", model_id="8"),
)
MODELS = (ModelChoice("9", Path("m.onnx")), ModelChoice("8", Path("other.onnx")))


class Room:
    """A presenter with everything round it."""

    def __init__(self, workspace: Workspace, known_models: Sequence[Path] = ()) -> None:
        self.view: Any = create_autospec(ModelPanelView, instance=True)
        self.engine: Any = create_autospec(EnginePort, instance=True)
        self.engine.model_state.return_value = ModelState(card=CARD)
        self.engine.picture.return_value = None
        self.store = WorkspaceStore(workspace)
        self.tasks, self.problems = WaitingTasks(), Problems()
        self.presenter = ModelPanelPresenter(
            self.view, self.store, self.engine, self.tasks, self.problems, known_models=lambda: known_models
        )

    def show(self, *class_ids: int, sha256: str = "a") -> None:
        """A new picture with these objects."""
        result = make_result(make_detections(*((0, 0, 9, 9, 0.9, i) for i in class_ids)), card={"sha256": sha256})
        self.engine.picture.return_value = Picture(result.frame, result)
        self.presenter.refresh()

    @property
    def offers(self) -> list[str]:
        return [offer.key for offer in self.view.show_card.call_args.args[0].offers]

    @property
    def classes(self) -> Any:
        return self.view.show_classes.call_args.args[0]


@pytest.fixture
def room() -> Room:
    return Room(Workspace(TILES, MODELS))


def test_nothing_is_shown_twice(room: Room) -> None:
    room.view.reset_mock()

    room.presenter.refresh()

    assert room.view.mock_calls == []


def test_without_a_model_the_engine_is_not_asked() -> None:
    room = Room(Workspace())

    room.presenter.refresh()

    room.engine.model_state.assert_not_called()
    assert room.view.show_card.call_args.args[0].title == ""


def test_a_film_without_a_model_is_offered_those_that_are_here_and_takes_one_with_a_press() -> None:
    room = Room(Workspace((Tile("1", source="film.mp4"),)), [Path("new.onnx"), DEMO_MODEL, Path("nanodet-m")])
    assert room.offers == ["new.onnx", "nanodet-m"], "the demo's model knows its scene alone"

    room.presenter.on_model_chosen("nanodet-m")

    model = room.store.now.model_of("1")
    assert model is not None
    assert model.path == Path("nanodet-m")
    assert room.offers == []


def test_the_demos_scene_is_offered_its_model() -> None:
    assert Room(Workspace((Tile("1", source="demo"),)), [DEMO_MODEL]).offers == [str(DEMO_MODEL)]


def test_of_many_models_a_few_are_offered_each_once() -> None:
    workspace = Workspace((Tile("1", source="film.mp4"),), (ModelChoice("9", Path("0.onnx")),))

    assert Room(workspace, [Path(f"{i}.onnx") for i in range(9)]).offers == [f"{i}.onnx" for i in range(4)]


def test_a_threshold_is_changed_for_the_selected_tile_alone(room: Room) -> None:
    room.presenter.on_threshold("confidence", 0.5)

    assert [t.thresholds.confidence for t in room.store.now.tiles] == [0.5, 0.25, 0.25]
    assert room.view.show_thresholds.call_args.args[0].values["confidence"] == 0.5


def test_with_all_selected_one_threshold_is_changed_and_the_others_stay_each_their_own(room: Room) -> None:
    room.store.edit(all_selected=True)

    room.presenter.on_threshold("confidence", 0.5)

    assert [t.thresholds.confidence for t in room.store.now.tiles] == [0.5] * 3
    assert [t.thresholds.iou for t in room.store.now.tiles] == [0.6, 0.7, 0.45]
    room.view.show_scope.assert_called_with(True)


def test_a_threshold_goes_back(room: Room) -> None:
    room.presenter.on_threshold("iou", None)

    assert room.store.now.tiles[0].thresholds == Thresholds()


def test_classes_are_counted_and_the_most_is_remembered(room: Room) -> None:
    room.show(1, 1, 0)
    room.show(1)

    counts = room.classes.counts
    assert (counts[1].now, counts[1].most) == (1.0, 2.0)
    assert (counts[0].now, counts[0].most) == (0.0, 1.0)
    assert room.classes.order[0] == 1


def test_a_result_of_the_model_before_is_not_counted(room: Room) -> None:
    room.show(1, sha256="b")

    assert room.classes.counts == {}


def test_another_tile_is_counted_anew(room: Room) -> None:
    room.show(1)
    room.engine.picture.return_value = None

    room.store.edit(selected="2")

    assert room.classes.counts == {}


def test_a_class_is_hidden_and_shown(room: Room) -> None:
    room.presenter.on_class_shown(1, False)
    assert room.store.now.tiles[0].hidden_classes == {1}
    assert room.classes.hidden == {1}

    room.presenter.on_class_shown(1, True)
    assert room.store.now.tiles[0].hidden_classes == frozenset()


def test_classes_are_hidden_for_all_tiles_of_the_same_model(room: Room) -> None:
    room.store.edit(all_selected=True)

    room.presenter.on_class_shown(1, False)

    assert [t.hidden_classes for t in room.store.now.tiles] == [{1}, {1}, frozenset()]


def test_none_hides_what_is_listed(room: Room) -> None:
    room.presenter.on_filter("b")
    room.presenter.on_listed_shown(False)
    assert room.store.now.tiles[0].hidden_classes == {2}

    room.presenter.on_filter("")
    room.presenter.on_listed_shown(False)
    assert room.store.now.tiles[0].hidden_classes == {0, 1, 2}
    room.presenter.on_listed_shown(True)
    assert room.store.now.tiles[0].hidden_classes == frozenset()


def test_a_colour_is_kept_until_it_is_the_usual_one_again(room: Room) -> None:
    room.presenter.on_colour(1, (1, 2, 3))
    assert room.store.now.tiles[0].class_colours == {1: (1, 2, 3)}
    assert room.classes.colour(1) == (1, 2, 3)

    room.presenter.on_colour(1, class_colour(1))
    assert room.store.now.tiles[0].class_colours == {}


def test_the_list_follows_its_wishes(room: Room) -> None:
    room.show(2)
    room.presenter.on_sort(SortBy.NAME)
    assert room.classes.order == (2, 1, 0)

    room.presenter.on_only_seen(True)
    assert room.classes.order == (2,)


def test_nothing_jumps_away_below_the_pointer(room: Room) -> None:
    room.show(0)
    room.presenter.on_pointed(True)
    room.show(1, 1)
    assert room.classes.order[0] == 0

    room.presenter.on_pointed(False)
    room.presenter.refresh()
    assert room.classes.order[0] == 1


def test_try_again_and_cancel_reach_the_engine(room: Room) -> None:
    room.presenter.on_retry()
    room.presenter.on_cancel()

    room.engine.reload.assert_called_once_with("9")
    room.engine.cancel_load.assert_called_once_with("9")


def test_a_correction_is_forgotten_and_the_model_loaded_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[Path] = []
    monkeypatch.setattr(module, "forget", lambda path: bool(forgotten.append(path)))

    room.presenter.on_forget()
    room.engine.reload.assert_not_called()
    room.tasks.run()

    assert forgotten == [Path("m.onnx")]
    room.engine.reload.assert_called_once_with("9")


def test_a_correction_that_cannot_be_forgotten_is_a_problem(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bool:
        raise ModelError("It cannot be deleted")

    monkeypatch.setattr(module, "forget", refuse)
    room.presenter.on_forget()
    room.tasks.run()

    assert [p.about for p in room.problems.items] == ["m.onnx"]
    room.engine.reload.assert_not_called()


def test_without_a_model_nothing_is_done() -> None:
    room = Room(Workspace())
    for act in (room.presenter.on_retry, room.presenter.on_cancel, room.presenter.on_forget):
        act()

    room.engine.reload.assert_not_called()
    assert room.tasks.waiting == []


def test_a_corrected_list_of_names_is_taken(room: Room) -> None:
    room.engine.model_state.return_value = ModelState(card=replace(CARD, class_names=("a", "b", "c")))

    room.presenter.refresh()

    assert room.classes.names == ("a", "b", "c")
