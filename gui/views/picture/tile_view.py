"""A stream on the screen: its picture, and in words how it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.presenters.port import Picture
from gui.presenters.tile_display import Remedy, TileDisplay, TileHealth
from gui.texts import text
from gui.views.picture.panels import BannerPanel, EmptyPanel, LoadingPanel
from gui.views.picture.picture_view import PictureView
from gui.views.picture.stamps import pill, typeface, width_px

_MARGIN_PX = 6
_TEXT_PX = 12
_STATE_PX = 18
_FRAME_PX = 2
_GROUND = "#0b0d10"
_INK = "#f2f5f8"
_BEHIND_FROM_S = 0.05
_PANEL_GAP_PX = 8
_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


def _dot(health: TileHealth) -> str:
    """Colour of a state on the dark ground of its pill, whatever the theme of the window."""
    now = theme.current() if theme.current().name == "contrast" else theme.DARK
    good = (TileHealth.LIVE, TileHealth.PLAYING, TileHealth.STILL)
    waiting, bad = (TileHealth.CONNECTING, TileHealth.RECONNECTING), (TileHealth.FAILED,)
    if health in good:
        return now.good
    if health in waiting:
        return now.warning
    return now.error if health in bad else now.muted


class TileView(PictureView):
    """A picture with a slim header, and panels for what a person should know or do.

    Args:
        tile_id: Which tile; each signal names it.
    """

    select_requested = Signal(str)
    enlarge_requested = Signal(str)
    dropped = Signal(str, list)
    choose_source_requested = Signal(str)
    remedy_requested = Signal(str, object)
    cancel_load_requested = Signal(str)
    context_menu_requested = Signal(str, QPoint)
    picture_drawn = Signal(str, object, float)

    def __init__(self, tile_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tile_id = tile_id
        self._display = TileDisplay(tile_id)
        self._framed = False
        self._drop_here = False
        self._by_keyboard = False
        self._panels_px = 0
        self.setAcceptDrops(True)
        self._empty = EmptyPanel(self, lambda: self.choose_source_requested.emit(tile_id))
        self._banner = BannerPanel(self, self._ask_remedy)
        self._loading = LoadingPanel(self, lambda: self.cancel_load_requested.emit(tile_id))
        self._describe()
        self._show_panels()

    def show_display(self, display: TileDisplay, framed: bool) -> None:
        """Say how the stream is; ``framed`` where a frame tells the selected tile from others."""
        if (display, framed) == (self._display, self._framed):
            return
        before, self._display, self._framed = self._display, display, framed
        self.show_old(display.old)
        self._describe()
        if _panels(display) != _panels(before):
            self._show_panels()
        self.update()

    def tab_stops(self) -> tuple[QWidget, ...]:
        """What the keyboard can reach, in order."""
        return (self, self._empty.button, self._banner.button, self._loading.button)

    def top_free_px(self) -> int:
        """Labels stay out of the header."""
        return round(1.7 * _TEXT_PX) + 2 * _MARGIN_PX

    def drawn(self, picture: Picture, draw_ms: float) -> None:
        """Tell that a new picture is on the screen."""
        self.picture_drawn.emit(self.tile_id, picture, draw_ms)

    def decorate(self, painter: QPainter) -> None:
        """Header, notes and frame."""
        ratio = self.devicePixelRatioF()
        if self._display.health is not TileHealth.EMPTY:
            self._paint_header(painter, ratio)
        self._paint_notes(painter, ratio)
        accent = QColor(theme.current().accent)
        if self._drop_here or (self._framed and self._display.selected):
            self._paint_frame(painter, accent, _FRAME_PX * (2 if self._drop_here else 1), ratio)
        if self._by_keyboard:
            self._paint_frame(painter, QColor(theme.current().text), 1, ratio)

    def _paint_header(self, painter: QPainter, ratio: float) -> None:
        display, text_px, margin = self._display, round(_TEXT_PX * ratio), round(_MARGIN_PX * ratio)
        width = self.viewport.width
        age_width = 0
        if display.age:
            warning = theme.DARK.warning
            ink, ground, opacity = (_GROUND, warning, 1.0) if display.old else (_INK, _GROUND, 0.72)
            age = pill(display.age, text_px, ink, ground, opacity=opacity)
            age_width = age.width() + margin
            painter.drawImage(width - age_width, margin, age)
        words = _cut(display.name, display.state, width - age_width - 2 * margin, text_px)
        painter.drawImage(margin, margin, pill(words, text_px, _INK, _GROUND, opacity=0.72, dot=_dot(display.health)))

    def _paint_notes(self, painter: QPainter, ratio: float) -> None:
        """Why there is no picture, how much older the result is, and how far the picture is enlarged."""
        text_px, margin = round(_TEXT_PX * ratio), round(_MARGIN_PX * ratio)
        if not self.has_picture and self._display.health is not TileHealth.EMPTY:
            now = theme.current()
            state = pill(self._display.state, round(_STATE_PX * ratio), now.muted, now.picture, opacity=0.0)
            free_px = self.viewport.height - round(self._panels_px * ratio)
            painter.drawImage((self.viewport.width - state.width()) // 2, (free_px - state.height()) // 2, state)
        bottom = self.viewport.height - margin - round(self._panels_px * ratio)
        behind_s = self.result_behind_s
        if behind_s >= _BEHIND_FROM_S:
            words = text("Tile", "found {seconds:.1f} s before this picture").format(seconds=behind_s)
            note = pill(words, text_px, _INK, _GROUND, opacity=0.72)
            painter.drawImage(margin, bottom - note.height(), note)
        if self.viewport.zoomed:
            zoom = pill(f"{self.viewport.magnification:.1f} ×", text_px, _INK, _GROUND, opacity=0.72)
            painter.drawImage(self.viewport.width - margin - zoom.width(), bottom - zoom.height(), zoom)

    def _paint_frame(self, painter: QPainter, colour: QColor, width_px: int, ratio: float) -> None:
        width, height, line = self.viewport.width, self.viewport.height, max(1, round(width_px * ratio))
        for bar in (
            QRect(0, 0, width, line),
            QRect(0, height - line, width, line),
            QRect(0, 0, line, height),
            QRect(width - line, 0, line, height),
        ):
            painter.fillRect(bar, colour)

    def _describe(self) -> None:
        name = self._display.name or text("Tile", "Empty tile")
        if (self.accessibleName(), self.accessibleDescription()) != (name, self._display.description):
            self.setAccessibleName(name)
            self.setAccessibleDescription(self._display.description)

    def _show_panels(self) -> None:
        display = self._display
        self._empty.setVisible(display.health is TileHealth.EMPTY)
        self._banner.show_banner(display.banner)
        self._loading.show_loading(display.loading)
        self._arrange()

    def _arrange(self) -> None:
        """Panels at the bottom, the worse one above; what an empty tile is for in the middle."""
        if self._empty.isVisibleTo(self):
            self._empty.setGeometry(self.rect())
            self._empty.arrange(self.height())
        bottom, width = self.height() - _PANEL_GAP_PX, min(640, self.width() - 2 * _PANEL_GAP_PX)
        for panel in (self._loading, self._banner):
            if panel.isVisibleTo(self):
                height = panel.fit_into(width, max(36, self.height() // 2))
                bottom -= height
                panel.setGeometry((self.width() - width) // 2, bottom, width, height)
                bottom -= _PANEL_GAP_PX
        self._panels_px = self.height() - _PANEL_GAP_PX - bottom

    def _ask_remedy(self, remedy: Remedy) -> None:
        self.remedy_requested.emit(self.tile_id, remedy)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the panels where they belong."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_panels()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """A tile that the keyboard goes to is selected; one that merely gets the window's attention is not."""
        super().focusInEvent(event)
        self._by_keyboard = event.reason() in _BY_KEYBOARD
        if self._by_keyboard:
            self.select_requested.emit(self.tile_id)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """The ring of the keyboard goes."""
        super().focusOutEvent(event)
        self._by_keyboard = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select the tile."""
        super().mousePressEvent(event)
        self.select_requested.emit(self.tile_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the tile fill the area."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.enlarge_requested.emit(self.tile_id)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask for the menu of this tile."""
        self.select_requested.emit(self.tile_id)
        self.context_menu_requested.emit(self.tile_id, event.globalPos())
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files and addresses."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()
            self._drop_here = True
            self.update()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:  # noqa: N802
        """Nothing is dropped here after all."""
        self._drop_here = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Tell what was dropped: paths of files, addresses as they are."""
        self._drop_here = False
        self.update()
        urls = event.mimeData().urls()
        items = [url.toLocalFile() if url.isLocalFile() else url.toString() for url in urls]
        if not items:
            items = [line.strip() for line in event.mimeData().text().splitlines() if line.strip()]
        if items:
            event.acceptProposedAction()
            self.dropped.emit(self.tile_id, items)


def _panels(display: TileDisplay) -> tuple[object, ...]:
    """What the panels depend on."""
    return display.health is TileHealth.EMPTY, display.banner, display.loading


def _cut(name: str, state: str, room: int, text_px: int) -> str:
    """Name and state in so many device pixels; the name alone, cut, where there is no room for both."""
    room -= round(2.2 * text_px)
    both = f"{name}  ·  {state}"
    if width_px(both, text_px) <= room:
        return both
    cut = QFontMetricsF(typeface(text_px)).elidedText(name, Qt.TextElideMode.ElideRight, room)
    return cut or state
