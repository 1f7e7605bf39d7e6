"""Texts of Qt's own dialogs that Qt's translations lack. Qt looks them up; ``make translations`` collects them."""

from __future__ import annotations

from collections.abc import Callable


def texts(text: Callable[[str, str], str]) -> tuple[str, ...]:
    """Each of them, as ``text(context, source)`` gives it."""
    return (
        text("QFileDialog", "&Look in:"),
        text("QFileDialog", "Files of &type:"),
        text("QAbstractFileIconProvider", "Folder"),
        text("QAbstractFileIconProvider", "Drive"),
        text("QAbstractFileIconProvider", "Unknown"),
    )
