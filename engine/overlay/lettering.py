"""The typeface of pictures that are written to files, and how wide a text is in it.

OpenCV 5 carries the font inside: Latin, Greek, Cyrillic, Hebrew, Arabic, Chinese, Japanese and Korean letters need no
font of the system.
"""

from __future__ import annotations

from functools import lru_cache

from engine.opencv import cv2

WEIGHT = 560
"""Between medium and semibold: readable from the back of a room."""

CAP_HEIGHT = 0.70
"""Height of capital letters and digits for a text size of 1."""


def typeface() -> cv2.FontFace:
    """A font to measure and paint with: takes 15 us to make and must not be shared by threads."""
    return cv2.FontFace("sans")


@lru_cache(maxsize=4096)
def text_width_px(text: str, text_px: float) -> float:
    """Width of a line of text in pixels at a size of ``text_px`` pixels, as ``sinks.painter`` paints it."""
    _, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), typeface(), round(text_px), WEIGHT)
    return float(width)
