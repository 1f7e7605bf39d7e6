from __future__ import annotations

from itertools import product

import pytest

from engine.overlay.palette import relative_luminance
from gui.theme import THEMES, Theme


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return relative_luminance((red, green, blue))


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_text_can_be_read_on_every_surface(theme: Theme) -> None:
    texts = (theme.text, theme.muted, theme.accent, theme.good, theme.warning, theme.error)
    for colour, surface in product(texts, (theme.window, theme.surface, theme.raised)):
        assert contrast(colour, surface) >= 4.5, (colour, surface)
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_lines_stand_out_from_what_they_are_drawn_on(theme: Theme) -> None:
    for colour in theme.traces:
        assert contrast(colour, theme.surface) >= 3.0, colour
