"""What a person calls a tile or a model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePath

from engine.addresses import is_network_address
from engine.library.bundled import DEMO_MODEL, is_inside
from engine.library.catalogue import read_catalogue
from gui.engine_words import translated
from gui.presenters.demo import DEMO_SOURCE
from gui.presenters.port import TileState
from gui.presenters.workspace import Tile
from gui.texts import text


def source_title(source: str, state: TileState | None = None) -> str:
    """A source as short as it can be told: what it calls itself once opened, a camera's name, or the end of a path."""
    if source == DEMO_SOURCE:
        return text("Tile", "Demo: bottling line")
    if state is not None and state.info is not None:
        return translated(state.info.title)
    if not source:
        return text("Tile", "No source")
    kind, _, which = source.partition(":")
    if kind == "camera" and which:
        return text("Tile", "Camera {number}").format(number=which) if which.isdecimal() else which
    return source if is_network_address(source) else PurePath(source).name or source


def tile_title(tile: Tile, state: TileState | None = None) -> str:
    """The person's name for a tile, else that of its source."""
    return tile.name or source_title(tile.source, state)


def model_title(path: Path) -> str:
    """What a model is called: its file, or what people call one that comes with the program."""
    if path == DEMO_MODEL:
        return text("Model", "Demo: bottle inspection")
    return _inside_titles().get(path.name, path.name) if is_inside(path) else path.name


@cache
def _inside_titles() -> Mapping[str, str]:
    return {model.key: model.title for model in read_catalogue()}


def model_place(path: Path) -> str:
    """Where a model is."""
    return inside_words() if is_inside(path) else str(path)


def inside_words() -> str:
    """Where the demo's model is, and others that an installer has brought."""
    return text("Model", "Comes with the program")


def is_still(state: TileState) -> bool:
    """Whether a tile shows one picture that does not move."""
    return state.info is not None and state.info.kind == "image"
