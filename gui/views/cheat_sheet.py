"""All shortcuts on one page, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import actions
from gui.actions import Action, plain
from gui.texts import text

_COLUMNS = 3


class CheatSheet(QDialog):
    """Menus side by side, each with its actions and their keys as this computer calls them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("CheatSheet", "Keyboard shortcuts"))
        columns = QHBoxLayout()
        columns.setSpacing(16)
        stacks = [QVBoxLayout() for _ in range(_COLUMNS)]
        lengths = [0] * _COLUMNS
        for title, rows in _groups().items():
            shortest = lengths.index(min(lengths))
            stacks[shortest].addWidget(_card(title, rows))
            lengths[shortest] += len(rows) + 2
        for stack in stacks:
            stack.setSpacing(16)
            stack.addStretch(1)
            columns.addLayout(stack, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(text("CheatSheet", "Close"))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(columns)
        layout.addWidget(buttons)


def _groups() -> dict[str, list[Action]]:
    """Menu -> its actions that have keys."""
    groups: dict[str, list[Action]] = {}
    for action in actions.table():
        if action.shortcuts:
            groups.setdefault(plain(action.menu), []).append(action)
    return groups


def _card(title: str, rows: list[Action]) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    grid = QGridLayout(card)
    grid.setContentsMargins(16, 12, 16, 12)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    heading = QLabel(title)
    heading.setProperty("role", "heading")
    grid.addWidget(heading, 0, 0, 1, 2)
    for number, action in enumerate(rows, start=1):
        what = QLabel(plain(action.title))
        what.setToolTip(action.tip)
        grid.addWidget(what, number, 0)
        keys = QLabel(keys_of(action))
        keys.setProperty("role", "muted")
        grid.addWidget(keys, number, 1, Qt.AlignmentFlag.AlignRight)
    return card


def keys_of(action: Action) -> str:
    """Its key sequences as they are called here."""
    native = QKeySequence.SequenceFormat.NativeText
    return text("CheatSheet", " or ").join(QKeySequence(keys).toString(native) for keys in action.shortcuts)
