"""The window in the person's language, where there is a translation."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from gui.resources import asset


def load_translation(
    application: QCoreApplication, locale: QLocale | None = None, folder: Path | None = None
) -> tuple[str, ...]:
    """Let the application speak a language: its own texts, and those of Qt's dialogs. English needs no file.

    Args:
        application: What speaks.
        locale: The language; None for the system's.
        folder: Where the program's translations are; None for assets/translations.

    Returns:
        The files that were found.
    """
    locale = locale or QLocale.system()
    folders = {
        "qtbase": Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        "inferoscope": folder or asset("translations"),
    }
    found = []
    for name, place in folders.items():
        translator = QTranslator(application)
        if translator.load(locale, name, "_", str(place)):
            application.installTranslator(translator)
            found.append(translator.filePath())
    return tuple(found)
