"""The settings page: every row of the table of settings, changed at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gui import settings
from gui.settings import Setting, Settings, Value
from gui.texts import text


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as the page shows it.

    Attributes:
        setting: What it is.
        value: As it is now.
        changed: Whether that is not its default.
        error: Why the last change was not taken, "" where it was.
    """

    setting: Setting
    value: Value
    changed: bool
    error: str = ""


class SettingsView(Protocol):
    """The page."""

    def show_settings(self, rows: tuple[SettingRow, ...]) -> None:
        """Show all of them, in this order."""


class SettingsPresenter:
    """Shows the settings and takes changes.

    Args:
        view: The page.
        values: The settings.
    """

    def __init__(self, view: SettingsView, values: Settings) -> None:
        self._view = view
        self._settings = values
        self._errors: dict[str, str] = {}
        values.subscribe(lambda _key: self._show())
        self._show()

    def on_changed(self, key: str, value: Value) -> None:
        """The person has chosen a value."""
        self._errors.pop(key, None)
        try:
            self._settings.put(key, value)
        except ValueError as error:
            self._errors[key] = str(error)
        except OSError as error:
            words = text("Settings", "It holds until the program ends, and cannot be saved: {reason}")
            self._errors[key] = words.format(reason=error.strerror or error)
        self._show()

    def on_reset(self, key: str) -> None:
        """Back to the default."""
        self.on_changed(key, next(setting.default for setting in settings.table() if setting.key == key))

    def _show(self) -> None:
        self._view.show_settings(tuple(self._row(setting) for setting in settings.table()))

    def _row(self, setting: Setting) -> SettingRow:
        value = self._settings[setting.key]
        return SettingRow(setting, value, value != setting.default, self._errors.get(setting.key, ""))
