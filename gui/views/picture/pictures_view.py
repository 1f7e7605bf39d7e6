"""The picture area of the live page: the grid, and the bar of the selected tile under it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.presenters.live import LivePresenter, Look
from gui.presenters.port import Picture
from gui.presenters.tile_display import TileDisplay
from gui.presenters.transport import TransportDisplay
from gui.views.picture.grid_view import GridView
from gui.views.picture.transport_bar import TransportBar


class PicturesView(QWidget):
    """Fulfils ``gui.presenters.live.LiveView``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = GridView(self)
        self.transport = TransportBar(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.grid, 1)
        column.addWidget(self.transport)

    def show_tiles(self, tiles: tuple[TileDisplay, ...], enlarged: str | None) -> None:
        """These tiles, in this order; ``enlarged`` fills the area alone."""
        self.grid.show_tiles(tiles, enlarged)

    def show_picture(self, tile_id: str, picture: Picture | None, look: Look) -> None:
        """A new picture, or the same one drawn differently; None for no picture."""
        tile = self.grid.tile(tile_id)
        if tile is not None:
            tile.show_picture(picture, look)

    def show_transport(self, transport: TransportDisplay | None) -> None:
        """The bar of the selected tile, None to hide it."""
        self.transport.show_transport(transport)

    def visible_tiles(self) -> tuple[str, ...]:
        """Tiles that a person can see now; none while the window is hidden or minimised."""
        return self.grid.visible_tiles()

    def zoom(self, tile_id: str, steps: int) -> None:
        """Show a smaller part of a picture (positive) or a larger one; 0 for the whole picture."""
        tile = self.grid.tile(tile_id)
        if tile is not None:
            (tile.zoom_in if steps > 0 else tile.zoom_out if steps < 0 else tile.fit)()

    def focus_tile(self, tile_id: str) -> None:
        """Move the keyboard to a tile."""
        tile = self.grid.tile(tile_id)
        if tile is not None:
            tile.setFocus(Qt.FocusReason.TabFocusReason)


def connect(view: PicturesView, presenter: LivePresenter) -> None:
    """Lead what a person does to the presenter."""
    grid, bar = view.grid, view.transport
    grid.picture_drawn.connect(presenter.on_drawn)
    grid.select_requested.connect(presenter.on_select)
    grid.enlarge_requested.connect(presenter.on_enlarge)
    grid.dropped.connect(presenter.on_drop)
    grid.choose_source_requested.connect(presenter.on_choose_source)
    grid.remedy_requested.connect(presenter.on_remedy)
    grid.cancel_load_requested.connect(presenter.on_cancel_load)
    bar.play_pause_requested.connect(presenter.on_play_pause)
    bar.step_requested.connect(presenter.on_step)
    bar.seek_requested.connect(presenter.on_seek)
    bar.speed_requested.connect(presenter.on_speed)
    bar.loop_requested.connect(presenter.on_loop)
    bar.display_requested.connect(presenter.on_display)
    bar.every_frame_requested.connect(presenter.on_every_frame)
    bar.max_fps_requested.connect(presenter.on_max_fps)
