"""The class list as Qt's views want it, and how one of its rows is painted."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionButton, QStyleOptionViewItem

from gui import theme
from gui.presenters.model_panel import ClassesState, amount_text
from gui.texts import text

Index = QModelIndex | QPersistentModelIndex

_ROW_PX = 26
_BOX_PX = 16
_SWATCH_PX = 14
_GAP_PX = 8


class ClassListModel(QAbstractListModel):
    """A row for each class that is listed. Only rows that changed are told to the view.

    A click on a check box is an intent: the row changes when the state that follows from it is shown.
    """

    shown_toggled = Signal(int, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = ClassesState()
        self._rows: dict[int, int] = {}

    @property
    def state(self) -> ClassesState:
        """What is shown."""
        return self._state

    def show_classes(self, state: ClassesState) -> None:
        """Show another state."""
        before = self._state
        if before.order == state.order and before.names is state.names:
            self._state = state
            self._tell_changes(before)
        elif before.names is state.names and set(before.order) == set(state.order):
            self._reorder(state)
        else:
            self.beginResetModel()
            self._take(state)
            self.endResetModel()

    def class_id(self, index: Index) -> int:
        """The class of a row."""
        return self._state.order[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's own signature
        """Number of listed classes."""
        return 0 if parent.isValid() else len(self._state.order)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be selected and checked."""
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, whether it is drawn, and a sentence for screen readers."""
        class_id = self.class_id(index)
        name = self._state.name(class_id)
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Unchecked if class_id in self._state.hidden else Qt.CheckState.Checked
        if role == Qt.ItemDataRole.ToolTipRole:
            return text("ModelPanel", "{name}: {now} now, {most} at most on one picture").format(
                name=name, **self._amounts(class_id)
            )
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return text("ModelPanel", "{name}, {now}").format(name=name, **self._amounts(class_id))
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """A click on the check box, or the space bar."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.shown_toggled.emit(self.class_id(index), Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def _amounts(self, class_id: int) -> dict[str, str]:
        count = self._state.count(class_id)
        return {
            "now": amount_text(count.now, self._state.whole),
            "most": amount_text(count.most, self._state.whole),
        }

    def _take(self, state: ClassesState) -> None:
        self._state = state
        self._rows = {class_id: row for row, class_id in enumerate(state.order)}

    def _tell_changes(self, before: ClassesState) -> None:
        for class_id in changed_classes(before, self._state):
            row = self._rows.get(class_id)
            if row is not None:
                self.dataChanged.emit(self.index(row), self.index(row))

    def _reorder(self, state: ClassesState) -> None:
        self.layoutAboutToBeChanged.emit()
        persistent = self.persistentIndexList()
        ids = [self.class_id(index) for index in persistent]
        self._take(state)
        self.changePersistentIndexList(persistent, [self.index(self._rows[class_id]) for class_id in ids])
        self.layoutChanged.emit()


def changed_classes(before: ClassesState, now: ClassesState) -> set[int]:
    """Classes whose rows look different."""
    counted = {i for i in before.counts.keys() | now.counts.keys() if before.counts.get(i) != now.counts.get(i)}
    coloured = {i for i in before.colours.keys() | now.colours.keys() if before.colours.get(i) != now.colours.get(i)}
    return counted | coloured | (before.hidden ^ now.hidden)


class ClassDelegate(QStyledItemDelegate):
    """Paints a row: check box, colour, name, and how many there are; clicks on box and colour mean something."""

    colour_clicked = Signal(int)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """All rows have the same height."""
        return QSize(120, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        model = index.model()
        assert isinstance(model, ClassListModel)
        state, class_id = model.state, model.class_id(index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._background(painter, option)
        self._check_box(painter, option, class_id not in state.hidden)
        _swatch(painter, _swatch_rect(option.rect), QColor(*state.colour(class_id)))
        self._words(painter, option, state, class_id)
        painter.restore()

    def editorEvent(  # noqa: N802
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """A click on the colour asks for another one; one on the box is Qt's own business, but for where the box is."""
        assert isinstance(model, ClassListModel)
        if isinstance(event, QMouseEvent):
            return self._click(event, model, option, index)
        return super().editorEvent(event, model, option, index)

    def _click(self, event: QMouseEvent, model: ClassListModel, option: QStyleOptionViewItem, index: Index) -> bool:
        if event.type() is not QEvent.Type.MouseButtonRelease or event.button() is not Qt.MouseButton.LeftButton:
            return False
        place = event.position().toPoint()
        if _grown(_check_rect(option.rect)).contains(place):
            hidden = model.class_id(index) in model.state.hidden
            return model.setData(index, Qt.CheckState.Checked if hidden else Qt.CheckState.Unchecked, _CHECK)
        if _grown(_swatch_rect(option.rect)).contains(place):
            self.colour_clicked.emit(model.class_id(index))
            return True
        return False

    def _background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        now = theme.current()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(now.raised))
            if option.state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(QColor(now.accent))
                painter.drawRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(now.raised))

    def _check_box(self, painter: QPainter, option: QStyleOptionViewItem, checked: bool) -> None:
        button = QStyleOptionButton()
        button.rect = _check_rect(option.rect)
        on = QStyle.StateFlag.State_On if checked else QStyle.StateFlag.State_Off
        button.state = QStyle.StateFlag.State_Enabled | on
        widget = option.widget
        widget.style().drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, button, painter, widget)

    def _words(self, painter: QPainter, option: QStyleOptionViewItem, state: ClassesState, class_id: int) -> None:
        now, metrics, count = theme.current(), painter.fontMetrics(), state.count(class_id)
        room = QRect(option.rect)
        room.setLeft(_swatch_rect(room).right() + _GAP_PX)
        room.setRight(room.right() - _GAP_PX)
        amount = amount_text(count.now, state.whole) if count.most > 0.0 else ""
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(now.text if count.now > 0.0 else now.muted))
        painter.drawText(room, right, amount)
        room.setRight(room.right() - metrics.horizontalAdvance(amount) - _GAP_PX)
        painter.setPen(QColor(now.muted if class_id in state.hidden else now.text))
        name = metrics.elidedText(state.name(class_id), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)


_CHECK = Qt.ItemDataRole.CheckStateRole


def _check_rect(row: QRect) -> QRect:
    return QRect(row.left() + _GAP_PX, row.center().y() - _BOX_PX // 2 + 1, _BOX_PX, _BOX_PX)


def _swatch_rect(row: QRect) -> QRect:
    left = _check_rect(row).right() + _GAP_PX
    return QRect(left, row.center().y() - _SWATCH_PX // 2 + 1, _SWATCH_PX, _SWATCH_PX)


def _grown(rect: QRect) -> QRect:
    """A little larger: easier to hit."""
    return rect.adjusted(-3, -5, 3, 5)


def _swatch(painter: QPainter, rect: QRect, colour: QColor) -> None:
    painter.setPen(QColor(theme.current().border))
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 3.0, 3.0)
