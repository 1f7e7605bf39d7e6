"""A form whose fields come as data: for each setting a control, and a way back to what the program found."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QToolButton, QWidget

from gui.presenters.correction import FieldKind, FieldState
from gui.texts import text
from gui.views.icons import icon

_LABEL_PX = 136
Control = QComboBox | QCheckBox | QLineEdit


class CorrectionForm(QWidget):
    """Shows fields; tells what a person says, and which word is taken back."""

    changed = Signal(str, str)
    reset = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, FieldRow] = {}
        self._structure: tuple[object, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)

    def show_fields(self, fields: tuple[FieldState, ...]) -> None:
        """Show other fields, or other values in them; a control that stays keeps cursor and focus."""
        structure = tuple((f.key, f.kind, f.choices) for f in fields)
        if structure != self._structure:
            self._rebuild(structure, fields)
        for field in fields:
            self.rows[field.key].show_field(field)

    def _rebuild(self, structure: tuple[object, ...], fields: tuple[FieldState, ...]) -> None:
        """Make rows that are new, drop those that are gone, and keep the others: one of them has the focus."""
        kept = set(structure) & set(self._structure)
        before, self.rows = self.rows, {}
        self._structure = structure
        for row in before.values():
            row.leave(self._grid)
        for number, field in enumerate(fields):
            same = field.key in before and (field.key, field.kind, field.choices) in kept
            self.rows[field.key] = before.pop(field.key) if same else FieldRow(field, self)
            self.rows[field.key].enter(self._grid, number)
        for row in before.values():
            row.delete()

    @property
    def controls(self) -> list[QWidget]:
        """What the keyboard can reach, in order."""
        return [widget for row in self.rows.values() for widget in (row.control, row.back)]


class FieldRow:
    """One setting: its name, its control, and a button that takes a person's word back."""

    def __init__(self, field: FieldState, form: CorrectionForm) -> None:
        def say(value: str) -> None:
            form.changed.emit(field.key, value)

        self.label = QLabel(field.title, wordWrap=True)
        self.label.setFixedWidth(_LABEL_PX)
        self.control = _CONTROLS[field.kind](field, say)
        self.control.setAccessibleName(field.title)
        self.back = QToolButton()
        self.back.setIcon(icon("arrow-back-up"))
        self.back.setToolTip(text("Correction", "Take what the program found."))
        self.back.setAccessibleName(text("Correction", "Take back: {title}").format(title=field.title))
        self.back.clicked.connect(lambda: form.reset.emit(field.key))
        # The button comes and goes: its room stays.
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(policy)
        self.label.setBuddy(self.control)

    def show_field(self, field: FieldState) -> None:
        """Show another value."""
        tip = "\n".join(part for part in (field.tip, field.fixed, f"({field.key})") if part)
        for widget in (self.label, self.control):
            widget.setToolTip(tip)
        self.control.setEnabled(not field.fixed or field.said)
        self.back.setVisible(field.said)
        font = self.label.font()
        font.setBold(field.said)
        self.label.setFont(font)
        with QSignalBlocker(self.control):
            _show_value(self.control, field.value)

    def enter(self, grid: QGridLayout, row: int) -> None:
        """Take a place in the form."""
        for column, widget in enumerate((self.label, self.control, self.back)):
            grid.addWidget(widget, row, column)

    def leave(self, grid: QGridLayout) -> None:
        """Give the place up."""
        for widget in (self.label, self.control, self.back):
            grid.removeWidget(widget)

    def delete(self) -> None:
        """It does not come back."""
        for widget in (self.label, self.control, self.back):
            widget.hide()
            widget.deleteLater()


def _choice(field: FieldState, say: Callable[[str], None]) -> Control:
    box = QComboBox()
    box.setMinimumContentsLength(12)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    for value, title in field.choices:
        box.addItem(title, value)
        box.setItemData(box.count() - 1, value, Qt.ItemDataRole.ToolTipRole)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.currentIndexChanged.connect(lambda _row: say(box.currentData()))
    return box


def _switch(_field: FieldState, say: Callable[[str], None]) -> Control:
    box = QCheckBox()
    box.toggled.connect(lambda on: say("true" if on else "false"))
    return box


def _line(_field: FieldState, say: Callable[[str], None]) -> Control:
    line = QLineEdit()
    line.textEdited.connect(lambda words: say(words.strip()))
    return line


_CONTROLS: dict[FieldKind, Callable[[FieldState, Callable[[str], None]], Control]] = {
    FieldKind.CHOICE: _choice,
    FieldKind.SWITCH: _switch,
    FieldKind.TEXT: _line,
}


def _show_value(control: Control, value: str) -> None:
    if isinstance(control, QComboBox):
        control.setCurrentIndex(control.findData(value))
    elif isinstance(control, QCheckBox):
        control.setChecked(value == "true")
    elif control.text().strip() != value:
        control.setText(value)
        control.setCursorPosition(0)
