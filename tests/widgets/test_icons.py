from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication

from gui import actions, theme
from gui.resources import asset
from gui.views.icons import icon


def colour_of(picture: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off) -> str:
    """The colour of the most opaque pixel."""
    image = picture.pixmap(QSize(48, 48), 1.0, mode, state).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(pixels, key=QColor.alpha).name()


@pytest.mark.parametrize("name", theme.THEMES)
def test_icons_have_the_colours_of_the_theme_of_the_moment(qapp: QApplication, name: str) -> None:
    kept = icon("player-play")
    now = theme.apply(qapp, name)
    assert colour_of(kept) == now.text
    assert colour_of(kept, state=QIcon.State.On) == now.accent
    assert colour_of(kept, QIcon.Mode.Selected) == now.on_accent
    assert colour_of(icon("player-play", "error")) == now.error


def test_icons_are_sharp_on_every_screen() -> None:
    pixmap = icon("camera").pixmap(QSize(16, 16), 2.0)
    assert (pixmap.size(), pixmap.devicePixelRatio()) == (QSize(32, 32), 2.0)


def test_an_icon_that_does_not_exist_is_told() -> None:
    with pytest.raises(FileNotFoundError, match=r"no-such-icon\.svg"):
        icon("no-such-icon")


def test_each_action_has_its_icon() -> None:
    for action in actions.table():
        assert not action.icon or not icon(action.icon).isNull(), action.action_id


@pytest.mark.parametrize("now", theme.THEMES.values(), ids=list(theme.THEMES))
def test_the_small_pictures_of_the_style_have_the_colours_of_their_theme(now: theme.Theme) -> None:
    for name, colour in {
        "chevron-down": now.muted,
        "chevron-up": now.muted,
        "check": now.on_accent,
        "dash": now.on_accent,
    }.items():
        assert f'stroke="{colour}"' in asset("style", now.name, f"{name}.svg").read_text()
