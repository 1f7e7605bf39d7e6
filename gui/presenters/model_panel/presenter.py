"""Follows the selected tile and its model, and carries out what a person does in the panel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from engine.cards import ModelCard
from engine.frames import FrameResult
from engine.library.bundled import DEMO_MODEL
from engine.library.identify import forget
from engine.overlay.palette import Colour, class_colour
from engine.results import Detections
from gui.presenters import selection
from gui.presenters.demo import DEMO_SOURCE
from gui.presenters.model_panel.card import CardState, card_state
from gui.presenters.model_panel.classes import (
    ClassesState,
    Count,
    ListWish,
    SortBy,
    arrange,
    bars,
    held,
    present,
    tally,
)
from gui.presenters.model_panel.thresholds import ThresholdsState, thresholds_state, with_threshold
from gui.presenters.port import EnginePort, ModelState, Tasks
from gui.presenters.problems import Problems
from gui.presenters.selection import Choice
from gui.presenters.titles import model_title
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore
from gui.texts import text

_MOST_OFFERS = 4


class ModelPanelView(Protocol):
    """What the presenter needs of the panel."""

    def show_card(self, state: CardState) -> None:
        """Show what the model is."""

    def show_thresholds(self, state: ThresholdsState) -> None:
        """Show what of its finds is kept."""

    def show_classes(self, state: ClassesState) -> None:
        """Show what it finds."""

    def show_scope(self, all_tiles: bool) -> None:
        """Say whether changes are for all tiles."""


class ModelPanelPresenter:
    """Call ``refresh`` four times a second.

    Args:
        view: The panel.
        store: Edited by what a person does in the panel.
        engine: Asked for the model and for what it finds.
        tasks: For what takes longer than a frame.
        problems: Told what went wrong there.
        known_models: Models that are there, newest first.
    """

    def __init__(
        self,
        view: ModelPanelView,
        store: WorkspaceStore,
        engine: EnginePort,
        tasks: Tasks,
        problems: Problems,
        *,
        known_models: Callable[[], Iterable[Path]] = tuple,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._tasks = tasks
        self._problems = problems
        self._known_models = known_models
        self._card = CardState()
        self._thresholds = ThresholdsState({})
        self._classes = ClassesState()
        self._all_tiles = False
        self._wish = ListWish()
        self._order_held = False
        self._counted: tuple[object, ...] = ()
        self._result: FrameResult | None = None
        self._counts: dict[int, Count] = {}
        store.subscribe(self._on_workspace_change)
        view.show_card(self._card)
        view.show_thresholds(self._thresholds)
        view.show_classes(self._classes)
        view.show_scope(self._all_tiles)
        self.refresh()

    # Showing ------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look at tile and model, and show what has changed."""
        now = self._store.now
        tile, model = now.tile(now.selected), now.model_of(now.selected)
        state = self._engine.model_state(model.model_id) if model else ModelState()
        self._show_card(card_state(model.path, state) if model else CardState(offers=self._offers(tile)))
        self._show_thresholds(thresholds_state(state.card, tile.thresholds))
        self._count(tile, state.card)
        self._show_classes(self._classes_state(tile, state.card))
        if now.all_selected != self._all_tiles:
            self._all_tiles = now.all_selected
            self._view.show_scope(self._all_tiles)

    def _offers(self, tile: Tile) -> tuple[Choice, ...]:
        """The newest models; that of the demo knows nothing but its scene."""
        known = selection.models(self._store.now, self._known_models())
        left_out = "" if tile.source == DEMO_SOURCE else str(DEMO_MODEL)
        return tuple(choice for choice in known if choice.key != left_out)[:_MOST_OFFERS]

    def _on_workspace_change(self, _before: Workspace, _now: Workspace) -> None:
        self.refresh()

    def _show_card(self, state: CardState) -> None:
        if state != self._card:
            self._card = state
            self._view.show_card(state)

    def _show_thresholds(self, state: ThresholdsState) -> None:
        if state != self._thresholds:
            self._thresholds = state
            self._view.show_thresholds(state)

    def _show_classes(self, state: ClassesState) -> None:
        if state != self._classes:
            self._classes = state
            self._view.show_classes(state)

    def _count(self, tile: Tile, card: ModelCard | None) -> None:
        """Count the newest result once; begin anew for another tile, model or list of classes."""
        about = (tile.tile_id, card and card.sha256, card and card.class_names)
        if about != self._counted:
            self._counted, self._counts, self._result = about, {}, None
        picture = self._engine.picture(tile.tile_id) if card else None
        result = picture.result if picture else None
        if result is not None and (card is None or result.configuration.card.sha256 != card.sha256):
            result = None  # of the model before, which runs until this one is warm
        if result is not self._result:
            self._result = result
            self._counts = tally(self._counts, present(result.result if result else None))

    def _classes_state(self, tile: Tile, card: ModelCard | None) -> ClassesState:
        if card is None:
            return ClassesState(wish=self._wish)
        order = arrange(card.class_names, self._counts, self._wish)
        if self._order_held and self._wish == self._classes.wish:
            order = held(self._classes.order, order)
        found = self._result.result if self._result else None
        return ClassesState(
            names=card.class_names,
            order=order,
            counts=self._counts,
            hidden=tile.hidden_classes,
            colours=tile.class_colours,
            whole=found is not None and not isinstance(found, Detections),
            bars=bars(card, found, tile.class_colours),
            wish=self._wish,
        )

    # What a person does -------------------------------------------------------------------------------------------

    def on_model_chosen(self, path: str) -> None:
        """Take one of the offers for the targets."""
        self._store.use_model(Path(path))

    def on_threshold(self, key: str, value: float | None) -> None:
        """Change one threshold, of all tiles where all are selected; None takes its default."""
        self._edit(lambda tile: replace(tile, thresholds=with_threshold(tile.thresholds, key, value)))

    def on_class_shown(self, class_id: int, shown: bool) -> None:
        """Draw a class, or hide it."""
        self._hide(lambda hidden: hidden - {class_id} if shown else hidden | {class_id})

    def on_listed_shown(self, shown: bool) -> None:
        """Draw, or hide, all classes that are listed at present."""
        listed = frozenset(self._classes.order)
        self._hide(lambda hidden: hidden - listed if shown else hidden | listed)

    def on_colour(self, class_id: int, colour: Colour) -> None:
        """Draw a class in another colour."""
        chosen = {} if colour == class_colour(class_id) else {class_id: colour}

        def change(tile: Tile) -> Tile:
            others = {i: c for i, c in tile.class_colours.items() if i != class_id}
            return replace(tile, class_colours={**others, **chosen})

        self._edit(change, same_model=True)

    def on_filter(self, pattern: str) -> None:
        """List classes with this in their names alone."""
        self._wish = replace(self._wish, pattern=pattern.strip())
        self.refresh()

    def on_only_seen(self, only_seen: bool) -> None:
        """List classes that were seen alone, or all."""
        self._wish = replace(self._wish, only_seen=only_seen)
        self.refresh()

    def on_sort(self, by: str) -> None:
        """Put the list in order by a ``SortBy``."""
        self._wish = replace(self._wish, by=SortBy(by))
        self.refresh()

    def on_pointed(self, pointed: bool) -> None:
        """Keep the order while the pointer is on the list: nothing may jump away below it."""
        self._order_held = pointed

    def on_forget(self) -> None:
        """Forget a person's correction of the model, and load it as the program takes it."""
        model = self._model()
        if model is None:
            return

        def done(_found: bool) -> None:
            self._engine.reload(model.model_id)

        name = text("ModelPanel", "Forget the correction")
        self._tasks.start(
            name,
            lambda _control: forget(model.path),
            done,
            lambda error: self._problems.add(model_title(model.path), error),
        )

    def on_retry(self) -> None:
        """Load the model once more."""
        model = self._model()
        if model is not None:
            self._engine.reload(model.model_id)

    def on_cancel(self) -> None:
        """Stop loading."""
        model = self._model()
        if model is not None:
            self._engine.cancel_load(model.model_id)

    def _model(self) -> ModelChoice | None:
        return self._store.now.model_of(self._store.now.selected)

    def _hide(self, change: Callable[[frozenset[int]], frozenset[int]]) -> None:
        self._edit(lambda tile: replace(tile, hidden_classes=change(tile.hidden_classes)), same_model=True)

    def _edit(self, change: Callable[[Tile], Tile], *, same_model: bool = False) -> None:
        """Change the targets in one go; class numbers mean something to tiles of the same model alone."""
        now = self._store.now
        model_id = now.tile(now.selected).model_id
        targets = {t.tile_id for t in now.targets if not same_model or t.model_id == model_id}
        self._store.edit(tiles=tuple(change(t) if t.tile_id in targets else t for t in now.tiles))
