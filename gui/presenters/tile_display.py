"""What a tile says of itself: pure functions from what a person wants and what the engine does to words and flags."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.capture.source import SourceState
from engine.errors import SourceReason
from gui.engine_words import in_full, translated
from gui.presenters.port import ModelState, TileState
from gui.presenters.titles import is_still, tile_title
from gui.presenters.workspace import Tile
from gui.texts import text

OLD_AFTER_S = 1.7
"""A picture of a live source that is older is not shown as if it were live: looked at four times a second, it is grey
within two."""

_ALMOST_DONE = 0.95


class TileHealth(StrEnum):
    """How a stream is, for its colour and its words."""

    EMPTY = "empty"
    STOPPED = "stopped"
    CONNECTING = "connecting"
    LIVE = "live"
    PLAYING = "playing"
    STILL = "still"
    PAUSED = "paused"
    RECONNECTING = "reconnecting"
    ENDED = "ended"
    FAILED = "failed"


class Remedy(StrEnum):
    """What the button of a banner does."""

    NONE = "none"
    PASSWORD = "password"  # noqa: S105 - the name of a button
    TRY_NOW = "try now"
    RESTART = "restart"
    CHOOSE = "choose"
    RELOAD = "reload"


@dataclass(frozen=True, slots=True)
class Banner:
    """A sentence over the picture.

    Attributes:
        message: What is wrong, and what happens next.
        detail: The whole error, for a tool tip.
        severe: An error; else a warning.
        remedy: What its button does.
    """

    message: str
    detail: str = ""
    severe: bool = False
    remedy: Remedy = Remedy.NONE


@dataclass(frozen=True, slots=True)
class Loading:
    """A model that is on its way. ``share`` is how much is done, 0 to 1, None where that is unknown."""

    message: str
    share: float | None


@dataclass(frozen=True, slots=True)
class TileDisplay:
    """Everything that a tile shows beside its picture.

    Attributes:
        tile_id: Which tile.
        name: What a person calls it, "" for an empty tile.
        health: For the colour of its dot.
        state: The same in words.
        age: How old the picture is, in words; "" where that says nothing (files).
        old: The picture is of a live source and too old to pass for live: it is shown in grey.
        banner: What is wrong, None while nothing is.
        loading: The model that is on its way, None without one.
        selected: Whether the panels act on it.
    """

    tile_id: str
    name: str = ""
    health: TileHealth = TileHealth.EMPTY
    state: str = ""
    age: str = ""
    old: bool = False
    banner: Banner | None = None
    loading: Loading | None = None
    selected: bool = False

    @property
    def description(self) -> str:
        """All of it in words, for screen readers."""
        parts = (self.state, self.age if self.old else "", self.banner.message if self.banner else "")
        return ". ".join(part for part in (*parts, self.loading.message if self.loading else "") if part)


def tile_display(
    tile: Tile,
    state: TileState,
    model: ModelState | None,
    *,
    picture_age_s: float | None,
    now_ns: int,
    selected: bool,
) -> TileDisplay:
    """What a tile says.

    Args:
        tile: What the person wants.
        state: Its stream.
        model: The model that analyses it, None without one.
        picture_age_s: Seconds since the shown picture was captured, None without a picture.
        now_ns: The monotonic clock.
        selected: Whether the panels act on it.
    """
    health = _health(tile, state)
    aged = picture_age_s is not None and _is_live(state) and tile.running
    old = aged and health is not TileHealth.PAUSED and (picture_age_s or 0.0) > OLD_AFTER_S
    return TileDisplay(
        tile_id=tile.tile_id,
        name=tile_title(tile, state) if tile.name or tile.source else "",
        health=health,
        state=_state_words(health),
        age=_age_words(picture_age_s or 0.0, old) if aged else "",
        old=old or (picture_age_s is not None and _is_live(state) and health in _NO_LONGER_LIVE),
        banner=_banner(health, state, model, now_ns),
        loading=_loading(model),
        selected=selected,
    )


_NO_LONGER_LIVE = (TileHealth.STOPPED, TileHealth.FAILED, TileHealth.ENDED)


def _is_live(state: TileState) -> bool:
    """Whether pictures come at their own time; what was never opened cannot say, and is taken at its worst."""
    return state.info is None or state.info.live


def _health(tile: Tile, state: TileState) -> TileHealth:
    """The first that holds."""
    source = state.status.state
    failed = state.error is not None or source is SourceState.FAILED or state.password_wanted
    order = (
        (not tile.source, TileHealth.EMPTY),
        (failed, TileHealth.FAILED),
        (not tile.running, TileHealth.STOPPED),
        (source in (SourceState.STALLED, SourceState.RECONNECTING), TileHealth.RECONNECTING),
        (source is SourceState.ENDED, TileHealth.ENDED),
        (state.paused, TileHealth.PAUSED),
        (source is SourceState.LIVE and _is_live(state), TileHealth.LIVE),
        (source is SourceState.LIVE, TileHealth.STILL if is_still(state) else TileHealth.PLAYING),
    )
    return next((health for holds, health in order if holds), TileHealth.CONNECTING)


def _state_words(health: TileHealth) -> str:
    return {
        TileHealth.EMPTY: text("Tile", "Empty"),
        TileHealth.STOPPED: text("Tile", "Stopped"),
        TileHealth.CONNECTING: text("Tile", "Connecting"),
        TileHealth.LIVE: text("Tile", "Live"),
        TileHealth.PLAYING: text("Tile", "Playing"),
        TileHealth.STILL: text("Tile", "Still picture"),
        TileHealth.PAUSED: text("Tile", "Paused"),
        TileHealth.RECONNECTING: text("Tile", "Reconnecting"),
        TileHealth.ENDED: text("Tile", "Ended"),
        TileHealth.FAILED: text("Tile", "Not running"),
    }[health]


def _age_words(age_s: float, old: bool) -> str:
    if not old:
        return text("Tile", "{seconds:.1f} s old").format(seconds=max(0.0, age_s))
    return text("Tile", "Picture is {age} old").format(age=length_words(round(age_s)))


def length_words(seconds: float) -> str:
    """A length of time in its two largest units: "9 s", "2 min 5 s", "3 h 20 min"."""
    whole = int(seconds)
    if whole < 60:
        return text("Tile", "{seconds} s").format(seconds=whole)
    if whole < 3600:
        return text("Tile", "{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    return text("Tile", "{hours} h {minutes} min").format(hours=whole // 3600, minutes=whole // 60 % 60)


def _banner(health: TileHealth, state: TileState, model: ModelState | None, now_ns: int) -> Banner | None:
    """The worst first: without a picture, what its model does matters little."""
    of_source = _source_banner(health, state, now_ns)
    return _model_banner(model) if of_source is None and model and health is not TileHealth.EMPTY else of_source


def _source_banner(health: TileHealth, state: TileState, now_ns: int) -> Banner | None:
    if state.password_wanted:
        return Banner(_password_wanted(translated(state.status.why)), severe=True, remedy=Remedy.PASSWORD)
    if state.error is not None:
        is_no_source = getattr(state.error, "reason", None) is SourceReason.CODEC  # the same file will not do better
        remedy = Remedy.CHOOSE if is_no_source else Remedy.RESTART
        return Banner(in_full(state.error), state.error.detail, severe=True, remedy=remedy)
    if health is TileHealth.FAILED:
        return Banner(
            translated(state.status.message) or text("Tile", "The source failed."), severe=True, remedy=Remedy.RESTART
        )
    return _reconnecting(state, now_ns) if health is TileHealth.RECONNECTING else None


def _password_wanted(why: str) -> str:
    if not why:
        return text("Tile", "This source wants a password.")
    return text("Tile", "This source wants a password: {why}.").format(why=why)


def _model_banner(model: ModelState) -> Banner | None:
    if model.error is None:
        return None
    if model.report is None:
        told = text("Tile", "The model failed: {why}. The video goes on.")
    else:
        told = text("Tile", "The model could not be changed: {why}. What ran before goes on.")
    return Banner(
        told.format(why=translated(model.error.what)), in_full(model.error), severe=True, remedy=Remedy.RELOAD
    )


def _reconnecting(state: TileState, now_ns: int) -> Banner:
    status = state.status
    why = translated(status.why) or text("Tile", "no picture comes")
    if status.state is SourceState.STALLED or not status.attempt:
        return Banner(text("Tile", "No new picture: {why}").format(why=why))
    wait_s = status.retry_in_s - (now_ns - status.made_ns) / 1e9
    if wait_s < 0.5:
        now = text("Tile", "Reconnecting, try {attempt}: {why}")
        return Banner(now.format(attempt=status.attempt, why=why), remedy=Remedy.TRY_NOW)
    later = text("Tile", "Reconnecting, try {attempt}: {why}, next in {seconds:.0f} s")
    return Banner(later.format(attempt=status.attempt, why=why, seconds=wait_s), remedy=Remedy.TRY_NOW)


def _loading(model: ModelState | None) -> Loading | None:
    if model is None or model.loading is None:
        return None
    phase, elapsed_s, expected_s = model.loading.phase, model.loading.elapsed_s, model.loading.expected_s
    message = text("Tile", "Model: {phase}, {seconds:.0f} s").format(phase=translated(phase), seconds=elapsed_s)
    return Loading(message, min(_ALMOST_DONE, elapsed_s / expected_s) if expected_s else None)
