"""What is going on, as far as it decides which actions make sense."""

from __future__ import annotations

from gui.actions import Situation
from gui.presenters.port import EnginePort
from gui.presenters.workspace import Workspace


def situation(workspace: Workspace, engine: EnginePort, page: str) -> Situation:
    """The situation of the selected tile, on a page."""
    tile = workspace.tile(workspace.selected)
    state = engine.tile_state(tile.tile_id)
    return Situation(
        has_source=bool(tile.source),
        running=tile.running,
        seekable=state.info is not None and state.info.seekable,
        paused=state.paused,
        has_picture=state.position is not None,
        recording=engine.recording().active,
        tiles=len(workspace.tiles),
        enlarged=workspace.enlarged is not None,
        page=page,
    )
