"""The demo: a scene and a model that come with the program, under names that hold wherever it is installed."""

from __future__ import annotations

import itertools

from engine.library.bundled import DEMO_MODEL
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore

DEMO_SOURCE = "demo"


def demo_workspace() -> Workspace:
    """What there is before a person has set up anything: the demo plays."""
    return Workspace(
        tiles=(Tile("1", source=DEMO_SOURCE, running=True, model_id="2"),), models=(ModelChoice("2", DEMO_MODEL),)
    )


def select_demo_tile(store: WorkspaceStore) -> str | None:
    """Select the tile that has the whole demo, else an empty one, else a new one, and give it the demo's model.

    Returns:
        Its id, None where there is no room for a new one.
    """
    now = store.now
    whole = (tile for tile in now.tiles if tile.source == DEMO_SOURCE and _has_demo_model(now, tile))
    empty = (tile for tile in now.tiles if not tile.source)
    fitting = next(itertools.chain(whole, empty), None)
    tile_id = store.add_tile() if fitting is None else fitting.tile_id
    if tile_id is not None:
        store.edit(selected=tile_id, enlarged=None)
        store.use_model(DEMO_MODEL, (tile_id,))
    return tile_id


def give_demo_model(store: WorkspaceStore, tile_id: str) -> None:
    """Let the demo's model analyse a tile that shows its scene and has no model."""
    tile = next((tile for tile in store.now.tiles if tile.tile_id == tile_id), None)
    if tile is not None and tile.source == DEMO_SOURCE and tile.model_id is None:
        store.use_model(DEMO_MODEL, (tile_id,))


def _has_demo_model(workspace: Workspace, tile: Tile) -> bool:
    model = workspace.model(tile.model_id)
    return model is not None and model.path == DEMO_MODEL
