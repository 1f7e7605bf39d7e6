"""The one sentence that says how everything is: what is worst comes first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.capture.source import SourceState
from gui.engine_words import translated
from gui.presenters.port import EnginePort, ModelState, TileState
from gui.presenters.titles import is_still, model_title, tile_title
from gui.presenters.workspace import ModelChoice, Tile, WorkspaceStore
from gui.texts import text


class Level(StrEnum):
    """How much a person should care."""

    IDLE = "idle"
    GOOD = "good"
    BUSY = "busy"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Health:
    """What the status line says."""

    level: Level
    sentence: str


class _Kind(StrEnum):
    FAILED = "failed"
    OFFLINE = "offline"
    CONNECTING = "connecting"
    ENDED = "ended"
    PAUSED = "paused"
    LIVE = "live"


_WORST_FIRST = tuple(_Kind)
_TROUBLE = (_Kind.FAILED, _Kind.OFFLINE)


def health(
    tiles: Sequence[tuple[Tile, TileState]], models: Sequence[tuple[ModelChoice, ModelState]], now_ns: int
) -> Health:
    """Say how the streams and models are.

    Args:
        tiles: Every tile with its state.
        models: Every model in use with its state.
        now_ns: ``time.monotonic_ns()``: waits for the next try are told from now on.
    """
    running = sorted(
        ((tile, state) for tile, state in tiles if tile.running and tile.source),
        key=lambda pair: _WORST_FIRST.index(_kind(pair[1])),
    )
    if not running:
        return _model_trouble(models) or Health(Level.IDLE, text("Health", "Nothing is running"))
    worst = _kind(running[0][1])
    if worst in _TROUBLE:
        return Health(Level.ERROR if worst is _Kind.FAILED else Level.WARNING, _trouble(running, now_ns))
    return _model_trouble(models) or _fine(running)


def _kind(state: TileState) -> _Kind:
    stage = state.status.state
    if state.error is not None or state.password_wanted or stage is SourceState.FAILED:
        return _Kind.FAILED
    if stage in (SourceState.RECONNECTING, SourceState.STALLED):
        return _Kind.OFFLINE
    if stage in (SourceState.ENDED, SourceState.STOPPED):
        return _Kind.ENDED
    if not state.open or stage in (SourceState.IDLE, SourceState.CONNECTING):
        return _Kind.CONNECTING
    return _Kind.PAUSED if state.paused else _Kind.LIVE


def _trouble(running: Sequence[tuple[Tile, TileState]], now_ns: int) -> str:
    """One stream's trouble in full, the others counted."""
    sentence = _what_is_wrong(*running[0], now_ns)
    if len(running) == 1:
        return sentence
    bad = sum(_kind(state) in _TROUBLE for _, state in running)
    good = sum(_kind(state) is _Kind.LIVE for _, state in running)
    if bad > 1:
        sentence += text("Health", "; {count} more with trouble").format(count=bad - 1)
    counted = text("Health", "{good} of {all} streams are live; {trouble}")
    if good == 1:
        counted = text("Health", "1 of {all} streams is live; {trouble}")
    return counted.format(good=good, all=len(running), trouble=sentence)


def _what_is_wrong(tile: Tile, state: TileState, now_ns: int) -> str:
    name = tile_title(tile, state)
    if state.password_wanted:
        return text("Health", "{name} needs its password").format(name=name)
    if state.error is not None:
        return text("Health", "{name} does not run: {what}").format(
            name=name, what=_lowered(translated(state.error.what))
        )
    status = state.status
    if status.state is SourceState.FAILED:
        return text("Health", "{name} does not run: {what}").format(
            name=name, what=translated(status.why or status.message)
        )
    if status.state is SourceState.STALLED:
        return text("Health", "{name} has given no picture for {age} s").format(name=name, age=round(state.age_s or 0))
    why = translated(status.why) or text("Health", "no connection")
    wait_s = status.retry_in_s - (now_ns - status.made_ns) / 1e9
    if status.retry_in_s <= 0 or wait_s <= 0:
        again = text("Health", "{name} is offline: {why}, trying again ({attempt})")
        return again.format(name=name, why=why, attempt=status.attempt)
    later = text("Health", "{name} is offline: {why}, next try in {wait} s")
    return later.format(name=name, why=why, wait=max(1, round(wait_s)))


