"""Colours of classes, and the text colour that can be read on them. Colours are (red, green, blue), 0 to 255."""

from __future__ import annotations

import math
from functools import cache

Colour = tuple[int, int, int]

BLACK: Colour = (16, 16, 20)
WHITE: Colour = (255, 255, 255)

_FIRST: tuple[Colour, ...] = (
    (255, 176, 32),
    (35, 203, 227),
    (19, 255, 200),
    (212, 56, 6),
    (255, 241, 78),
    (205, 108, 160),
    (131, 149, 255),
    (155, 72, 214),
)
"""The hues of Okabe and Ito for colour-blind readers (https://jfly.uni-koeln.de/color), moved by a search until any two
differ by at least 0.1 in Oklab for readers with full colour vision, without red, without green and without blue."""

_GOLDEN_ANGLE = math.pi * (3.0 - math.sqrt(5.0))
_LIGHTNESS = (0.80, 0.66, 0.90)
_CHROMA = 0.14


@cache
def class_colour(class_id: int) -> Colour:
    """Colour of a class, the same in every run and on every machine.

    After the first eight the hue goes on by the golden angle, so that neighbours in number are far apart in hue, and
    the lightness alternates between three steps, which stay apart where hues do not.
    """
    if 0 <= class_id < len(_FIRST):
        return _FIRST[class_id]
    return _from_oklch(_LIGHTNESS[class_id % len(_LIGHTNESS)], _CHROMA, class_id * _GOLDEN_ANGLE)


@cache
def text_colour(background: Colour) -> Colour:
    """Near-black or white, whichever has the higher contrast by WCAG 2.2; always at least 4.5 to 1."""
    light = relative_luminance(background)
    on_black = (light + 0.05) / (relative_luminance(BLACK) + 0.05)
    on_white = 1.05 / (light + 0.05)
    return BLACK if on_black >= on_white else WHITE


def relative_luminance(colour: Colour) -> float:
    """Luminance of a colour by WCAG 2.2, 0 (black) to 1 (white)."""
    red, green, blue = (_to_linear(value / 255.0) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_linear(value: float) -> float:
    """Undo the transfer function of sRGB (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _to_srgb(value: float) -> int:
    bounded = min(1.0, max(0.0, value))
    curved = bounded * 12.92 if bounded <= 0.0031308 else 1.055 * bounded ** (1.0 / 2.4) - 0.055
    return round(curved * 255.0)


def _from_oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """Colour of a perceived lightness (0 to 1), chroma and hue (radians).

    Source: Björn Ottosson, "A perceptual color space for image processing", https://bottosson.github.io/posts/oklab.
    """
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _to_srgb(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _to_srgb(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _to_srgb(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )
