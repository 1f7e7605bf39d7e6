"""The top bar: what is chosen for the selected tile (or all), and what really runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from engine.capture.source import SourceState
from engine.cards import Precision
from gui.presenters import selection
from gui.presenters.demo import DEMO_SOURCE
from gui.presenters.execution import Badge, Loading, badge, loading
from gui.presenters.port import BackendState, EnginePort, ModelState, RecordingState, TileState
from gui.presenters.quantities import length_words
from gui.presenters.selection import Choice, Selector
from gui.presenters.titles import inside_words, source_title
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore
from gui.texts import text

_OVER = (SourceState.ENDED, SourceState.FAILED, SourceState.STOPPED)


@dataclass(frozen=True, slots=True)
class TopBarState:
    """Everything the top bar shows.

    Attributes:
        source: The source and those that were used before; the key is the source as typed, "" for none.
        model: No model, those of the workspace and those that were used before; the key is the path, "" for none.
        backend, device, precision: What can be chosen, without lines where there is no model.
        badge: What really runs.
        loading: What is being loaded, None for nothing.
        tiles: How many tiles there are.
        all_selected: Whether changes are for all of them.
        running: Whether the button stops (else it starts).
        startable: Whether there is anything to start or stop.
        saveable: Whether there is a picture to save.
        recordable: Whether a recording can begin or end.
        recording: Length of the recording ("0:07"), or that it is being finished; "" while nothing is recorded.
    """

    source: Selector
    model: Selector
    backend: Selector
    device: Selector
    precision: Selector
    badge: Badge
    loading: Loading | None = None
    tiles: int = 1
    all_selected: bool = False
    running: bool = False
    startable: bool = False
    saveable: bool = False
    recordable: bool = False
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """The engine and the histories at one moment, as the top bar needs them.

    Attributes:
        tiles: State of each tile, by id.
        model: Of the selected tile's model, None without one.
        backends: Everything there is.
        recording: What is recorded.
        sources: Used before, newest first.
        models: Used before, newest first.
    """

    tiles: dict[str, TileState]
    model: ModelState | None = None
    backends: tuple[BackendState, ...] = ()
    recording: RecordingState = field(default_factory=RecordingState)
    sources: tuple[str, ...] = ()
    models: tuple[Path, ...] = ()


def top_bar(workspace: Workspace, moment: Moment) -> TopBarState:
    """What the top bar shows."""
    tile = workspace.tile(workspace.selected)
    state = moment.tiles[tile.tile_id]
    running = any(_runs(t, moment.tiles[t.tile_id]) for t in workspace.targets)
    return TopBarState(
        _sources(tile, state, moment.sources),
        _models(workspace, moment.models),
        *_configuration(workspace.model_of(tile.tile_id), moment),
        badge(moment.model),
        loading(moment.model.loading) if moment.model else None,
        tiles=len(workspace.tiles),
        all_selected=workspace.all_selected,
        running=running,
        startable=any(t.source for t in workspace.targets),
        saveable=state.captured > 0,
        recordable=moment.recording.active or running,
        recording=_recording(moment.recording),
    )


def _configuration(model: ModelChoice | None, moment: Moment) -> tuple[Selector, Selector, Selector]:
    if model is None or moment.model is None:
        return Selector(), Selector(), Selector()
    return (
        selection.backends(moment.backends, model, moment.model.card),
        selection.devices(moment.backends, model, moment.model),
        selection.precisions(moment.backends, model, moment.model.card, moment.model.report),
    )


def _sources(tile: Tile, state: TileState, offered: Iterable[str]) -> Selector:
    present = Choice(tile.source, source_title(tile.source, state), _place(tile.source))
    others = (Choice(source, source_title(source), _place(source)) for source in dict.fromkeys(offered))
    return Selector((present, *(choice for choice in others if choice.key != tile.source)), tile.source)


def _place(source: str) -> str:
    if source == DEMO_SOURCE:
        return inside_words()
    return text("TopBar", "Camera") if source.startswith("camera:") else source


def _runs(tile: Tile, state: TileState) -> bool:
    return tile.running and state.error is None and state.status.state not in _OVER


def _models(workspace: Workspace, recent: Iterable[Path]) -> Selector:
    none = Choice("", text("TopBar", "No model"), text("TopBar", "Only the pictures"))
    model = workspace.model_of(workspace.selected)
    return Selector((none, *selection.models(workspace, recent)), str(model.path) if model else "")


def _recording(state: RecordingState) -> str:
    if not state.active:
        return ""
    if state.finishing is not None:
        return text("TopBar", "Finishing {percent} %").format(percent=int(100 * state.finishing))
    return length_words(state.elapsed_s)


class TopBarView(Protocol):
    """The bar."""

    def show_top_bar(self, state: TopBarState) -> None:
        """Show what is chosen and what runs."""


class TopBarPresenter:
    """Follows the store at once and the engine four times a second (``refresh``).

    Args:
        view: The bar.
        store: Where choices go.
        engine: What runs.
        open_source: Opens one of ``sources`` in the selected tile.
        want_int8: Called when INT8 is chosen for a model that is not quantised.
        sources: Cameras that are there, and what was used before, newest first, without secrets.
        recent_models: Model files used before, newest first.
    """

    def __init__(
        self,
        view: TopBarView,
        store: WorkspaceStore,
        engine: EnginePort,
        *,
        open_source: Callable[[str], None],
        want_int8: Callable[[], None],
        sources: Callable[[], Iterable[str]] = tuple,
        recent_models: Callable[[], Iterable[Path]] = tuple,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._sources = sources
        self._recent_models = recent_models
        self._open_source = open_source
        self._want_int8 = want_int8
        self._shown: TopBarState | None = None
        store.subscribe(lambda _before, _now: self.refresh())

    def refresh(self) -> None:
        """Look again, and show what has changed."""
        state = top_bar(self._store.now, self._moment())
        if state != self._shown:
            self._shown = state
            self._view.show_top_bar(state)

    def _moment(self) -> Moment:
        now = self._store.now
        model = now.model_of(now.selected)
        return Moment(
            {tile.tile_id: self._engine.tile_state(tile.tile_id) for tile in now.tiles},
            self._engine.model_state(model.model_id) if model else None,
            self._engine.backends(),
            self._engine.recording(),
            tuple(self._sources()),
            tuple(self._recent_models()),
        )

    # Intents ------------------------------------------------------------------------------------------------------

    def on_source_chosen(self, source: str) -> None:
        """One of the sources that were used before."""
        self._open_source(source)

    def on_model_chosen(self, path: str) -> None:
        """A model for the targets; "" for none."""
        if path:
            self._store.use_model(Path(path))
        else:
            self._store.edit_targets(model_id=None)

    def on_backend_chosen(self, name: str) -> None:
        """Another runtime; what it does not have of device and precision is left to it."""
        self._edit_models(backend=name)

    def on_device_chosen(self, name: str) -> None:
        """Another device of the same runtime, "" for its own choice."""
        self._edit_models(device=name)

    def on_precision_chosen(self, name: str) -> None:
        """Another compute precision; INT8 is a matter of the file, which may have to be built."""
        now = self._store.now
        model = now.model_of(now.selected)
        card = self._engine.model_state(model.model_id).card if model is not None else None
        if selection.needs_variant(Precision(name), card):
            self._want_int8()
        else:
            self._edit_models(precision=Precision(name))

    def on_all_selected(self, chosen: bool) -> None:
        """Changes are for all tiles, or for the selected one."""
        self._store.edit(all_selected=chosen)

    def on_start_stop(self) -> None:
        """Stop the targets; start those that have a source where none of them runs."""
        targets = self._store.now.targets
        running = any(_runs(t, self._engine.tile_state(t.tile_id)) for t in targets)
        self._run({t.tile_id for t in targets}, not running)

    def on_start_all(self) -> None:
        """Start each tile that has a source."""
        self._run({t.tile_id for t in self._store.now.tiles}, True)

    def on_stop_all(self) -> None:
        """Stop each tile."""
        self._run({t.tile_id for t in self._store.now.tiles}, False)

    def on_load_cancelled(self) -> None:
        """What ran before goes on."""
        model = self._store.now.model_of(self._store.now.selected)
        if model is not None:
            self._engine.cancel_load(model.model_id)

    def _run(self, ids: set[str], wanted: bool) -> None:
        """A tile that should run but has ended or failed is opened again."""
        now = self._store.now
        for tile in now.tiles:
            over = tile.running and not _runs(tile, self._engine.tile_state(tile.tile_id))
            if wanted and over and tile.tile_id in ids:
                self._engine.restart(tile.tile_id)
        self._store.edit(
            tiles=tuple(replace(t, running=wanted and bool(t.source)) if t.tile_id in ids else t for t in now.tiles)
        )

    def _edit_models(self, **changes: Any) -> None:
        """Change the models of all targets in one step."""
        now = self._store.now
        ids = {tile.model_id for tile in now.targets}
        self._store.edit(models=tuple(self._fitting(m, changes) if m.model_id in ids else m for m in now.models))

    def _fitting(self, model: ModelChoice, changes: dict[str, Any]) -> ModelChoice:
        card = self._engine.model_state(model.model_id).card
        return selection.fitting(self._engine.backends(), model.by_hand(**changes), card)
