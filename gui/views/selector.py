"""A labelled selector whose lines say what they are, or why they cannot be chosen."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QStandardItem,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.presenters.selection import Choice, Selector

_POPUP_PX = 380
_NARROWEST_PX = 64
_WIDEST_PX = 200
_MARGIN_PX = 8
_NOTHING = "–"
_DETAIL = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


class SelectorField(QWidget):
    """A caption above a combo box.

    Args:
        caption: What is chosen here, in one word.
        tip: The same in a sentence.
        more: What the last line is called that leads further ("Choose…"), "" for none.
        parent: Owner.
    """

    chosen = Signal(str)
    """The key of a line that the person has chosen."""
    more_requested = Signal()
    """The last line was chosen."""

    def __init__(self, caption: str, tip: str, more: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._more = more
        self._shown = Selector()
        self._later: Selector | None = None
        self._label = QLabel(caption)
        self._label.setProperty("role", "caption")
        self.box = _Box(tip)
        self._label.setBuddy(self.box)
        self.box.setAccessibleName(caption)
        self.box.activated.connect(self._on_box_activated)
        self.box.closed.connect(self._on_box_closed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._label)
        layout.addWidget(self.box)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setEnabled(False)

    def show_selector(self, selector: Selector) -> None:
        """Show lines and what is chosen of them. While the person looks at the lines, they stay as they are."""
        if self.box.view().isVisible():
            self._later = selector
        elif selector != self._shown:
            self._shown = selector
            self.box.fill(selector, self._more)
            self.setEnabled(self.box.count() > 0)

    def _on_box_activated(self, row: int) -> None:
        wanted, self._shown = self.box.itemData(row), Selector()
        current = self._later or self.box.selector
        self._later = None
        self.show_selector(current)
        if wanted is None:
            self.more_requested.emit()
        elif wanted != current.current:
            self.chosen.emit(wanted)

    def _on_box_closed(self) -> None:
        later, self._later = self._later, None
        if later is not None:
            self.show_selector(later)


class _Box(QComboBox):
    """Gives way when the bar is narrow; a turn of the wheel over it changes nothing."""

    closed = Signal()

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.selector = Selector()
        self._tip = tip
        self._lines = QStandardItemModel(self)
        self.setModel(self._lines)
        self.setItemDelegate(_Delegate(self))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContentsOnFirstShow)
        self.setMinimumContentsLength(4)
        self.setMaxVisibleItems(12)
        self.setToolTip(tip)
        self.view().setMinimumWidth(_POPUP_PX)
        self.view().setTextElideMode(Qt.TextElideMode.ElideRight)

    def fill(self, selector: Selector, more: str) -> None:
        self.selector = selector
        self._lines.clear()
        for choice in selector.choices:
            self._lines.appendRow(_item(choice))
        if more:
            if selector.choices:
                self.insertSeparator(self.count())
            self._lines.appendRow(QStandardItem(more))
        self.setCurrentIndex(self.findData(selector.current))
        chosen = next((c for c in selector.choices if c.key == selector.current), Choice("", ""))
        self.setToolTip("\n".join(filter(None, (self._tip, chosen.title, chosen.detail))))
        self.setAccessibleDescription(self._tip)
        self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as what is shown."""
        words = self.fontMetrics().horizontalAdvance(self.currentText())
        return QSize(min(_WIDEST_PX, max(_NARROWEST_PX, words + 42)), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(_NARROWEST_PX, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """The style would cut what does not fit in the middle of a letter."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        style = self.style()
        room = style.subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        words = option.currentText or _NOTHING
        option.currentText = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def hidePopup(self) -> None:  # noqa: N802
        super().hidePopup()
        self.closed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        event.ignore()


def _item(choice: Choice) -> QStandardItem:
    item = QStandardItem(choice.title)
    item.setData(choice.key, Qt.ItemDataRole.UserRole)
    item.setData(choice.detail, _DETAIL)
    item.setData(choice.detail, Qt.ItemDataRole.AccessibleDescriptionRole)
    item.setToolTip(choice.detail)
    item.setEnabled(choice.usable)
    return item


class _Delegate(QStyledItemDelegate):
    """A title, and below it in smaller letters what it is or why it cannot be chosen."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        if index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "separator":
            super().paint(painter, option, index)
            return
        now = theme.current()
        usable = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        chosen = usable and bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(option.rect, QColor(now.accent))
        inside = option.rect.adjusted(_MARGIN_PX, 4, -_MARGIN_PX, -4)
        painter.setFont(option.font)
        painter.setPen(QColor(now.on_accent if chosen else now.text if usable else now.muted))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        title = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, inside.width())
        painter.drawText(inside, flags, title)
        painter.setFont(_smaller(option))
        painter.setPen(QColor(now.on_accent if chosen else now.muted))
        below = inside.adjusted(0, option.fontMetrics.height() + 2, 0, 0)
        painter.drawText(below, flags | Qt.TextFlag.TextWordWrap, index.data(_DETAIL) or "")
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        if index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "separator":
            return QSize(_POPUP_PX, 9)
        height = option.fontMetrics.height() + 8
        if detail := index.data(_DETAIL):
            room = QRect(0, 0, _POPUP_PX - 2 * _MARGIN_PX - 16, 1000)
            height += 2 + QFontMetrics(_smaller(option)).boundingRect(room, Qt.TextFlag.TextWordWrap, detail).height()
        return QSize(_POPUP_PX, height)


def _smaller(option: QStyleOptionViewItem) -> QFont:
    font = QFont(option.font)
    font.setPixelSize(max(9, round(option.font.pixelSize() * 0.85)))
    return font
