"""Asks for the password of a stream that needs one, and opens the stream with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from engine.addresses import is_network_address
from gui.presenters.opening import SourceOpener
from gui.presenters.port import EnginePort
from gui.presenters.secrets import hides_login_alone, join_login
from gui.presenters.source_display import check_address
from gui.presenters.workspace import Tile, WorkspaceStore

ANSWER_TAKES_S = 2.0
"""So long a stream may take to say that a new password is wrong, too."""


@dataclass(frozen=True, slots=True)
class PasswordQuestion:
    """What is asked.

    Attributes:
        title: Which tile, as the person has named it; "" where it has no name.
        address: Its address, without secrets.
        whole: The whole address is wanted, because more of it is hidden than user and password.
        again: The last answer was refused.
    """

    title: str
    address: str
    whole: bool = False
    again: bool = False


class PasswordView(Protocol):
    """The dialog."""

    def ask(self, question: PasswordQuestion) -> None:
        """Show it, with empty fields."""

    def show_complaint(self, complaint: str) -> None:
        """What is wrong with the address that was typed."""

    def dismiss(self) -> None:
        """Hide it and forget what was typed."""


class PasswordPresenter:
    """Asks once for each tile that comes to want a password, one after the other. ``refresh`` looks for them.

    Args:
        view: The dialog.
        store: The tiles.
        engine: Says which want a password.
        opener: Takes the answer.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        view: PasswordView,
        store: WorkspaceStore,
        engine: EnginePort,
        opener: SourceOpener,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._opener = opener
        self._clock = clock
        self._asking = ""
        self._asked: set[str] = set()
        self._answered_s: dict[str, float] = {}

    def refresh(self) -> None:
        """Ask for the next password that is wanted; take the question back where it no longer is."""
        wanted = [tile.tile_id for tile in self._store.now.tiles if self._wants(tile.tile_id)]
        self._asked &= set(wanted)
        if self._asking and self._asking not in wanted:
            self._end()
        new = [tile_id for tile_id in wanted if tile_id not in self._asked]
        if new and not self._asking:
            self.ask(new[0])

    def ask(self, tile_id: str) -> None:
        """Ask for the password of a tile."""
        tile = self._store.now.tile(tile_id)
        self._asking = tile_id
        self._asked.add(tile_id)
        again = self._answered_s.pop(tile_id, None) is not None
        self._view.ask(PasswordQuestion(tile.name, tile.source, not hides_login_alone(tile.source), again))

    def on_answered(self, user: str, password: str, remember: bool) -> None:
        """User and password were given."""
        if (tile := self._tile()) is not None:
            self._open(tile, join_login(tile.source, user, password), remember)

    def on_address_answered(self, address: str, remember: bool) -> None:
        """The whole address was given."""
        check = check_address(address)
        self._view.show_complaint(check.complaint)
        if (tile := self._tile()) is not None and check.usable:
            self._open(tile, address.strip(), remember)

    def on_dismissed(self) -> None:
        """No answer: the tile is not asked about again until it has worked once."""
        self._end()

    def _tile(self) -> Tile | None:
        """The tile that is asked about; None where it was closed meanwhile."""
        return next((tile for tile in self._store.now.tiles if tile.tile_id == self._asking), None)

    def _open(self, tile: Tile, full: str, remember: bool) -> None:
        self._answered_s[tile.tile_id] = self._clock()
        self._asked.discard(tile.tile_id)
        self._end()
        self._opener.open(tile.tile_id, full, tile.options, remember=remember)

    def _end(self) -> None:
        self._asking = ""
        self._view.dismiss()

    def _wants(self, tile_id: str) -> bool:
        tile, state = self._store.now.tile(tile_id), self._engine.tile_state(tile_id)
        just_answered = self._clock() - self._answered_s.get(tile_id, float("-inf")) < ANSWER_TAKES_S
        return tile.running and state.password_wanted and is_network_address(tile.source) and not just_answered
