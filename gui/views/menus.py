"""Actions as Qt has them: in menus, and reachable by their shortcuts."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from gui import actions
from gui.actions import Situation
from gui.views.icons import icon

_TAKES_ALL = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox, QAbstractItemView)
_ARROWS = frozenset((Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down))
_PRESSES = frozenset((Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter))


class Actions(QObject):
    """One ``QAction`` for each row of ``gui.actions``, on a window and in its menu bar.

    Args:
        window: Where the shortcuts work.
    """

    triggered = Signal(str)
    """The id of an action that the person wants."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._table = actions.table()
        self._made = {row.action_id: self._make(row) for row in self._table}
        self._fill_menus()
        self._guard = _KeyGuard(self)

    def __getitem__(self, action_id: str) -> QAction:
        return self._made[action_id]

    def set_situation(self, situation: Situation) -> None:
        """Enable what makes sense now."""
        for row in self._table:
            self._made[row.action_id].setEnabled(row.enabled(situation))

    def set_checked(self, action_id: str, checked: bool) -> None:
        """Show whether something is on."""
        self._made[action_id].setChecked(checked)

    def _make(self, row: actions.Action) -> QAction:
        action = QAction(row.title, self)
        action.setObjectName(row.action_id)
        action.setShortcuts([QKeySequence(keys) for keys in row.shortcuts])
        action.setStatusTip(row.tip)
        action.setCheckable(row.checkable)
        if row.icon and not row.checkable:
            action.setIcon(icon(row.icon))
        # Qt would move "Quit", "Settings" and "About" by their titles; only macOS wants that, and by their roles.
        action.setMenuRole(_MENU_ROLES.get(row.action_id, QAction.MenuRole.NoRole))
        action.triggered.connect(partial(self._on_action_triggered, row.action_id))
        self._window.addAction(action)
        return action

    def _on_action_triggered(self, action_id: str, _checked: bool = False) -> None:
        self.triggered.emit(action_id)

    def _fill_menus(self) -> None:
        bar = self._window.menuBar()
        for title in dict.fromkeys(row.menu for row in self._table if row.menu):
            menu = bar.addMenu(title)
            for row in self._table:
                if row.menu == title:
                    menu.addAction(self._made[row.action_id])


_MENU_ROLES = {
    "file.quit": QAction.MenuRole.QuitRole,
    "view.settings": QAction.MenuRole.PreferencesRole,
    "help.about": QAction.MenuRole.AboutRole,
}


class _KeyGuard(QObject):
    """Leaves single keys to the widget with the focus where that needs them; watches that widget alone."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_application_focus_changed)

    def _on_application_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _needs(watched, event):
            event.accept()
            return True
        return False


def _needs(widget: QObject, event: QKeyEvent) -> bool:
    """Whether a widget uses a key that is pressed alone (or with Shift)."""
    combination: QKeyCombination = event.keyCombination()
    held = combination.keyboardModifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
    key = combination.key()
    if held != Qt.KeyboardModifier.NoModifier or Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35 or key is Qt.Key.Key_Escape:
        return False
    if isinstance(widget, QWidget) and widget.window().windowType() is Qt.WindowType.Popup:
        return False  # no shortcut works there; the open list of a selector takes up its choice in this very event
    if isinstance(widget, _TAKES_ALL):
        return True
    if isinstance(widget, QAbstractSlider | QTabBar) and key in _ARROWS:
        return True
    return isinstance(widget, QAbstractButton | QTabBar) and key in _PRESSES
