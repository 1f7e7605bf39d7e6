"""What a person has set up: tiles and models. One immutable value; everything else follows from it.

Presenters edit it, the bridge makes the engine agree with it, and it is what is saved and comes back at the next start.
What only happens for a moment (a pause, a seek) is not part of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.capture.source import SourceOptions
from engine.cards import Precision, Profile, Thresholds
from engine.library.preferences import Preference
from engine.overlay.palette import Colour

MOST_TILES = 16


class Display(StrEnum):
    """Which frame of a stream with a model is shown."""

    IN_STEP = "in_step"
    """The newest result on its own frame."""
    SMOOTH = "smooth"
    """The newest frame, with the newest result over it: for slow models."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One stream as a person wants it.

    Attributes:
        tile_id: Never shown, never reused.
        name: Given by the person; "" for the title of the source.
        source: As typed, secrets replaced by ``***`` (they are in the keyring); "" for an empty tile.
        options: What was chosen about the source.
        running: Whether it streams (and does so again at the next start).
        model_id: Which of the workspace's models analyses it, None for none.
        thresholds: What is kept of what the model finds.
        hidden_classes: Classes that are not drawn.
        class_colours: Colours that the person has chosen, by class.
        display: In step or smooth.
        every_frame: Analyse each frame of a file, however long it takes.
        max_fps: Frames analysed a second at most, None for all.
        loop: Begin a file again at its end.
        speed: Of a file's clock, 1.0 is real time.
    """

    tile_id: str
    name: str = ""
    source: str = ""
    options: SourceOptions = field(default_factory=SourceOptions)
    running: bool = False
    model_id: str | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    hidden_classes: frozenset[int] = frozenset()
    class_colours: Mapping[int, Colour] = field(default_factory=dict)
    display: Display = Display.IN_STEP
    every_frame: bool = False
    max_fps: float | None = None
    loop: bool = True
    speed: float = 1.0


class Chosen(StrEnum):
    """Who said how a model is to run. A person's word holds; else what was measured on this machine does."""

    BY_DEFAULT = "default"
    MEASURED = "measured"
    BY_HAND = "hand"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and how it is to run. Tiles that name the same one share its lanes.

    Attributes:
        model_id: Never shown, never reused.
        path: The file.
        backend: Key of ``engine.backends.table``.
        device: Device name, "" for the backend's own choice.
        precision: Compute precision of the float layers.
        chosen: Who said so.
        profile: Tuned for what, None for what the settings say.
        lanes: Inferences at the same time, None for the profile's default.
        threads: CPU threads in all, None for the number of cores.
    """

    model_id: str
    path: Path
    backend: str = "openvino"
    device: str = ""
    precision: Precision = Precision.AUTO
    chosen: Chosen = Chosen.BY_DEFAULT
    profile: Profile | None = None
    lanes: int | None = None
    threads: int | None = None

    def by_hand(self, **changes: Any) -> ModelChoice:
        """As a person chooses it; lanes and threads that were measured for another way to run it go."""
        return replace(self, profile=None, lanes=None, threads=None, chosen=Chosen.BY_HAND, **changes)

    def as_measured(self, best: Preference | None) -> ModelChoice:
        """As it was measured to run best on this machine, where no person chose; None where nothing is known."""
        if self.chosen is Chosen.BY_HAND:
            return self
        if best is None:
            return ModelChoice(self.model_id, self.path) if self.chosen is Chosen.MEASURED else self
        return replace(
            self,
            backend=best.backend,
            device=best.device,
            precision=best.precision,
            chosen=Chosen.MEASURED,
            profile=best.profile,
            lanes=best.lanes,
            threads=best.threads,
        )


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything a person has set up.

    Attributes:
        tiles: In the order of the grid, 1 to 16.
        models: Those that tiles use.
        selected: The tile that the top bar and the panels act on.
        all_selected: What is changed in the top bar is changed for all tiles.
        enlarged: The tile that fills the picture area, None for the grid.
        overlay: Whether results are drawn over the pictures.
    """

    tiles: tuple[Tile, ...] = (Tile("1"),)
    models: tuple[ModelChoice, ...] = ()
    selected: str = "1"
    all_selected: bool = False
    enlarged: str | None = None
    overlay: bool = True

    def tile(self, tile_id: str) -> Tile:
        """The tile of this id.

        Raises:
            KeyError: There is none.
        """
        return next((t for t in self.tiles if t.tile_id == tile_id), None) or _missing(tile_id)

    def model(self, model_id: str | None) -> ModelChoice | None:
        """The model of this id; None for None."""
        return next((m for m in self.models if m.model_id == model_id), None)

    def model_of(self, tile_id: str) -> ModelChoice | None:
        """The model that analyses a tile."""
        return self.model(self.tile(tile_id).model_id)

    @property
    def targets(self) -> tuple[Tile, ...]:
        """The tiles that the top bar and the panels act on."""
        return self.tiles if self.all_selected else (self.tile(self.selected),)


