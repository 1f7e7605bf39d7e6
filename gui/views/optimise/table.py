"""The results as a table: a row for each variant."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from gui import theme
from gui.presenters.optimise.display import ResultRow, Results
from gui.texts import text
from gui.views.icons import icon

_ROW_PX = 30
_ICON_PX = 16
_LEAST_ROWS = 3
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TITLE, _VERDICT, _ACCURACY = 0, 1, 7


class ResultsTable(QTableWidget):
    """A row is chosen by click or arrow key; Return or a double click swaps it in."""

    selected = Signal(str)
    """Key of the row that is looked at."""
    apply_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ResultRow, ...] = ()
        heads = _heads()
        self.setColumnCount(len(heads))
        for column, (title, tip) in enumerate(heads):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            item.setTextAlignment(_RIGHT if _VERDICT < column < len(heads) - 1 else _LEFT)
            self.setHorizontalHeaderItem(column, item)
        self.setAccessibleName(text("OptimisePage", "Variants"))
        self.setProperty("role", "results")
        self.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setStretchLastSection(True)
        self.setMinimumHeight(_LEAST_ROWS * _ROW_PX)
        # Not when another cell becomes the current one: whoever moves the table then keeps Qt from selecting it.
        self.itemSelectionChanged.connect(self._on_selection)
        self.doubleClicked.connect(lambda index: self.apply_requested.emit(self._rows[index.row()].key))

    def show_results(self, results: Results) -> None:
        """Show the rows; the one that is looked at stays."""
        current = self._current_key()
        with QSignalBlocker(self):
            self._rows = results.rows
            self.setRowCount(len(results.rows))
            for number, row in enumerate(results.rows):
                self._fill(number, row)
            self.setColumnHidden(_ACCURACY, not results.labelled)
        self.show_selected(current)
        self.dress()

    @property
    def whole_height(self) -> int:
        """Pixels that it takes to show every row."""
        return self.horizontalHeader().height() + len(self._rows) * _ROW_PX + 2 * self.frameWidth()

    def show_selected(self, key: str) -> None:
        """Mark a row, "" for none."""
        number = next((n for n, row in enumerate(self._rows) if row.key == key), -1)
        with QSignalBlocker(self):
            if number < 0:
                self.setCurrentCell(-1, -1)
                self.clearSelection()
            elif number != self.currentRow():
                self.setCurrentCell(number, _TITLE)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Return swaps in what is looked at; a single click never does, whatever the system takes it for."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current_key():
            self.apply_requested.emit(self._current_key())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Return is for the table, not for a shortcut of the window."""
        is_return = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """What is looked at stays in sight."""
        super().resizeEvent(event)
        if self.currentRow() >= 0:
            self.scrollTo(self.currentIndex())

    def _current_key(self) -> str:
        number = self.currentRow()
        return self._rows[number].key if 0 <= number < len(self._rows) else ""

    def _fill(self, number: int, row: ResultRow) -> None:
        words = (row.speed, row.size, row.rate, row.latency, row.agreement, row.accuracy)
        items = [_title(row), self._verdict(row), *(_figure(each) for each in words), QTableWidgetItem(row.runs)]
        for column, item in enumerate(items):
            item.setToolTip(row.about)
            self.setItem(number, column, item)
        items[-1].setToolTip(row.runs)  # it may be cut short

    def _verdict(self, row: ResultRow) -> QTableWidgetItem:
        item = QTableWidgetItem(row.verdict)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Medium)
        item.setFont(font)
        return item

    def dress(self) -> None:
        """Take the colours of the theme."""
        now = theme.current()
        for number, row in enumerate(self._rows):
            item = self.item(number, _VERDICT)
            if item is not None:
                item.setForeground(QColor(getattr(now, row.tone) if row.tone else now.text))

    def _on_selection(self) -> None:
        if self.selectedItems():
            self.selected.emit(self._current_key())


def _title(row: ResultRow) -> QTableWidgetItem:
    item = QTableWidgetItem(_blank(), row.title)
    if row.in_use:
        item.setIcon(icon("player-play"))
        in_use = text("OptimisePage", "{title}, in use").format(title=row.title)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, in_use)
    return item


@cache
def _blank() -> QIcon:
    """As large as the sign of what is in use, so that titles stand below each other."""
    picture = QPixmap(_ICON_PX, _ICON_PX)
    picture.fill(Qt.GlobalColor.transparent)
    return QIcon(picture)


def _figure(words: str) -> QTableWidgetItem:
    item = QTableWidgetItem(words)
    item.setTextAlignment(_RIGHT)
    return item


def _heads() -> tuple[tuple[str, str], ...]:
    return (
        (text("OptimisePage", "Variant"), text("OptimisePage", "What was built")),
        (text("OptimisePage", "Verdict"), text("OptimisePage", "What to think of it, by what may be lost")),
        (text("OptimisePage", "Speed"), text("OptimisePage", "How many times as fast as the original")),
        (text("OptimisePage", "Size"), text("OptimisePage", "On disk")),
        (
            text("OptimisePage", "Frames/s"),
            text("OptimisePage", "Pictures a second that it can do, measured beside what else runs"),
        ),
        (text("OptimisePage", "Latency"), text("OptimisePage", "From a picture to its result, the median")),
        (
            text("OptimisePage", "Agreement"),
            text("OptimisePage", "How much of what it finds is what the original finds"),
        ),
        (text("OptimisePage", "mAP"), text("OptimisePage", "Mean average precision on your labelled pictures")),
        (text("OptimisePage", "Runs on"), text("OptimisePage", "Runtime, device and precision, as read back")),
    )
