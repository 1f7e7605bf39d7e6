"""The traces below the pictures: charts side by side, and a bar over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QColor, QFont, QImage, QImageWriter, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.presenters.traces import WINDOWS_S, Curves, Export, TracesDisplay, TracesPresenter
from gui.presenters.traces.display import Table, charts
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon
from gui.views.roles import set_role
from gui.views.traces.card import ChartCard

_BETWEEN_MS = 8
"""Charts are drawn one at a time, so that pictures and clicks come in between."""
_CAPTION_PX = 32


class TracesPanel(QWidget):
    """Fulfils ``TracesView``.

    Signals:
        window_requested: So many seconds are wanted.
        hold_toggled: Hold, or follow the present again.
        live_requested: Follow the present again.
        range_requested: A part of the time axis is wanted: from, to.
        chart_toggled: Show a chart or hide it, by its key.
        export_requested: ``Export``.
        path_chosen: ``Export`` and the ``Path`` for it.
        shown: The panel can be seen again.
    """

    window_requested = Signal(int)
    hold_toggled = Signal()
    live_requested = Signal()
    range_requested = Signal(float, float)
    chart_toggled = Signal(str)
    export_requested = Signal(object)
    path_chosen = Signal(object, object)
    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(text("Traces", "Traces"))
        self._charts = {chart.key: chart for chart in charts()}
        self._cards: dict[str, ChartCard] = {}
        self._display = TracesDisplay("", shown=())
        self._curves: Curves | None = None
        self._tables: Mapping[str, Table] = {}
        self._waiting: list[ChartCard] = []
        self._turn = QTimer(self, interval=_BETWEEN_MS)
        self._turn.timeout.connect(self._draw_next)
        self._row = QWidget()
        self._scroll = _Sideways(self._row)
        self._title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._moment = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._window = QComboBox()
        self._hold = QToolButton()
        self._lay_out()

    def _lay_out(self) -> None:
        self._title.setProperty("role", "heading")
        self._moment.setProperty("role", "muted")
        self._moment.setFixedWidth(190)
        self._moment.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._fill_window()
        self._hold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._hold.clicked.connect(self.hold_toggled)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self._title, 1)
        for widget in (self._moment, self._window, self._hold, self._chart_button(), self._export_button()):
            bar.addWidget(widget)
        cards = QHBoxLayout(self._row)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(4)
        column.addLayout(bar)
        column.addWidget(self._scroll, 1)

    def _fill_window(self) -> None:
        self._window.setAccessibleName(text("Traces", "Length of time"))
        self._window.setToolTip(text("Traces", "How much time the plots show."))
        for seconds in WINDOWS_S:
            minutes = text("Traces", "{count} min").format(count=seconds // 60)
            title = text("Traces", "{count} s").format(count=seconds) if seconds < 60 else minutes
            self._window.addItem(title, seconds)
        self._window.activated.connect(lambda _index: self.window_requested.emit(self._window.currentData()))

    def _chart_button(self) -> QToolButton:
        menu = QMenu(self)
        self._choices: dict[str, QAction] = {}
        for key, chart in self._charts.items():
            action = self._choices[key] = menu.addAction(chart.title)
            action.setCheckable(True)
            action.triggered.connect(lambda _on, key=key: self.chart_toggled.emit(key))
        return _menu_button("adjustments-horizontal", text("Traces", "Choose the plots"), menu)

    def _export_button(self) -> QToolButton:
        menu = QMenu(self)
        for kind, title in (
            (Export.PICTURE, text("Traces", "Save as a picture (PNG)…")),
            (Export.TABLE, text("Traces", "Save as a table (CSV)…")),
        ):
            menu.addAction(title).triggered.connect(lambda _on, kind=kind: self.export_requested.emit(kind))
        return _menu_button("download", text("Traces", "Save the traces"), menu)

    # TracesView ----------------------------------------------------------------------------------------------------

    def is_showing(self) -> bool:
        """Whether anybody can see the traces."""
        return self.isVisible() and not self.window().isMinimized()

    def show_display(self, display: TracesDisplay) -> None:
        """Show whose traces they are, and how they are shown."""
        before, self._display = self._display, display
        self._title.set_words(display.title)
        self._window.setCurrentIndex(self._window.findData(display.window_s))
        is_held = bool(display.held_at)
        self._hold.setText(text("Traces", "Live") if is_held else text("Traces", "Hold"))
        self._hold.setIcon(icon("player-play" if is_held else "player-pause", "on_accent" if is_held else ""))
        self._hold.setToolTip(
            text("Traces", "Follow the present again.")
            if is_held
            else text("Traces", "Hold the plots; measuring goes on.")
        )
        set_role(self._hold, "primary" if is_held else "")
        self._show_moment(None)
        if (before.shown, before.offered) != (display.shown, display.offered):
            self._show_cards()

    def show_curves(self, curves: Curves) -> None:
        """Draw, one chart after the other."""
        self._curves = curves
        self._waiting = [card for card in self._shown_cards() if not card.visibleRegion().isEmpty()]
        self._draw_next()

    def show_tables(self, tables: Mapping[str, Table]) -> None:
        """Show the numbers beside charts."""
        self._tables = tables
        for key, table in tables.items():
            if key in self._cards:
                self._cards[key].show_table(table)

    def ask_path(self, kind: Export, suggested: str) -> None:
        """Let the person choose a file; ``path_chosen`` follows."""
        kinds = {Export.PICTURE: text("Traces", "PNG picture"), Export.TABLE: text("Traces", "CSV table")}
        dialog = QFileDialog(self, text("Traces", "Save the traces"), suggested)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{kinds[kind]} (*.{kind.value})")
        dialog.setDefaultSuffix(kind.value)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.path_chosen.emit(kind, Path(name)))
        dialog.open()

    def rendered(self, caption: str) -> Callable[[], bytes]:
        """The plots as they are shown, with a caption over them: a function that encodes them, in any thread."""
        while self._waiting:
            self._draw_next()
        picture = self._row.grab()
        ratio = picture.devicePixelRatio()
        size = picture.deviceIndependentSize().toSize() + QSize(16, _CAPTION_PX + 8)
        image = QImage(size * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor(theme.current().window))
        painter = QPainter(image)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(QColor(theme.current().text))
        painter.drawText(QRect(16, 0, size.width() - 32, _CAPTION_PX), Qt.AlignmentFlag.AlignVCenter, caption)
        painter.drawPixmap(QPoint(8, _CAPTION_PX), picture)
        painter.end()
        return lambda: _png(image)

    def show_saved(self, path: Path) -> None:
        """Tell that a file was saved, until something else is to be told."""
        self._moment.set_words(text("Traces", "Saved {name}").format(name=path.name), str(path))

    # Inside --------------------------------------------------------------------------------------------------------

    def _shown_cards(self) -> list[ChartCard]:
        return [self._cards[key] for key in self._display.shown]

    def _show_cards(self) -> None:
        """A chart is made when it is first shown."""
        for key, choice in self._choices.items():
            is_shown = key in self._display.shown
            choice.setChecked(is_shown)
            choice.setVisible(key in self._display.offered)
            if is_shown and key not in self._cards:
                self._add_card(key)
            if key in self._cards:
                self._cards[key].setVisible(is_shown)

    def _add_card(self, key: str) -> None:
        chart = self._charts[key]
        card = self._cards[key] = ChartCard(chart)
        card.range_requested.connect(self.range_requested)
        card.live_requested.connect(self.live_requested)
        card.pointed.connect(self._on_pointed)
        if key in self._tables:
            card.show_table(self._tables[key])
        row = self._row.layout()
        assert isinstance(row, QHBoxLayout)
        keys = list(self._charts)
        before = sum(1 for other in self._cards if keys.index(other) < keys.index(key))
        row.insertWidget(before, card, 5 if chart.areas else 3)

    def _draw_next(self) -> None:
        if self._waiting and self._curves is not None and self.is_showing():
            self._waiting.pop(0).draw(self._curves)
        if self._waiting:
            self._turn.start()
        else:
            self._turn.stop()

    def _on_pointed(self, at_s: float | None) -> None:
        for card in self._cards.values():
            card.point(at_s)
        self._show_moment(at_s)

    def _show_moment(self, at_s: float | None) -> None:
        held = text("Traces", "Held at {time}").format(time=self._display.held_at) if self._display.held_at else ""
        if at_s is None or self._curves is None:
            words = held
        else:
            moment = datetime.fromtimestamp(self._curves.now_utc_s + at_s, UTC).astimezone()
            words = f"{moment:%H:%M:%S}.{moment.microsecond // 100_000}"
        self._moment.set_words(words)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing was drawn while nobody looked."""
        super().showEvent(event)
        self.shown.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            for card in self._cards.values():
                card.dress()


class _Sideways(QScrollArea):
    """Scrolls to the side where the charts do not fit beside one another."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(124)


def _menu_button(icon_name: str, title: str, menu: QMenu) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setToolTip(title)
    button.setAccessibleName(title)
    button.setProperty("role", "quiet")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    return button


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def connect(view: TracesPanel, presenter: TracesPresenter) -> None:
    """Let the presenter know what the person wants."""
    view.window_requested.connect(presenter.on_window)
    view.hold_toggled.connect(presenter.on_hold_toggled)
    view.live_requested.connect(presenter.on_live)
    view.range_requested.connect(presenter.on_range)
    view.chart_toggled.connect(presenter.on_chart_toggled)
    view.export_requested.connect(presenter.on_export)
    view.path_chosen.connect(presenter.on_path_chosen)
    view.shown.connect(presenter.on_shown)