def _missing(tile_id: str) -> Tile:
    raise KeyError(tile_id)


class WorkspaceStore:
    """Holds the workspace and tells everyone when it changes. GUI thread alone.

    Every change goes through ``put``: what nobody uses any more is dropped, what is impossible is made possible.

    Args:
        workspace: To begin with.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        self._workspace = self._told = _consistent(workspace or Workspace())
        self._telling = False
        self._observers: list[Callable[[Workspace, Workspace], None]] = []
        ids = [t.tile_id for t in self._workspace.tiles] + [m.model_id for m in self._workspace.models]
        self._numbers = itertools.count(max(int(i) for i in ids) + 1)

    @property
    def now(self) -> Workspace:
        """The workspace as it is."""
        return self._workspace

    def subscribe(self, observer: Callable[[Workspace, Workspace], None]) -> None:
        """Call ``observer(before, now)`` after every change."""
        self._observers.append(observer)

    def put(self, workspace: Workspace) -> None:
        """Replace the workspace. It holds at once; where an observer does this, everyone is told of it afterwards."""
        self._workspace = _consistent(workspace)
        if self._telling:
            return
        self._telling = True
        try:
            while self._told != self._workspace:
                before, self._told = self._told, self._workspace
                self._tell(before, self._told)
        finally:
            self._telling = False

    def _tell(self, before: Workspace, now: Workspace) -> None:
        for observer in tuple(self._observers):
            observer(before, now)

    def edit(self, **changes: Any) -> None:
        """Change fields of the workspace."""
        self.put(replace(self._workspace, **changes))

    def edit_tile(self, tile_id: str, **changes: Any) -> None:
        """Change fields of one tile."""
        tiles = tuple(replace(t, **changes) if t.tile_id == tile_id else t for t in self._workspace.tiles)
        self.edit(tiles=tiles)

    def edit_targets(self, **changes: Any) -> None:
        """Change fields of the tiles that the top bar acts on."""
        ids = {t.tile_id for t in self._workspace.targets}
        tiles = tuple(replace(t, **changes) if t.tile_id in ids else t for t in self._workspace.tiles)
        self.edit(tiles=tiles)

    def edit_model(self, model_id: str, **changes: Any) -> None:
        """Change how a model runs, for every tile that uses it."""
        models = tuple(replace(m, **changes) if m.model_id == model_id else m for m in self._workspace.models)
        self.edit(models=models)

    def add_tile(self, **fields: Any) -> str | None:
        """Add a tile, select it and return its id; None when there are sixteen already."""
        if len(self._workspace.tiles) >= MOST_TILES:
            return None
        tile = Tile(self._next_id(), **fields)
        self.edit(tiles=(*self._workspace.tiles, tile), selected=tile.tile_id, enlarged=None)
        return tile.tile_id

    def remove_tile(self, tile_id: str) -> None:
        """Remove a tile; an empty one stays where it was the last."""
        tiles = tuple(t for t in self._workspace.tiles if t.tile_id != tile_id)
        self.edit(tiles=tiles or (Tile(self._next_id()),))

    def use_model(
        self, path: Path, tile_ids: tuple[str, ...] | None = None, *, same_classes: bool = False, **fields: Any
    ) -> str:
        """Let a model analyse tiles (the targets where none are named) and return its id.

        Where the workspace has a model of this file already it is shared, with ``fields`` applied to it as a person's
        choice; else backend and device of the tile's present model are kept, unless they were measured for that one.
        What was said about classes means something to a model of the ``same_classes`` alone.
        """
        now = self._workspace
        ids = tile_ids or tuple(t.tile_id for t in now.targets)
        model = next((m for m in now.models if m.path == path), None)
        if model is None:
            present = (now.model_of(ids[0]) or ModelChoice("", path)).as_measured(None)
            model = ModelChoice(self._next_id(), path, present.backend, present.device)
        model = model.by_hand(**fields) if fields else model
        others = tuple(m for m in now.models if m.model_id != model.model_id)
        let = _with_variant if same_classes else _with_model
        tiles = tuple(let(t, model.model_id) if t.tile_id in ids else t for t in now.tiles)
        self.edit(models=(*others, model), tiles=tiles)
        return model.model_id

    def put_back(self, was: Tile, model: ModelChoice) -> None:
        """Let a tile be analysed by a model that ran before, with what was said about its classes then.

        How it runs is as the workspace has it, where other tiles use it still.

        Args:
            was: The tile as it was with that model.
            model: As it ran.
        """
        now = self._workspace
        models = now.models if now.model(model.model_id) else (*now.models, model)
        tiles = tuple(_as_it_was(t, was, model.model_id) if t.tile_id == was.tile_id else t for t in now.tiles)
        self.edit(models=models, tiles=tiles)

    def open(self, workspace: Workspace) -> None:
        """Go on with another workspace, under numbers that nobody had: nothing of it continues what ran before."""
        self.put(_renumbered(_consistent(workspace), self._next_id))

    def _next_id(self) -> str:
        return str(next(self._numbers))


def _renumbered(workspace: Workspace, next_id: Callable[[], str]) -> Workspace:
    tiles = {tile.tile_id: next_id() for tile in workspace.tiles}
    models = {model.model_id: next_id() for model in workspace.models}
    return replace(
        workspace,
        tiles=tuple(
            replace(tile, tile_id=tiles[tile.tile_id], model_id=models.get(tile.model_id or ""))
            for tile in workspace.tiles
        ),
        models=tuple(replace(model, model_id=models[model.model_id]) for model in workspace.models),
        selected=tiles[workspace.selected],
        enlarged=None if workspace.enlarged is None else tiles[workspace.enlarged],
    )


def _with_model(tile: Tile, model_id: str | None) -> Tile:
    """The tile with a model; what was said about the classes of another model means nothing to this one."""
    if tile.model_id == model_id:
        return tile
    return replace(tile, model_id=model_id, hidden_classes=frozenset(), class_colours={})


def _with_variant(tile: Tile, model_id: str) -> Tile:
    return replace(tile, model_id=model_id)


def _as_it_was(tile: Tile, was: Tile, model_id: str) -> Tile:
    return replace(tile, model_id=model_id, hidden_classes=was.hidden_classes, class_colours=was.class_colours)


def _consistent(workspace: Workspace) -> Workspace:
    """Without models that nobody uses or that are not there, and with a selection that exists."""
    there = {m.model_id for m in workspace.models}
    tiles = tuple(
        tile if tile.model_id is None or tile.model_id in there else replace(tile, model_id=None)
        for tile in workspace.tiles[:MOST_TILES] or (Tile("1"),)
    )
    known = {t.tile_id for t in tiles}
    used = {t.model_id for t in tiles}
    return replace(
        workspace,
        tiles=tiles,
        models=tuple(m for m in workspace.models if m.model_id in used),
        selected=workspace.selected if workspace.selected in known else tiles[-1].tile_id,
        enlarged=workspace.enlarged if workspace.enlarged in known else None,
    )
