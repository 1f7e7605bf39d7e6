"""One to sixteen tiles in a grid, or one of them alone."""

from __future__ import annotations

import math
from itertools import pairwise

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.presenters.tile_display import TileDisplay
from gui.texts import text
from gui.views.picture.tile_view import TileView

_GAP_PX = 4
_SHAPE = 16.0 / 9.0


def grid_columns(count: int, width: int, height: int) -> int:
    """Number of columns that lets pictures of 16 to 9 be largest."""

    def picture_width(columns: int) -> float:
        rows = math.ceil(count / columns)
        return min(width / columns, height / rows * _SHAPE)

    return max(range(1, count + 1), key=lambda columns: (picture_width(columns), -columns))


class GridView(QWidget):
    """Tiles are kept when others come and go, so that pictures, zoom and focus stay."""

    select_requested = Signal(str)
    enlarge_requested = Signal(str)
    dropped = Signal(str, list)
    choose_source_requested = Signal(str)
    remedy_requested = Signal(str, object)
    cancel_load_requested = Signal(str)
    context_menu_requested = Signal(str, QPoint)
    picture_drawn = Signal(str, object, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: dict[str, TileView] = {}
        self._enlarged: str | None = None
        self.setAccessibleName(text("Grid", "Pictures"))

    def show_tiles(self, displays: tuple[TileDisplay, ...], enlarged: str | None) -> None:
        """These tiles, in this order; ``enlarged`` fills the area alone."""
        wanted = {display.tile_id: display for display in displays}
        changed = list(wanted) != list(self._tiles) or enlarged != self._enlarged
        if changed:
            self._enlarged = enlarged
            self._keep(list(wanted))
        for tile_id, tile in self._tiles.items():
            tile.show_display(wanted[tile_id], framed=len(wanted) > 1 and enlarged is None)
        if changed:
            self._arrange()

    def tile(self, tile_id: str) -> TileView | None:
        """A tile, None where there is none of this id."""
        return self._tiles.get(tile_id)

    def visible_tiles(self) -> tuple[str, ...]:
        """Tiles that a person can see now."""
        if not self.isVisible() or self.window().isMinimized():
            return ()
        return tuple(tile_id for tile_id, tile in self._tiles.items() if tile.isVisible())

    def _keep(self, wanted: list[str]) -> None:
        """Drop the tiles that are gone and make those that are new; Tab goes through them in order."""
        for tile_id in [known for known in self._tiles if known not in wanted]:
            gone = self._tiles.pop(tile_id)
            gone.hide()
            gone.deleteLater()
        self._tiles = {tile_id: self._tiles.get(tile_id) or self._new_tile(tile_id) for tile_id in wanted}
        stops = [stop for tile in self._tiles.values() for stop in tile.tab_stops()]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _new_tile(self, tile_id: str) -> TileView:
        tile = TileView(tile_id, self)
        tile.select_requested.connect(self.select_requested)
        tile.enlarge_requested.connect(self.enlarge_requested)
        tile.dropped.connect(self.dropped)
        tile.choose_source_requested.connect(self.choose_source_requested)
        tile.remedy_requested.connect(self.remedy_requested)
        tile.cancel_load_requested.connect(self.cancel_load_requested)
        tile.context_menu_requested.connect(self.context_menu_requested)
        tile.picture_drawn.connect(self.picture_drawn)
        return tile

    def _shown(self) -> list[TileView]:
        return [tile for tile_id, tile in self._tiles.items() if self._enlarged in (None, tile_id)]

    def _arrange(self) -> None:
        shown = self._shown()
        columns = grid_columns(len(shown), self.width(), self.height()) if shown else 1
        rows = math.ceil(len(shown) / columns)
        for tile in self._tiles.values():
            tile.setVisible(tile in shown)
        for index, tile in enumerate(shown):
            row, column = divmod(index, columns)
            left, right = _edges(column, columns, self.width())
            top, bottom = _edges(row, rows, self.height())
            tile.setGeometry(QRect(left, top, right - left, bottom - top))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the area anew."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Between several tiles, arrows lead from one to the next and mean nothing else to the window."""
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and isinstance(event, QKeyEvent) and self._neighbour(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go to the tile that lies there."""
        tile = self._neighbour(event)
        if tile is None:
            super().keyPressEvent(event)
        else:
            tile.setFocus(Qt.FocusReason.TabFocusReason)

    def _neighbour(self, event: QKeyEvent) -> TileView | None:
        """The tile that an arrow key leads to; the same one at the edge, None where arrows do not lead anywhere."""
        shown, focused = self._shown(), self.focusWidget()
        if len(shown) < 2 or focused not in shown or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        columns = grid_columns(len(shown), self.width(), self.height())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns}
        if event.key() not in step:
            return None
        index = shown.index(focused) + step[Qt.Key(event.key())]
        return shown[index] if 0 <= index < len(shown) else focused


def _edges(index: int, count: int, length: int) -> tuple[int, int]:
    """First and last pixel of one of several equal shares, with gaps between them."""
    share = (length + _GAP_PX) / count
    return round(index * share), round((index + 1) * share) - _GAP_PX
