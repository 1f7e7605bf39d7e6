"""Which model serves which tile: what is wished, what runs, and the way back. The one place that knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from engine.errors import InferoscopeError
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.session import Session
from gui.bridge.models import RunningModel, Wishes
from gui.presenters.port import ModelState
from gui.presenters.titles import model_title
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore


@dataclass(frozen=True, slots=True)
class Use:
    """A model on a tile; what the tile says of classes is about this model."""

    tile: Tile
    model: RunningModel


@dataclass(frozen=True, slots=True)
class Served:
    """What is wished for a tile, and what serves it until that is warm.

    ::

                B is wished                  B is warm
        (A, A) ─────────────► (B wished, A) ───────────► (B, B)
           ▲                        │
           └────────────────────────┘ B fails or is cancelled: the workspace says A again

    Attributes:
        wished: As the workspace has it, None for no model. Where it does not serve, it is being loaded, or cannot be
            had.
        serving: The last wish that came true, with the tile as it was then: the way back. None for no model.
    """

    wished: Use | None = None
    serving: Use | None = None

    def wish(self, wished: Use | None) -> Served:
        """Another wish, or the same one at another moment: it comes true at once where its model is warm."""
        comes_true = wished is None or wished.model.warm is not None
        return Served(wished, wished if comes_true else self.serving)

    def wishes(self, model: RunningModel) -> bool:
        """Whether this model is wished."""
        return self.wished is not None and self.wished.model is model

    @property
    def loaded(self) -> LoadedModel | None:
        """What analyses its frames now; None also where that has broken."""
        warm = None if self.serving is None else self.serving.model.warm
        return None if warm is None else warm.loaded

    @property
    def way_back(self) -> tuple[Tile, ModelChoice] | None:
        """The tile as it was with what serves it, and how that was chosen; None where nothing serves it."""
        if self.serving is None or self.serving.model.warm is None:
            return None
        return self.serving.tile, self.serving.model.warm.choice


class Serving:
    """Has the models of the workspace loaded, and lets each tile have the one it wishes once that is warm.

    GUI thread alone. Where a wish cannot be had, the workspace is edited: it says again what serves.

    Args:
        store: What the person has set up.
        session: Loads the models.
        wishes: What the settings say at the moment of a load.
        connect: Lets a model analyse a tile from now on, None for none.
        report: Told which model cannot be had, and why.
    """

    def __init__(
        self,
        store: WorkspaceStore,
        session: Session,
        wishes: Callable[[], Wishes],
        *,
        connect: Callable[[str, LoadedModel | None], None],
        report: Callable[[str, InferoscopeError], None],
    ) -> None:
        self._store = store
        self._session = session
        self._wishes = wishes
        self._connect = connect
        self._report = report
        self._models: dict[str, RunningModel] = {}
        self._tiles: dict[str, Served] = {}

    def follow(self, now: Workspace) -> None:
        """Agree with the workspace as it is now."""
        for choice in now.models:
            self._follow_model(choice)
        for tile_id in self._tiles.keys() - {tile.tile_id for tile in now.tiles}:
            del self._tiles[tile_id]
        for tile in now.tiles:
            self._follow_tile(tile)
        self._retire(now)

    def _follow_model(self, choice: ModelChoice) -> None:
        if choice.model_id in self._models:
            self._models[choice.model_id].follow(choice)
        else:
            self._models[choice.model_id] = RunningModel(
                choice,
                self._session,
                self._wishes,
                on_measured=self._on_measured,
                on_ready=self._on_ready,
                on_failed=self._on_failed,
            )

    def _follow_tile(self, tile: Tile) -> None:
        before = self._tiles.get(tile.tile_id, Served())
        wished = None if tile.model_id is None else Use(tile, self._models[tile.model_id])
        served = self._tiles[tile.tile_id] = before.wish(wished)
        if wished is not None and wished.model.failed and not before.wishes(wished.model):
            wished.model.load()  # It failed on another tile: who wishes it now wants it to be tried.
        if served.loaded is not before.loaded:
            self._connect(tile.tile_id, served.loaded)

    def _retire(self, now: Workspace) -> None:
        """Let go of models that neither are wished nor serve until another one is warm."""
        serving = {served.serving.model for served in self._tiles.values() if served.serving is not None}
        for model_id in self._models.keys() - {choice.model_id for choice in now.models}:
            model = self._models[model_id]
            model.stop_loading()
            if model.warm is None or model not in serving:
                self._models.pop(model_id).close()

    def settle(self) -> None:
        """Take up what has happened: models that are warm, have failed or broke."""
        for model in tuple(self._models.values()):
            model.settle()

    def _on_measured(self, model: RunningModel) -> None:
        """Let the workspace say how it runs: as it was measured to run best on this machine."""
        self._store.edit_model(**asdict(model.choice))

    def _on_ready(self, model: RunningModel) -> None:
        """Serve the tiles that wish it, and those that have it until another one is warm: its lanes are new ones."""
        for tile_id, before in self._tiles.items():
            served = self._tiles[tile_id] = before.wish(before.wished)
            if served.serving is not None and served.serving.model is model:
                self._connect(tile_id, served.loaded)
        self._retire(self._store.now)

    def _on_failed(self, model: RunningModel, error: InferoscopeError) -> None:
        self._report(model_title(model.choice.path), error)
        self._go_back(model)

    def _go_back(self, model: RunningModel) -> None:
        """Let the workspace say again what serves; where nothing does, the wish stays, with its error."""
        if model.warm is not None:
            self._store.edit_model(**asdict(model.warm.choice))
            return
        for served in self._wishing(model):
            if served.way_back is not None:
                self._store.put_back(*served.way_back)

    def _wishing(self, model: RunningModel) -> list[Served]:
        return [served for served in self._tiles.values() if served.wishes(model)]

    # For others ---------------------------------------------------------------------------------------------------

    def model_for(self, tile_id: str) -> LoadedModel | None:
        """Which model serves a tile now."""
        return self._tiles[tile_id].loaded

    def state(self, model_id: str) -> ModelState:
        """A model of the workspace; while it loads, with the report of what serves its tiles until then."""
        model = self._models.get(model_id)
        if model is None:
            return ModelState()
        reports = (s.loaded.configuration.report for s in self._wishing(model) if s.loaded is not None)
        return model.state(next(reports, None))

    def cancel_load(self, model_id: str) -> None:
        """Stop loading; the workspace says again what served before, or that there is no model."""
        model = self._models.get(model_id)
        if model is None:
            return
        model.stop_loading()
        self._go_back(model)
        if model.warm is None:
            for tile in self._store.now.tiles:
                if tile.model_id == model_id:
                    self._store.edit_tile(tile.tile_id, model_id=None)

    def reload(self, model_id: str) -> None:
        """Identify and compile again."""
        if model_id in self._models:
            self._models[model_id].load()
