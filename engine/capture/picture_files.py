"""Which files are pictures, and in which order those of a folder come."""

from __future__ import annotations

import re
from pathlib import Path

from engine.errors import SourceError, SourceReason

PICTURE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".jp2", ".avif", ".ppm", ".pgm", ".pbm")
)
"""Files that are pictures. Animated GIFs are videos."""

_DIGITS = re.compile(r"(\d+)")


def is_picture(path: Path) -> bool:
    """True for the suffixes of pictures; hidden files are none (macOS leaves ``._name.jpg`` beside each file)."""
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")


def list_pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, not of those inside it, in natural order: ``2.jpg`` before ``10.jpg``.

    Raises:
        SourceError: The folder cannot be read, or has no picture.
    """
    try:
        pictures = [path for path in folder.iterdir() if is_picture(path) and path.is_file()]
    except OSError as error:
        raise SourceError(
            "The folder cannot be read", subject=str(folder), remedy="Check its permissions", detail=str(error)
        ) from error
    if not pictures:
        raise SourceError(
            "The folder has no pictures",
            reason=SourceReason.NOT_FOUND,
            subject=str(folder),
            expected="files such as .jpg or .png directly in it",
            remedy="Choose another folder",
        )
    return sorted(pictures, key=_natural_key)


def _natural_key(path: Path) -> tuple[list[tuple[int, str]], str]:
    parts = _DIGITS.split(path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.name
