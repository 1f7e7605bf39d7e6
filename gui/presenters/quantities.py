"""Quantities in words."""

from __future__ import annotations


def bytes_words(count: float) -> str:
    """An amount of data: "52.1 kB", "3.7 MB", "240 MB", "1.2 GB"."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    if count >= 100e6:
        return f"{count / 1e6:.0f} MB"
    return f"{count / 1e6:.1f} MB" if count >= 100e3 else f"{count / 1e3:.1f} kB"


def pixels_words(width: int, height: int) -> str:
    """A size in pixels: "1920 × 1080"."""
    return f"{width} × {height}"


def length_words(seconds: float) -> str:
    """How long something lasts: "0:07", "1:02:03"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
