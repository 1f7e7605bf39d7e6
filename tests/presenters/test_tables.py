"""The tables of settings and actions, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gui.actions import Situation
from gui.actions import table as actions
from gui.resources import asset
from gui.settings import Setting, Settings
from gui.settings import table as settings

EVERYTHING = Situation(has_source=True, running=True, seekable=True, has_picture=True, tiles=4, page="live")


@pytest.mark.parametrize("setting", settings(), ids=lambda s: s.key)
def test_each_setting_can_be_shown_and_takes_its_own_default(setting: Setting) -> None:
    assert setting.check(setting.default) == setting.default
    assert setting.section
    assert setting.title
    assert setting.help.endswith(".")
    if type(setting.default) in (int, float):
        assert setting.minimum < setting.maximum


def test_keys_stand_for_one_setting_each() -> None:
    keys = [setting.key for setting in settings()]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("value", [True, "30", 0, 61, 29.5])
def test_a_setting_refuses_what_does_not_fit(value: object) -> None:
    with pytest.raises(ValueError, match="display_rate_hz"):
        Settings().put("display_rate_hz", value)  # type: ignore[arg-type]


def test_what_is_chosen_comes_back_at_the_next_start() -> None:
    Settings().put("theme", "contrast")
    Settings().put("free_gb", 5)
    again = Settings()
    assert again.text("theme") == "contrast"
    assert again.number("free_gb") == 5.0
    assert again.flag("restore") is True


def test_a_damaged_file_costs_the_choices_not_the_start(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{ broken")
    damaged = Settings(path)
    assert damaged.text("theme") == "system"
    assert len(damaged.warnings) == 1


def test_one_bad_value_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "pink", "display_rate_hz": 15, "of another version": 1}))
    partly = Settings(path)
    assert partly.text("theme") == "system"
    assert partly.number("display_rate_hz") == 15
    assert "theme" in partly.warnings[0]


def test_who_listens_hears_which_setting_changed() -> None:
    chosen = Settings()
    heard: list[str] = []
    chosen.subscribe(heard.append)
    chosen.put("label_px", 20)
    chosen.put("label_px", 20)
    assert heard == ["label_px"]


def test_no_two_actions_share_a_name_or_a_key() -> None:
    ids = [action.action_id for action in actions()]
    keys = [key for action in actions() for key in action.shortcuts]
    assert len(set(ids)) == len(ids)
    assert len(set(keys)) == len(keys)


def test_every_icon_is_there() -> None:
    for action in actions():
        if action.icon:
            asset("icons", f"{action.icon}.svg")


def test_everything_can_be_done_somewhere_and_an_empty_window_offers_no_stream_to_stop() -> None:
    assert [a.action_id for a in actions() if not a.enabled(EVERYTHING)] == []
    empty = {action.action_id for action in actions() if action.enabled(Situation())}
    assert "file.source" in empty
    assert "stream.start_stop" not in empty
    assert "stream.snapshot" not in empty