def _model_trouble(models: Sequence[tuple[ModelChoice, ModelState]]) -> Health | None:
    for choice, state in models:
        if state.error is not None:
            what = _lowered(translated(state.error.what))
            sentence = text("Health", "The model {name} does not run as wanted: {what}")
            return Health(Level.ERROR, sentence.format(name=model_title(choice.path), what=what))
    for choice, state in models:
        if state.loading is not None:
            sentence = text("Health", "The model {name} is being loaded: {phase}")
            return Health(
                Level.BUSY,
                sentence.format(name=model_title(choice.path), phase=_lowered(translated(state.loading.phase))),
            )
    return None


def _fine(running: Sequence[tuple[Tile, TileState]]) -> Health:
    """Nothing is wrong: one stream by its name, several by their number."""
    kinds = [_kind(state) for _, state in running]
    if len(running) == 1:
        return Health(_LEVELS[kinds[0]], _one(tile_title(*running[0]), kinds[0], running[0][1]))
    live = kinds.count(_Kind.LIVE)
    if live == len(kinds):
        return Health(Level.GOOD, _all_live(running))
    words = text("Health", "{live} of {all} streams are running")
    if live == 1:
        words = text("Health", "1 of {all} streams is running")
    counted = words.format(live=live, all=len(kinds))
    others = [
        counter.format(count=kinds.count(kind))
        for kind, counter in (
            (_Kind.CONNECTING, text("Health", "{count} connecting")),
            (_Kind.PAUSED, text("Health", "{count} paused")),
            (_Kind.ENDED, text("Health", "{count} at the end")),
        )
        if kind in kinds
    ]
    return Health(_LEVELS[kinds[0]], ", ".join((counted, *others)))


_LEVELS = {
    _Kind.CONNECTING: Level.BUSY,
    _Kind.ENDED: Level.IDLE,
    _Kind.PAUSED: Level.IDLE,
    _Kind.LIVE: Level.GOOD,
}


def _one(name: str, kind: _Kind, state: TileState) -> str:
    words = {
        _Kind.CONNECTING: text("Health", "{name}: connecting"),
        _Kind.ENDED: text("Health", "{name} has come to its end"),
        _Kind.PAUSED: text("Health", "{name} is paused"),
        _Kind.LIVE: _going_on(state),
    }
    return words[kind].format(name=name)


def _going_on(state: TileState) -> str:
    if _is_live(state):
        return text("Health", "{name} is live")
    return text("Health", "{name} is shown") if is_still(state) else text("Health", "{name} is playing")


def _all_live(running: Sequence[tuple[Tile, TileState]]) -> str:
    live = all(_is_live(state) for _, state in running)
    if len(running) == 2:
        return text("Health", "Both streams are live") if live else text("Health", "Both streams are running")
    words = (
        text("Health", "All {count} streams are live") if live else text("Health", "All {count} streams are running")
    )
    return words.format(count=len(running))


def _is_live(state: TileState) -> bool:
    return state.info is None or state.info.live


def _lowered(sentence: str) -> str:
    """For the middle of a sentence: names (of which the second letter is a capital) stay."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


class HealthView(Protocol):
    """The status line."""

    def show_health(self, state: Health) -> None:
        """Show the sentence, with a dot in the colour of its level."""


class HealthPresenter:
    """Keeps the sentence true; ``refresh`` is called four times a second.

    Args:
        view: The status line.
        store: What should run.
        engine: What runs.
        clock_ns: ``time.monotonic_ns``.
    """

    def __init__(
        self,
        view: HealthView,
        store: WorkspaceStore,
        engine: EnginePort,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._clock_ns = clock_ns
        self._shown: Health | None = None

    def refresh(self) -> None:
        """Look again, and show what has changed."""
        now = self._store.now
        state = health(
            [(tile, self._engine.tile_state(tile.tile_id)) for tile in now.tiles],
            [(model, self._engine.model_state(model.model_id)) for model in now.models],
            self._clock_ns(),
        )
        if state != self._shown:
            self._shown = state
            self._view.show_health(state)
