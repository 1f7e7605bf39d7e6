"""A window walked through with the Tab key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot


def missed_by_tab(qtbot: QtBot, window: QWidget) -> set[QWidget]:
    """Controls of a window that want to be reached by Tab, can be used now, and are not reached."""
    tabbed = {
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusProxy() is None
        and widget.window() is window
    }
    reached: set[QWidget | None] = set()
    for _ in range(3 * len(tabbed)):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    return {widget for widget in tabbed if widget not in reached}
