"""What the model finds, class by class: a list that is searched, put in order, shown and hidden."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.model_panel import ClassesState, SortBy
from gui.texts import text
from gui.views.icons import icon
from gui.views.model_panel.bars import BarsView
from gui.views.model_panel.class_model import ClassDelegate, ClassListModel

_LEAST_LIST_PX = 5 * 26


class ClassesView(QWidget):
    """Shows a ``ClassesState``."""

    shown_toggled = Signal(int, bool)
    listed_shown = Signal(bool)
    colour_chosen = Signal(int, tuple)
    filter_changed = Signal(str)
    only_seen_toggled = Signal(bool)
    sort_changed = Signal(str)
    pointed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.bars = BarsView()
        self.filter = QLineEdit(clearButtonEnabled=True, placeholderText=text("ModelPanel", "Find a class"))
        self.filter.setAccessibleName(text("ModelPanel", "Find a class"))
        self.filter.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.sort = _sort_box()
        self.show_all = _quiet(text("ModelPanel", "All"), text("ModelPanel", "Draw all classes that are listed."))
        self.show_none = _quiet(text("ModelPanel", "None"), text("ModelPanel", "Draw none of those that are listed."))
        self.only_seen = _quiet(text("ModelPanel", "Only seen"), text("ModelPanel", "List only classes seen so far."))
        self.only_seen.setCheckable(True)
        self.nothing = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.nothing.setProperty("role", "muted")
        self.model = ClassListModel(self)
        self.delegate = ClassDelegate(self)
        self.list = self._list()
        self._lay_out()
        self._connect()

    def _list(self) -> QListView:
        view = QListView()
        view.setModel(self.model)
        view.setItemDelegate(self.delegate)
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setMinimumHeight(_LEAST_LIST_PX)
        view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # it has what is left
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName(text("ModelPanel", "Classes"))
        view.setToolTip(text("ModelPanel", "Space draws or hides a class, Return changes its colour."))
        view.viewport().installEventFilter(self)
        return view

    def _lay_out(self) -> None:
        find, buttons = QHBoxLayout(), QHBoxLayout()
        find.setSpacing(8)
        find.addWidget(self.filter, 1)
        find.addWidget(self.sort)
        buttons.setSpacing(4)
        for button in (self.show_all, self.show_none, self.only_seen):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.bars)
        layout.addLayout(find)
        layout.addLayout(buttons)
        layout.addWidget(self.nothing)
        layout.addWidget(self.list, 1)

    def _connect(self) -> None:
        self.model.shown_toggled.connect(self.shown_toggled)
        self.delegate.colour_clicked.connect(self._choose_colour)
        self.list.activated.connect(self._on_list_activated)
        self.filter.textChanged.connect(self.filter_changed)
        self.show_all.clicked.connect(lambda: self.listed_shown.emit(True))
        self.show_none.clicked.connect(lambda: self.listed_shown.emit(False))
        self.only_seen.toggled.connect(self.only_seen_toggled)
        self.sort.currentIndexChanged.connect(lambda _row: self.sort_changed.emit(self.sort.currentData()))

    def show_classes(self, state: ClassesState) -> None:
        """Show another state; rows that stay as they are cost nothing."""
        self.model.show_classes(state)
        self.bars.show_bars(state.bars, keep_room=state.whole)
        self.nothing.setText(_why_empty(state))
        self.nothing.setVisible(not state.order)
        self.list.setVisible(bool(state.order))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Tell whether the pointer is on the list."""
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.pointed.emit(event.type() is QEvent.Type.Enter)
        return super().eventFilter(watched, event)

    def _on_list_activated(self, index: QModelIndex) -> None:
        self._choose_colour(self.model.class_id(index))

    def _choose_colour(self, class_id: int) -> None:
        dialog = QColorDialog(QColor(*self.model.state.colour(class_id)), self)
        dialog.setWindowTitle(text("ModelPanel", "Colour of {name}").format(name=self.model.state.name(class_id)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(partial(self._on_colour_selected, class_id))
        dialog.open()

    def _on_colour_selected(self, class_id: int, colour: QColor) -> None:
        self.colour_chosen.emit(class_id, (colour.red(), colour.green(), colour.blue()))


def _sort_box() -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(text("ModelPanel", "Order of the classes"))
    box.setToolTip(text("ModelPanel", "Order of the classes"))
    for by, title in (
        (SortBy.COUNT, text("ModelPanel", "By count")),
        (SortBy.NAME, text("ModelPanel", "By name")),
        (SortBy.NUMBER, text("ModelPanel", "By number")),
    ):
        box.addItem(title, by.value)
    return box


def _quiet(title: str, tip: str) -> QPushButton:
    button = QPushButton(title)
    button.setProperty("role", "quiet")
    button.setToolTip(tip)
    return button


def _why_empty(state: ClassesState) -> str:
    if state.wish.pattern:
        return text("ModelPanel", "No class is called like that.")
    if state.wish.only_seen:
        return text("ModelPanel", "Nothing was seen yet.")
    return text("ModelPanel", "The model does not say which classes it has; those that it finds will be listed here.")
