"""The window in the person's language, where there is a translation."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from gui.resources import asset


def locale_of(language: str) -> QLocale:
    """Language and customs that a setting names.

    Args:
        language: "pt_BR", or "system".
    """
    return QLocale.system() if language == "system" else QLocale(language)


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
        if translator.load(locale, name, "_", str(place)) or _load_kin(translator, locale, name, place):
            application.installTranslator(translator)
            found.append(translator.filePath())
    return tuple(found)


def _load_kin(translator: QTranslator, locale: QLocale, name: str, place: Path) -> bool:
    """The language as another country speaks it, which is nearer than English: pt_BR in Portugal."""
    language = QLocale.languageToCode(locale.language())
    kin = sorted(place.glob(f"{name}_{language}_*.qm")) if language else []
    return bool(kin) and translator.load(str(kin[0]))
