"""What everything in the window stands on: settings, the workspace, the engine behind its bridge, the clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.addresses import redact
from engine.capture.source import SourceOptions
from engine.diagnostics.known import Known, camera_names
from engine.errors import InferoscopeError
from engine.folders import absolute
from engine.library.bundled import is_inside
from engine.pipeline.session import Session
from gui.arguments import Wanted
from gui.bridge.bridge import Bridge
from gui.bridge.clock import Clock
from gui.bridge.keep_awake import KeepAwake
from gui.bridge.keyring_secrets import KeyringSecrets
from gui.presenters.demo import DEMO_SOURCE, demo_workspace, give_demo_model, select_demo_tile
from gui.presenters.history import SourceHistory
from gui.presenters.opening import SourceOpener
from gui.presenters.problems import Problems
from gui.presenters.session_file import at_rest, default_session
from gui.presenters.session_keeper import LAST_SAVE_S, SessionKeeper, open_other
from gui.presenters.workspace import Tile, Workspace, WorkspaceStore
from gui.settings import Settings
from gui.texts import text


class Ground:
    """Made before any widget, closed after the last one.

    Args:
        wanted: What the person asked for on the command line.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.problems = Problems()
        self.settings = Settings()
        for warning in self.settings.warnings:
            self.problems.add(text("Settings", "Settings"), _at_default(warning))
        self.session = Session()
        self.secrets = KeyringSecrets()
        self.history = SourceHistory()
        self.keeper = SessionKeeper(wanted.session or default_session(), self.problems)
        self.store = WorkspaceStore(self._workspace(wanted))
        self.bridge = Bridge(self.store, self.settings, self.problems, self.secrets, self.session)
        self.tasks = self.bridge.tasks
        self.opener = SourceOpener(
            self.store, self.bridge, self.secrets, self.tasks, problems=self.problems, history=self.history
        )
        self.clock = Clock(self.settings.number("display_rate_hz"))
        self._awake = KeepAwake(self.tasks)
        self._wire()

    def _workspace(self, wanted: Wanted) -> Workspace:
        """The session as it was left; where there is none and nothing was asked for, the demo.

        What the command line names never overwrites a session that holds something else.
        """
        kept = self.keeper.open(demo_workspace() if wanted == Wanted() else None)
        holds = [tile for tile in kept.tiles if tile.source]
        if wanted.session is None and wanted.source and holds and not _tiles_of(wanted.source, kept):
            self.keeper.close()
            return Workspace()
        return kept if self.settings.flag("restore") else at_rest(kept)

    def _wire(self) -> None:
        self.keeper.follow(self.store, self.tasks)
        self.settings.subscribe(self._on_setting)
        self.clock.settled.connect(self.bridge.settle)
        self.clock.every(1.0, self._save)
        self.clock.every(1.0, self._keep_awake)

    def _save(self) -> None:
        self.keeper.refresh()

    def _keep_awake(self) -> None:
        self._awake.want(self.settings.flag("keep_awake") and self.bridge.streaming)

    def _on_setting(self, key: str) -> None:
        if key == "display_rate_hz":
            self.clock.set_display_rate(self.settings.number(key))

    def start(self, wanted: Wanted) -> None:
        """Let the streams of the workspace run, and what was asked for on the command line."""
        self.bridge.start()
        self.clock.start()
        tile_id = self._tile_for(wanted.source) if wanted.source else self.store.now.selected
        if wanted.model is not None:
            self.store.use_model(_whole(wanted.model), **_how(wanted))
        if wanted.source:
            self.open_source(tile_id, wanted.source)

    def open_source(self, tile_id: str, source: str, options: SourceOptions | None = None) -> None:
        """Let a tile stream a source that a person has chosen; the demo brings its model along where there is none."""
        self.opener.open(tile_id, source, options)
        give_demo_model(self.store, tile_id)

    def try_demo(self) -> None:
        """Let the demo play, beside what there is."""
        tile_id = select_demo_tile(self.store)
        if tile_id is not None:
            self.opener.open(tile_id, DEMO_SOURCE)

    def _tile_for(self, source: str) -> str:
        """The tile that has this source, else an empty one, else a new one; selected."""
        now = self.store.now
        fits = [*_tiles_of(source, now), *(tile for tile in now.tiles if not tile.source)]
        tile_id = fits[0].tile_id if fits else self.store.add_tile() or now.selected
        self.store.edit(selected=tile_id)
        return tile_id

    def open_session(self, path: Path) -> None:
        """Go on with another session, and keep that one from now on."""
        self.keeper = open_other(self.keeper, path, self.store, self.problems, self.tasks)

    def known(self, documents: dict[str, Any]) -> Known:
        """What diagnostics hold beside what lies in the program's folders."""
        cameras = tuple(camera_names(tile.name, tile.source) for tile in self.store.now.tiles)
        return Known(self.keeper.path, documents, cameras, self.secrets.held)

    def close(self) -> list[str]:
        """Stop everything; names of threads that are inside a native call still."""
        self.clock.stop()
        self._awake.want(False)
        self.keeper.close(LAST_SAVE_S)
        return self.bridge.close()


def _tiles_of(source: str, workspace: Workspace) -> list[Tile]:
    """The tiles that have a source already."""
    names = {redact(source), str(absolute(Path(source)))}
    return [tile for tile in workspace.tiles if tile.source in names]


def _whole(model: Path) -> Path:
    """The path of a model, wherever the program is started from the next time."""
    return model if is_inside(model) and not model.exists() else absolute(model)


def _at_default(warning: str) -> InferoscopeError:
    """What could not be read of the settings."""
    return InferoscopeError(
        warning, remedy=text("Settings", "What could not be read has its usual value; look at the settings page")
    )


def _how(wanted: Wanted) -> dict[str, Any]:
    named = {"backend": wanted.backend or None, "device": wanted.device, "precision": wanted.precision}
    return {key: value for key, value in named.items() if value is not None}
