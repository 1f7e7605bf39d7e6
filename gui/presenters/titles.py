"""What a person calls a tile or a model."""

from __future__ import annotations

from pathlib import PurePath

from engine.addresses import is_network_address
from gui.presenters.port import TileState
from gui.presenters.workspace import Tile
from gui.texts import text


def source_title(source: str, state: TileState | None = None) -> str:
    """A source as short as it can be told: what it calls itself once opened, a camera's name, or the end of a path."""
    if state is not None and state.info is not None:
        return state.info.title
    if not source:
        return text("Tile", "No source")
    kind, _, which = source.partition(":")
    if kind == "camera" and which:
        return text("Tile", "Camera {number}").format(number=which) if which.isdecimal() else which
    return source if is_network_address(source) else PurePath(source).name or source


def tile_title(tile: Tile, state: TileState | None = None) -> str:
    """The person's name for a tile, else that of its source."""
    return tile.name or source_title(tile.source, state)


def is_still(state: TileState) -> bool:
    """Whether a tile shows one picture that does not move."""
    return state.info is not None and state.info.kind == "image"
