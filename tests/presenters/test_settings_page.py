from __future__ import annotations

from pathlib import Path
from unittest.mock import create_autospec

import pytest

from gui import settings
from gui.presenters.settings_page import SettingRow, SettingsPresenter, SettingsView
from gui.settings import Settings


class Room:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "settings.json"
        self.settings = Settings(self.path)
        self.view = create_autospec(SettingsView, instance=True)
        self.presenter = SettingsPresenter(self.view, self.settings)

    def row(self, key: str) -> SettingRow:
        return next(row for row in self.view.show_settings.call_args.args[0] if row.setting.key == key)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_every_setting_is_on_the_page(room: Room) -> None:
    shown = [row.setting.key for row in room.view.show_settings.call_args.args[0]]
    assert shown == [setting.key for setting in settings.table()]


def test_a_change_counts_at_once_and_can_be_taken_back(room: Room) -> None:
    room.presenter.on_changed("theme", "dark")
    assert (room.settings["theme"], room.row("theme").changed) == ("dark", True)
    assert Settings(room.path)["theme"] == "dark"
    room.presenter.on_reset("theme")
    assert (room.settings["theme"], room.row("theme").changed) == ("system", False)


def test_what_does_not_fit_is_told_beside_the_setting(room: Room) -> None:
    room.presenter.on_changed("display_rate_hz", 900)
    assert "1 to 60" in room.row("display_rate_hz").error
    assert room.settings["display_rate_hz"] == 30
    room.presenter.on_changed("display_rate_hz", 20)
    assert room.row("display_rate_hz").error == ""


def test_what_cannot_be_saved_holds_and_is_told(room: Room) -> None:
    room.path.mkdir()
    room.presenter.on_changed("theme", "light")
    assert room.settings["theme"] == "light"
    assert "cannot be saved" in room.row("theme").error
