"""The one way in which a source that a person names reaches a tile."""

from __future__ import annotations

from pathlib import Path

from engine.addresses import redact
from engine.capture.source import SourceOptions
from engine.capture.table import parse_source
from engine.errors import InferoscopeError, SourceError
from engine.folders import absolute
from gui.presenters.history import SourceHistory
from gui.presenters.port import EnginePort, Tasks
from gui.presenters.problems import Problems
from gui.presenters.secrets import Secrets
from gui.presenters.workspace import WorkspaceStore
from gui.texts import text

_FILES = ("video", "image", "folder")


class SourceOpener:
    """Keeps secrets out of the workspace, and starts the tile.

    Args:
        store: Takes the source.
        engine: Opens again what is open already, such as with another password.
        secrets: Take the full address.
        tasks: Run what waits for the keyring.
        problems: Told, once, where there is no keyring.
        history: Of what was opened.
    """

    def __init__(
        self,
        store: WorkspaceStore,
        engine: EnginePort,
        secrets: Secrets,
        tasks: Tasks,
        *,
        problems: Problems,
        history: SourceHistory,
    ) -> None:
        self._store = store
        self._engine = engine
        self._secrets = secrets
        self._tasks = tasks
        self._problems = problems
        self._history = history
        self._told = False

    def open(self, tile_id: str, source: str, options: SourceOptions | None = None, *, remember: bool = True) -> None:
        """Let a tile stream a source; nothing happens where the tile was closed meanwhile.

        Args:
            tile_id: The tile.
            source: As typed: a file, an address with or without secrets, ``camera:NAME`` ..
            options: What was chosen about it.
            remember: Whether its secrets are known at the next start, too.
        """
        tile = next((tile for tile in self._store.now.tiles if tile.tile_id == tile_id), None)
        if tile is None:
            return
        options = options or SourceOptions()
        kind, full = _complete(source)
        shown = redact(full)
        if shown != full:
            self._keep(shown, full, remember)
        if kind in (*_FILES, "network"):
            self._history.add(shown)
        if tile.running and (tile.source, tile.options) == (shown, options):
            self._engine.restart(tile_id)
        else:
            self._store.edit_tile(tile_id, source=shown, options=options, running=True)

    def _keep(self, shown: str, full: str, remember: bool) -> None:
        self._secrets.hold(shown, full)
        if remember:
            self._tasks.start(
                "keyring", lambda _control: self._secrets.remember(shown, full), lambda _done: None, self._on_not_kept
            )

    def _on_not_kept(self, error: InferoscopeError) -> None:
        if not self._told:
            self._told = True
            self._problems.add(text("SourceOpener", "Passwords"), error)


def _complete(source: str) -> tuple[str, str]:
    """Kind of a source, "" where it is none (the tile will say so), and its text with a path made absolute."""
    try:
        kind, address = parse_source(source)
    except SourceError:
        return "", source.strip()
    if kind in _FILES:
        return kind, str(absolute(Path(address)))
    return kind, source.strip()
