"""Colours and type: three themes, and how they are put on the application."""

from __future__ import annotations

from dataclasses import dataclass, fields
from string import Template

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from gui.resources import asset

TEXT_PX = 13
"""Height of ordinary text, in device-independent pixels."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, as ``#rrggbb``. Text on any of the surfaces has a contrast of at least 4.5 (WCAG AA).

    Attributes:
        name: "light", "dark" or "contrast".
        window: Behind everything.
        surface: Of panels and cards.
        raised: Of controls, and of what the pointer is over.
        border: Between surfaces; 3.0 to 1 around controls in high contrast.
        text, muted: Of what matters, and of what explains.
        accent, on_accent: What is selected or runs, and text on it.
        good, warning, error: Of states; readable as text on each surface.
        picture: Around pictures, where there is none.
        traces: Colours of lines, in order; told apart by colour-blind readers.
    """

    name: str
    window: str
    surface: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    warning: str
    error: str
    picture: str
    traces: tuple[str, ...]


DARK = Theme(
    "dark", "#12151a", "#191d24", "#252b35", "#39424f", "#e8ecf1", "#9ca8b8", "#2fc6df", "#06181c",
    "#3ddc97", "#ffb020", "#ff7b72", "#0b0d10",
    ("#2fc6df", "#ffb020", "#3ddc97", "#c792ea", "#ff7b72", "#8ab4f8"),
)  # fmt: skip
LIGHT = Theme(
    "light", "#eef1f4", "#ffffff", "#e6eaef", "#c3ccd6", "#15191e", "#515c69", "#006d86", "#ffffff",
    "#08704a", "#8a5600", "#b3261e", "#dfe4ea",
    ("#00799a", "#b36b00", "#0a7d4f", "#7b3fb5", "#c0392b", "#2f5fc4"),
)  # fmt: skip
CONTRAST = Theme(
    "contrast", "#000000", "#000000", "#1a1a1a", "#ffffff", "#ffffff", "#e0e0e0", "#ffd800", "#000000",
    "#5dff9b", "#ffb84d", "#ff9a9a", "#000000",
    ("#ffd800", "#00e5ff", "#5dff9b", "#ff8cff", "#ff9a9a", "#ffffff"),
)  # fmt: skip
THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}

_JAPANESE = (
    "Hiragino Sans",
    "Yu Gothic UI",
    "Meiryo UI",
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "IPAexGothic",
    "IPAGothic",
    "TakaoGothic",
    "VL Gothic",
)
"""Of macOS, Windows and Linux, the best-looking first."""

_current = DARK


def current() -> Theme:
    """The theme of the application. Widgets that paint themselves read it in ``paintEvent`` or on ``PaletteChange``."""
    return _current


def apply(application: QApplication, choice: str) -> Theme:
    """Put a theme on the application.

    Args:
        application: Whose widgets change.
        choice: A theme's name, or "system".
    """
    global _current  # noqa: PLW0603 - one application has one theme, as it has one palette
    _current = THEMES.get(choice) or _of_system(application)
    application.setStyle("Fusion")
    application.setPalette(_palette(_current))
    colours = {field.name: getattr(_current, field.name) for field in fields(_current) if field.name != "traces"}
    sheet = Template(asset("style", "window.qss").read_text(encoding="utf-8"))
    application.setStyleSheet(sheet.substitute(colours, style=asset("style", _current.name).as_posix()))
    return _current


def load_fonts(application: QApplication, locale: QLocale | None = None) -> None:
    """Take the bundled typeface, so that the window looks the same everywhere; other scripts come from the system.

    Args:
        application: Whose typeface it becomes.
        locale: The language of the window; None for the system's.
    """
    for weight in ("Regular", "Medium", "Bold"):
        QFontDatabase.addApplicationFont(str(asset("fonts", f"Roboto-{weight}.ttf")))
    locale = locale or QLocale.system()
    if locale.language() is QLocale.Language.Japanese:
        QFont.insertSubstitutions("Roboto", _japanese())
    font = QFont("Roboto")
    font.setPixelSize(TEXT_PX)
    application.setFont(font)


def _japanese() -> list[str]:
    """Typefaces for what Roboto does not have: the system's, else the bundled one."""
    there = set(QFontDatabase.families())
    if not (found := [family for family in _JAPANESE if family in there]):
        number = QFontDatabase.addApplicationFont(str(asset("fonts", "NotoSansCJKjp-Regular.otf")))
        found = QFontDatabase.applicationFontFamilies(number)
    return found


def _of_system(application: QApplication) -> Theme:
    return LIGHT if application.styleHints().colorScheme() is Qt.ColorScheme.Light else DARK


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    colours = {
        role.Window: theme.window, role.WindowText: theme.text, role.Base: theme.surface,
        role.AlternateBase: theme.raised, role.Text: theme.text, role.PlaceholderText: theme.muted,
        role.Button: theme.raised, role.ButtonText: theme.text, role.BrightText: theme.error,
        role.Highlight: theme.accent, role.HighlightedText: theme.on_accent, role.Link: theme.accent,
        role.ToolTipBase: theme.raised, role.ToolTipText: theme.text, role.Mid: theme.border,
        role.Midlight: theme.border, role.Dark: theme.border, role.Light: theme.raised, role.Shadow: theme.window,
    }  # fmt: skip
    for key, colour in colours.items():
        palette.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.muted))
    return palette
