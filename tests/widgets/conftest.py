"""Widgets in the bundled typeface and the dark theme, without a screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from gui import theme


@pytest.fixture(scope="session", autouse=True)
def dressed(qapp: QApplication) -> QApplication:
    """Give the application its typeface."""
    theme.load_fonts(qapp)
    return qapp


@pytest.fixture(autouse=True)
def dark(dressed: QApplication) -> Iterator[None]:
    """Begin each test in the dark theme, and fail one that leaves a window behind."""
    theme.apply(dressed, "dark")
    before = set(QApplication.topLevelWidgets())
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # closed widgets slow down each new theme
    dressed.processEvents()
    left = [w for w in QApplication.topLevelWidgets() if w not in before and w.isVisible()]
    assert left == []
