"""What the bar under the pictures shows: where a file stands, and how its stream is played and analysed."""

from __future__ import annotations

from dataclasses import dataclass

from gui.presenters.port import TileState
from gui.presenters.workspace import Display, Tile
from gui.texts import text

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Of a file's clock, to choose from."""

RATES_HZ = (30.0, 15.0, 10.0, 5.0, 2.0, 1.0)
"""Frames analysed a second at most, to choose from."""


@dataclass(frozen=True, slots=True)
class TransportDisplay:
    """The bar of one tile.

    Attributes:
        tile_id: Which tile.
        file: Whether its frames can be asked for: play, step and seek make sense.
        enabled: Whether it runs.
        playing: Whether the picture moves.
        position: Number of the frame that is shown.
        frames: How many there are, 0 where unknown.
        place: Where it stands, in words.
        speed, loop, every_frame, display, max_fps: As in the workspace.
        analysed: Whether a model looks at it.
    """

    tile_id: str
    file: bool
    enabled: bool
    playing: bool
    position: int
    frames: int
    place: str
    speed: float
    loop: bool
    every_frame: bool
    display: Display
    max_fps: float | None
    analysed: bool


def transport_display(tile: Tile, state: TileState) -> TransportDisplay | None:
    """What the bar shows for a tile; None for an empty one."""
    if not tile.source:
        return None
    info = state.info
    return TransportDisplay(
        tile_id=tile.tile_id,
        file=info is not None and info.seekable,
        enabled=tile.running and state.open,
        playing=tile.running and state.open and not state.paused,
        position=state.position or 0,
        frames=(info.frames if info else None) or 0,
        place=_place(state),
        speed=tile.speed,
        loop=tile.loop,
        every_frame=tile.every_frame,
        display=tile.display,
        max_fps=tile.max_fps,
        analysed=tile.model_id is not None,
    )


def seek_target(state: TileState, seconds: float) -> int | None:
    """Number of the frame that lies so many seconds further (or before), None where that cannot be said."""
    info = state.info
    if info is None or not info.seekable or state.position is None or not info.rate_hz:
        return None
    target = max(0, state.position + round(seconds * info.rate_hz))
    return min(target, info.frames - 1) if info.frames else target


def _place(state: TileState) -> str:
    info, position = state.info, state.position
    if info is None or not info.seekable or position is None:
        return ""
    frame = f"{position + 1:,}"
    if info.frames:
        frame = text("Transport", "{frame} of {frames:,}").format(frame=frame, frames=info.frames)
    if state.media_time_s is None:
        return frame
    total = f" / {clock(info.duration_s)}" if info.duration_s else ""
    return f"{clock(state.media_time_s)}{total}   ·   {frame}"


def clock(seconds: float) -> str:
    """A place in a film: "0:07.2", "12:05.0", "1:02:05.0"."""
    tenths = max(0, int(seconds * 10.0 + 1e-6))
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"
