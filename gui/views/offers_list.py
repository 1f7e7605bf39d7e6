"""A list of things that can be opened: two lines each, what it is called and what tells it from others."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.presenters.source_display import Offer, Offers
from gui.texts import text
from gui.views.roles import set_role

_SOURCE = Qt.ItemDataRole.UserRole
_DETAIL = Qt.ItemDataRole.UserRole + 1
_MARGIN_PX = 12
_GAP_PX = 2
_Index = QModelIndex | QPersistentModelIndex


class OffersList(QWidget):
    """The list, or why it is empty and what to do about that.

    Args:
        name: What it lists, for screen readers.
        removable: Whether Delete takes a line away.
        parent: Owner.
    """

    chosen = Signal(str)
    """Its source; by mouse or keyboard."""
    opened = Signal()
    """The chosen line was double-clicked, or Return was pressed on it."""
    remove_requested = Signal(str)
    """Its source."""

    def __init__(self, name: str, *, removable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = _Lines(removable)
        self._list.setAccessibleName(name)
        self._list.setItemDelegate(_TwoLines(self._list))
        self._list.setUniformItemSizes(True)
        self._list.currentItemChanged.connect(self._on_current_changed)
        self._list.itemDoubleClicked.connect(lambda _item: self.opened.emit())
        self._list.entered_key.connect(self.opened)
        self._list.removed.connect(self.remove_requested)
        self._message, self._remedy = _wrapped("heading"), _wrapped("muted")
        empty = QWidget()
        column = QVBoxLayout(empty)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addStretch()
        column.addWidget(self._message)
        column.addWidget(self._remedy)
        column.addStretch()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._list)
        self._stack.addWidget(empty)

    def show_offers(self, offers: Offers) -> None:
        """Show the lines; nothing is chosen yet."""
        self._list.blockSignals(True)
        self._list.clear()
        for offer in offers.items:
            self._list.addItem(_item(offer))
        self._list.blockSignals(False)
        self._message.setText(text("SourcePicker", "Looking…") if offers.busy else offers.message)
        set_role(self._message, "heading" if offers.remedy else "muted")
        self._remedy.setText(offers.remedy)
        self._remedy.setVisible(bool(offers.remedy))
        self._stack.setCurrentIndex(0 if offers.items else 1)

    def show_chosen(self, source: str) -> None:
        """Select a line, without telling anyone; "" for none."""
        self._list.blockSignals(True)
        lines = (self._list.item(row) for row in range(self._list.count()))
        current = next((line for line in lines if line.data(_SOURCE) == source), None)
        if current is None:
            self._list.setCurrentRow(-1)
        else:
            self._list.setCurrentItem(current)
        self._list.blockSignals(False)

    def _on_current_changed(self, current: QListWidgetItem | None) -> None:
        if current is not None:
            self.chosen.emit(current.data(_SOURCE))


class _Lines(QListWidget):
    """Keys that a list does not know itself."""

    entered_key = Signal()
    removed = Signal(str)

    def __init__(self, removable: bool) -> None:
        super().__init__()
        self._removable = removable
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Return opens, Delete takes away."""
        item = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_key.emit()
        elif item is not None and self._removable and event.key() == Qt.Key.Key_Delete:
            self.removed.emit(item.data(_SOURCE))
        else:
            super().keyPressEvent(event)


class _TwoLines(QStyledItemDelegate):
    """Paints a line's title, and its detail below where it has one."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        """Room for both."""
        lines = 2 if index.data(_DETAIL) else 1
        return QSize(0, lines * option.fontMetrics.height() + (lines - 1) * _GAP_PX + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the background as the style does, then the words."""
        frame = QStyleOptionViewItem(option)
        self.initStyleOption(frame, index)
        title, frame.text = frame.text, ""
        frame.widget.style().drawControl(
            QStyle.ControlElement.CE_ItemViewItem,
            frame,
            painter,
            frame.widget,
        )
        chosen = bool(frame.state & QStyle.StateFlag.State_Selected)
        now, detail = theme.current(), index.data(_DETAIL)
        inside: QRect = option.rect.adjusted(_MARGIN_PX, 6, -_MARGIN_PX, -6)
        height = option.fontMetrics.height()
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.TextElideMode.ElideRight
        line = QRect(inside.left(), inside.top(), inside.width(), height if detail else inside.height())
        painter.setPen(QColor(now.on_accent if chosen else now.text))
        painter.drawText(line, middle, painter.fontMetrics().elidedText(title, right, line.width()))
        if detail:
            below = line.translated(0, height + _GAP_PX)
            painter.setPen(QColor(now.on_accent if chosen else now.muted))
            cut = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideMiddle, below.width())
            painter.drawText(below, middle, cut)


def _item(offer: Offer) -> QListWidgetItem:
    item = QListWidgetItem(offer.title)
    item.setData(_SOURCE, offer.source)
    item.setData(_DETAIL, offer.detail)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{offer.title}, {offer.detail}" if offer.detail else offer.title)
    item.setToolTip(offer.source)
    return item


def _wrapped(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
