"""The pictures of the live page: which are shown, how they are drawn over, and what is done to their streams."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.overlay import Style
from gui.presenters.port import EnginePort, Picture
from gui.presenters.tile_display import Remedy, TileDisplay, tile_display
from gui.presenters.transport import TransportDisplay, seek_target, transport_display
from gui.presenters.workspace import Display, Tile, Workspace, WorkspaceStore
from gui.settings import Settings

SEEK_S = 5.0
MODEL_SUFFIXES = (".onnx", ".xml")


@dataclass(frozen=True, slots=True)
class Look:
    """How results are drawn over a picture.

    Attributes:
        results: Whether they are drawn at all.
        style: What is drawn; its sizes are the view's own matter.
        label_px: Height of letters, in device-independent pixels of the window at any zoom.
    """

    results: bool = True
    style: Style = field(default_factory=Style)
    label_px: float = 13.0


class LiveView(Protocol):
    """The grid of pictures and the bar under it."""

    def show_tiles(self, tiles: tuple[TileDisplay, ...], enlarged: str | None) -> None:
        """These tiles, in this order; ``enlarged`` fills the area alone."""

    def show_picture(self, tile_id: str, picture: Picture | None, look: Look) -> None:
        """A new picture, or the same one drawn differently; None for no picture."""

    def show_transport(self, transport: TransportDisplay | None) -> None:
        """The bar of the selected tile, None to hide it."""

    def visible_tiles(self) -> tuple[str, ...]:
        """Tiles that a person can see now; none while the window is hidden or minimised."""

    def zoom(self, tile_id: str, steps: int) -> None:
        """Show a smaller part of a picture (positive) or a larger one; 0 for the whole picture."""

    def focus_tile(self, tile_id: str) -> None:
        """Move the keyboard to a tile."""


class LivePresenter:
    """Drives the pictures. Pictures are pulled by ``tick``, words by ``refresh``.

    Args:
        view: Shows it.
        store: What a person has set up.
        engine: Where pictures and states come from.
        settings: For the size of labels.
        open_source: Called with (tile_id, text) when a person drops a source onto a tile.
        choose_source: Called with the tile when a person wants to choose a source.
        ask_password: Called with the tile when a person wants to type the password of its source.
        clock_ns: The monotonic clock.
    """

    def __init__(
        self,
        view: LiveView,
        store: WorkspaceStore,
        engine: EnginePort,
        settings: Settings,
        *,
        open_source: Callable[[str, str], None],
        choose_source: Callable[[str], None],
        ask_password: Callable[[str], None],
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._settings = settings
        self._open_source = open_source
        self._choose_source = choose_source
        self._ask_password = ask_password
        self._clock_ns = clock_ns
        self._looks: dict[str, Look] = {}
        self._former: dict[str, tuple[Path, Look]] = {}  # of models that serve until another one is warm
        self._shown: dict[str, tuple[Picture | None, Look]] = {}
        self._tiles: tuple[tuple[TileDisplay, ...], str | None] | None = None
        self._transport: TransportDisplay | None = None
        store.subscribe(self._on_workspace)
        settings.subscribe(self._on_setting)
        self._make_looks()
        self.refresh()

    def tick(self) -> None:
        """Show what is new, on tiles that can be seen. At display rate."""
        for tile_id in self._view.visible_tiles():
            if tile_id in self._looks:
                picture = self._engine.picture(tile_id)
                self._show_picture(tile_id, picture, self._look_for(tile_id, picture))

    def refresh(self) -> None:
        """Show how the streams are. Four times a second."""
        now = self._store.now
        tiles = (tuple(self._display(now, tile) for tile in now.tiles), now.enlarged)
        if tiles != self._tiles:
            self._tiles = tiles
            self._view.show_tiles(*tiles)
        transport = transport_display(now.tile(now.selected), self._engine.tile_state(now.selected))
        if transport != self._transport:
            self._transport = transport
            self._view.show_transport(transport)

    def _look_for(self, tile_id: str, picture: Picture | None) -> Look:
        """The tile's look, or, while results of the model before are drawn, what was chosen for that one's classes."""
        former = self._former.get(tile_id)
        if former is None or picture is None or picture.result is None:
            return self._looks[tile_id]
        path, look = former
        if picture.result.configuration.card.path == path:
            return look
        del self._former[tile_id]
        return self._looks[tile_id]

    def _show_picture(self, tile_id: str, picture: Picture | None, look: Look) -> None:
        shown = self._shown.get(tile_id, (None, look))
        if picture is not shown[0] or look != shown[1]:
            self._shown[tile_id] = (picture, look)
            self._view.show_picture(tile_id, picture, look)

    def _display(self, now: Workspace, tile: Tile) -> TileDisplay:
        model = self._engine.model_state(tile.model_id) if tile.model_id is not None else None
        picture = self._engine.picture(tile.tile_id)
        now_ns = self._clock_ns()
        return tile_display(
            tile,
            self._engine.tile_state(tile.tile_id),
            model,
            picture_age_s=(now_ns - picture.frame.captured_ns) / 1e9 if picture is not None else None,
            now_ns=now_ns,
            selected=now.all_selected or tile.tile_id == now.selected,
        )

    def _make_looks(self) -> None:
        now, label_px = self._store.now, self._settings.number("label_px")
        self._looks = {
            tile.tile_id: Look(
                now.overlay,
                Style(hidden_classes=tile.hidden_classes, class_colours=tile.class_colours),
                label_px,
            )
            for tile in now.tiles
        }
        self._shown = {tile_id: shown for tile_id, shown in self._shown.items() if tile_id in self._looks}

    def _on_workspace(self, before: Workspace, now: Workspace) -> None:
        self._remember_looks(before, now)
        self._make_looks()
        self.refresh()

    def _remember_looks(self, before: Workspace, now: Workspace) -> None:
        """Where another model is chosen for a tile, the one before is drawn until that is warm."""
        was = {tile.tile_id: tile.model_id for tile in before.tiles}
        for tile in now.tiles:
            former, chosen = before.model(was.get(tile.tile_id)), now.model(tile.model_id)
            if former is not None and chosen is not None and former.path != chosen.path:
                self._former.setdefault(tile.tile_id, (former.path, self._looks[tile.tile_id]))
            elif chosen is not None and self._former.get(tile.tile_id, (None,))[0] == chosen.path:
                del self._former[tile.tile_id]  # back again

    def _on_setting(self, key: str) -> None:
        if key == "label_px":
            self._make_looks()

    def on_drawn(self, tile_id: str, picture: Picture, draw_ms: float) -> None:
        """A new picture was painted."""
        self._engine.drawn(tile_id, picture, draw_ms)

    def on_select(self, tile_id: str) -> None:
        """Let the panels act on this tile."""
        if tile_id != self._store.now.selected:
            self._store.edit(selected=tile_id)

    def on_enlarge(self, tile_id: str) -> None:
        """Let a tile fill the area, or show all of them again."""
        now = self._store.now
        if len(now.tiles) > 1 or now.enlarged is not None:
            self._store.edit(selected=tile_id, enlarged=None if now.enlarged == tile_id else tile_id)

    def on_drop(self, tile_id: str, items: list[str]) -> None:
        """Models analyse the tile; the first source is opened in it, each further one in a tile of its own."""
        sources = [item for item in items if Path(item).suffix.lower() not in MODEL_SUFFIXES or "://" in item]
        for item in items:
            if item not in sources:
                self._store.use_model(Path(item), (tile_id,))
        for index, source in enumerate(sources):
            target = tile_id if index == 0 else self._store.add_tile()
            if target is not None:
                self._open_source(target, source)

    def on_choose_source(self, tile_id: str) -> None:
        """Choose what a tile shows."""
        self.on_select(tile_id)
        self._choose_source(tile_id)

    def on_remedy(self, tile_id: str, remedy: Remedy) -> None:
        """The button of a banner."""
        if remedy is Remedy.PASSWORD:
            self._ask_password(tile_id)
        elif remedy is Remedy.TRY_NOW:
            self._engine.try_now(tile_id)
        elif remedy is Remedy.RESTART:
            self._engine.restart(tile_id)
        elif remedy is Remedy.CHOOSE:
            self.on_choose_source(tile_id)
        elif remedy is Remedy.RELOAD:
            model = self._store.now.model_of(tile_id)
            if model is not None:
                self._engine.reload(model.model_id)

    def on_cancel_load(self, tile_id: str) -> None:
        """Stop loading the model of a tile."""
        model = self._store.now.model_of(tile_id)
        if model is not None:
            self._engine.cancel_load(model.model_id)

    def on_play_pause(self) -> None:
        """Hold the pictures, or go on: all targets do what suits the selected one."""
        paused = self._engine.tile_state(self._store.now.selected).paused
        for tile in self._store.now.targets:
            (self._engine.play if paused else self._engine.pause)(tile.tile_id)

    def on_step(self, frames: int) -> None:
        """Hold the picture and show the frame so many further."""
        self._engine.step(self._store.now.selected, frames)

    def on_seek(self, index: int) -> None:
        """Go to a frame."""
        self._engine.seek_frame(self._store.now.selected, index)

    def on_seek_by(self, seconds: float) -> None:
        """Go so many seconds further."""
        target = seek_target(self._engine.tile_state(self._store.now.selected), seconds)
        if target is not None:
            self.on_seek(target)

    def on_speed(self, speed: float) -> None:
        """Play files at this speed."""
        self._store.edit_targets(speed=speed)

    def on_loop(self, loop: bool) -> None:
        """Begin files again at their end."""
        self._store.edit_targets(loop=loop)

    def on_display(self, display: Display) -> None:
        """Show results in step, or the picture smoothly."""
        self._store.edit_targets(display=display)

    def on_every_frame(self, every_frame: bool) -> None:
        """Analyse each frame of a file, or keep to its clock."""
        self._store.edit_targets(every_frame=every_frame)

    def on_max_fps(self, max_fps: float | None) -> None:
        """Analyse at most so many frames a second."""
        self._store.edit_targets(max_fps=max_fps)

    def on_next_tile(self, step: int = 1) -> None:
        """Select the tile that comes after the selected one, round and round."""
        now = self._store.now
        ids = [tile.tile_id for tile in now.tiles]
        following = ids[(ids.index(now.selected) + step) % len(ids)]
        self._store.edit(selected=following, enlarged=following if now.enlarged is not None else None)
        self._view.focus_tile(following)

    def on_action(self, action_id: str) -> bool:
        """Do what an action of the table says; False where it is not about pictures."""
        selected = self._store.now.selected
        actions: dict[str, Callable[[], None]] = {
            "stream.play_pause": self.on_play_pause,
            "stream.step_forward": lambda: self.on_step(1),
            "stream.step_back": lambda: self.on_step(-1),
            "stream.seek_forward": lambda: self.on_seek_by(SEEK_S),
            "stream.seek_back": lambda: self.on_seek_by(-SEEK_S),
            "view.overlay": lambda: self._store.edit(overlay=not self._store.now.overlay),
            "view.enlarge": lambda: self.on_enlarge(selected),
            "view.next_tile": self.on_next_tile,
            "view.zoom_in": lambda: self._view.zoom(selected, 1),
            "view.zoom_out": lambda: self._view.zoom(selected, -1),
            "view.fit": lambda: self._view.zoom(selected, 0),
        }
        if action_id not in actions:
            return False
        actions[action_id]()
        return True
