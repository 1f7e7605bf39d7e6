"""The settings page, made from the table of settings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.settings_page import SettingRow, SettingsPresenter
from gui.settings import Setting, Value
from gui.texts import text
from gui.views.icons import icon

_COLUMN_PX = 760
_FIELD_PX = 240


class SettingsPage(QScrollArea):
    """Fulfils ``gui.presenters.settings_page.SettingsView``. Each change counts at once."""

    changed = Signal(str, object)
    """Key and value that the person has chosen."""
    reset_requested = Signal(str)
    """Key of a setting that goes back to its default."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rows: dict[str, _Row] = {}
        self._sections: dict[str, _Section] = {}
        self._search = QLineEdit()
        self._search.setPlaceholderText(text("Settings", "Search the settings"))
        self._search.setAccessibleName(text("Settings", "Search the settings"))
        self._search.setClearButtonEnabled(True)
        self._search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._search.textChanged.connect(self._on_search_changed)
        self._nothing = _label(text("Settings", "No setting has these words."), "muted")
        self._nothing.hide()
        column = QWidget()
        column.setMaximumWidth(_COLUMN_PX)
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(24, 24, 24, 24)
        self._column.setSpacing(16)
        self._column.addWidget(_label(text("Settings", "Settings"), "title"))
        self._column.addWidget(self._search)
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        outer = QWidget()
        centred = QHBoxLayout(outer)
        centred.setContentsMargins(0, 0, 0, 0)
        centred.addWidget(column, 1)
        self.setWidget(outer)

    def show_settings(self, rows: tuple[SettingRow, ...]) -> None:
        """Show all of them, in this order."""
        for row in rows:
            key = row.setting.key
            if key not in self._rows:
                self._rows[key] = self._add(row.setting)
            self._rows[key].show_row(row)

    def _add(self, setting: Setting) -> _Row:
        if setting.section not in self._sections:
            self._sections[setting.section] = _Section(setting.section)
            self._column.insertWidget(self._column.count() - 1, self._sections[setting.section])
        row = _Row(setting)
        row.changed.connect(lambda value: self.changed.emit(setting.key, value))
        row.reset_requested.connect(lambda: self.reset_requested.emit(setting.key))
        self._sections[setting.section].add(row)
        return row

    def _on_search_changed(self, words: str) -> None:
        for row in self._rows.values():
            row.setVisible(row.has(words))
        for section in self._sections.values():
            section.setVisible(section.has(words))
        self._nothing.setHidden(any(row.has(words) for row in self._rows.values()))


class _Section(QFrame):
    """A heading and the settings below it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._rows: list[_Row] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 12, 16, 12)
        self._layout.setSpacing(16)
        self._layout.addWidget(_label(title, "heading"))

    def add(self, row: _Row) -> None:
        self._rows.append(row)
        self._layout.addWidget(row)

    def has(self, words: str) -> bool:
        return any(row.has(words) for row in self._rows)


class _Row(QWidget):
    """Title and help at the left; the field, and the way back to the default, at the right."""

    changed = Signal(object)
    reset_requested = Signal()

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._words = " ".join((setting.section, setting.title, setting.help, *(setting.choices or {}).values()))
        title = _label(setting.title, "")
        self._error = _label("", "error")
        self._field = _field(setting)
        self._field.widget.setAccessibleName(setting.title)
        self._field.widget.setAccessibleDescription(setting.help)
        self._field.chosen.connect(self.changed)
        self._reset = QPushButton(text("Settings", "Reset"))
        self._reset.setProperty("role", "link")
        self._reset.setAccessibleName(text("Settings", "Reset: {title}").format(title=setting.title))
        self._reset.clicked.connect(self.reset_requested)
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (title, _label(setting.help, "muted"), self._error):
            words.addWidget(label)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(words, 1)
        layout.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._field, 0, Qt.AlignmentFlag.AlignTop)

    def show_row(self, row: SettingRow) -> None:
        self._field.put(row.value)
        self._reset.setVisible(row.changed)
        self._error.setText(row.error)
        self._error.setVisible(bool(row.error))

    def has(self, words: str) -> bool:
        return all(word in self._words.casefold() for word in words.casefold().split())


class _Field(QWidget):
    """Where a value is chosen."""

    chosen = Signal(object)

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.widget = widget
        self.setFixedWidth(_FIELD_PX)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(widget, 1)

    def put(self, value: Value) -> None:
        """Show a value without telling it as a choice."""
        raise NotImplementedError


class _Switch(_Field):
    def __init__(self) -> None:
        self._box = QCheckBox(text("Settings", "On"))
        super().__init__(self._box)
        self._box.clicked.connect(self.chosen.emit)

    def put(self, value: Value) -> None:
        self._box.setChecked(bool(value))


class _Choice(_Field):
    def __init__(self, choices: dict[str, str]) -> None:
        self._box = QComboBox()
        super().__init__(self._box)
        for value, title in choices.items():
            self._box.addItem(title, value)
        self._box.activated.connect(lambda row: self.chosen.emit(self._box.itemData(row)))

    def put(self, value: Value) -> None:
        self._box.setCurrentIndex(self._box.findData(value))


class _Number(_Field):
    def __init__(self, setting: Setting) -> None:
        self._box = QDoubleSpinBox()
        super().__init__(self._box)
        whole = isinstance(setting.default, int)
        self._box.setKeyboardTracking(False)
        self._box.setDecimals(0 if whole else 1)
        self._box.setSingleStep(1.0 if whole else 0.5)
        self._box.setRange(setting.minimum, setting.maximum)
        self._box.setSuffix(f" {setting.unit}" if setting.unit else "")
        self._box.valueChanged.connect(lambda value: self.chosen.emit(round(value) if whole else value))

    def put(self, value: Value) -> None:
        before = self._box.blockSignals(True)
        self._box.setValue(float(value))
        self._box.blockSignals(before)


class _Folder(_Field):
    def __init__(self, title: str) -> None:
        self._edit = QLineEdit()
        self._edit.setPlaceholderText(text("Settings", "Not chosen yet"))
        super().__init__(self._edit)
        self._edit.editingFinished.connect(self._on_edited)
        self._title = title
        self._put = ""
        button = QPushButton(icon("folder"), "")
        button.setAccessibleName(text("Settings", "Choose: {title}").format(title=title))
        button.setToolTip(text("Settings", "Choose a folder"))
        button.clicked.connect(self._on_button_clicked)
        self._layout.addWidget(button)

    def put(self, value: Value) -> None:
        self._put = str(value)
        self._edit.setText(self._put)
        self._edit.setToolTip(self._put)

    def _on_edited(self) -> None:
        if self._edit.text() != self._put:
            self.chosen.emit(self._edit.text())

    def _on_button_clicked(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, self._title, self._put):
            self.chosen.emit(folder)


class _Text(_Field):
    def __init__(self) -> None:
        self._edit = QLineEdit()
        super().__init__(self._edit)
        self._edit.editingFinished.connect(lambda: self.chosen.emit(self._edit.text()))

    def put(self, value: Value) -> None:
        self._edit.setText(str(value))


def _field(setting: Setting) -> _Field:
    if isinstance(setting.default, bool):
        return _Switch()
    if setting.choices is not None:
        return _Choice(dict(setting.choices))
    if isinstance(setting.default, int | float):
        return _Number(setting)
    return _Folder(setting.title) if setting.folder else _Text()


def _label(words: str, role: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def connect(view: SettingsPage, presenter: SettingsPresenter) -> None:
    """Wire the person's intents."""
    view.changed.connect(presenter.on_changed)
    view.reset_requested.connect(presenter.on_reset)
