"""Which actions make sense now, and which of them are on."""

from __future__ import annotations

from typing import Protocol

from engine.capture.source import SourceState
from gui.actions import Situation
from gui.presenters.port import EnginePort, TileState
from gui.presenters.workspace import Workspace, WorkspaceStore

_OVER = (SourceState.FAILED, SourceState.STOPPED)


def situation(workspace: Workspace, state: TileState, recording: bool, page: str) -> Situation:
    """What decides whether an action makes sense.

    Args:
        workspace: What is set up.
        state: Of the selected tile.
        recording: Whether anything is recorded.
        page: The page that is shown.
    """
    tile = workspace.tile(workspace.selected)
    return Situation(
        has_source=bool(tile.source),
        running=tile.running and state.error is None and state.status.state not in _OVER,
        seekable=state.info is not None and state.info.seekable,
        paused=state.paused,
        has_picture=state.captured > 0,
        has_model=tile.model_id is not None,
        recording=recording,
        tiles=len(workspace.tiles),
        enlarged=workspace.enlarged is not None,
        page=page,
    )


class ActionsView(Protocol):
    """The window's menus."""

    @property
    def page(self) -> str:
        """The page that is shown."""

    def set_situation(self, situation: Situation) -> None:
        """Enable the actions that make sense."""

    def set_checked(self, action_id: str, checked: bool) -> None:
        """Show whether something is on."""


class ActionsPresenter:
    """Keeps the menus true; ``refresh`` is called four times a second and after each action.

    Args:
        view: The window.
        store: What is set up.
        engine: What runs.
    """

    def __init__(self, view: ActionsView, store: WorkspaceStore, engine: EnginePort) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._shown: Situation | None = None

    def refresh(self) -> None:
        """Look again, and enable what makes sense now."""
        now = self._store.now
        recording = self._engine.recording().active
        state = situation(now, self._engine.tile_state(now.selected), recording, self._view.page)
        if state != self._shown:
            self._shown = state
            self._view.set_situation(state)
        self._view.set_checked("view.overlay", now.overlay)
        self._view.set_checked("stream.record", recording)
