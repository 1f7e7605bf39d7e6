"""The manual: contents and search at the left, the chapter at the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSplitter, QVBoxLayout, QWidget

from gui.presenters.manual import CONTENTS, Chapter, Hit, ManualPresenter
from gui.texts import text
from gui.views.icons import icon_button
from gui.views.manual.browser import ManualBrowser
from gui.views.manual.contents import Contents

_SIZE = QSize(1080, 760)
_LEAST = QSize(560, 400)
_TITLE_BAR = QSize(0, 32)
_CONTENTS_PX, _CHAPTER_PX = 280, 800


class ManualWindow(QWidget):
    """Fulfils ``gui.presenters.manual.ManualView``. A window of its own, to be read beside the program.

    Args:
        folder: Where the chapters are.
        parent: The main window, which it closes with.
    """

    sought = Signal(str)
    """Words to look for."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(text("Manual", "Manual of Inferoscope"))
        self._contents = Contents()
        self._browser = ManualBrowser(folder)
        self._browser.setProperty("role", "page")
        self._browser.setAccessibleName(text("Manual", "Chapter"))
        self._search = QLineEdit()
        self._search.setPlaceholderText(text("Manual", "Search the manual"))
        self._search.setAccessibleName(text("Manual", "Search the manual"))
        self._search.setClearButtonEnabled(True)
        self._back = icon_button("arrow-left", text("Manual", "Back to the place before"))
        self._forward = icon_button("arrow-right", text("Manual", "Forward again"))
        self._first = icon_button("list", text("Manual", "First page of the manual"))
        self._larger = icon_button("zoom-in", text("Manual", "Larger letters"))
        self._smaller = icon_button("zoom-out", text("Manual", "Smaller letters"))
        self._lay_out()
        self._wire()
        self._take_keys()
        self.setMinimumSize(_LEAST)
        self.resize(_SIZE.boundedTo(self.screen().availableSize() - _TITLE_BAR))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (self._back, self._forward, self._first):
            row.addWidget(widget)
        row.addSpacing(8)
        row.addWidget(self._search, 1)
        row.addSpacing(8)
        for widget in (self._smaller, self._larger):
            row.addWidget(widget)
        language = QLabel(text("Manual", "The manual is in English."))
        language.setProperty("role", "muted")
        language.setHidden(language.text() == "The manual is in English.")  # who reads English sees that it is
        splitter = QSplitter()
        splitter.setObjectName("manual")
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._contents)
        splitter.addWidget(self._browser)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_CONTENTS_PX, _CHAPTER_PX])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(row)
        layout.addWidget(language)
        layout.addWidget(splitter, 1)

    def _wire(self) -> None:
        self._contents.chosen.connect(self._browser.open_at)
        self._search.textChanged.connect(self.sought)
        self._search.returnPressed.connect(self._contents.choose_first)
        self._back.clicked.connect(self._browser.backward)
        self._forward.clicked.connect(self._browser.forward)
        self._first.clicked.connect(lambda: self._browser.open_at(CONTENTS))
        self._larger.clicked.connect(lambda: self._browser.zoom(1))
        self._smaller.clicked.connect(lambda: self._browser.zoom(-1))
        self._browser.sourceChanged.connect(lambda place: self._contents.mark(place.fileName()))
        self._browser.historyChanged.connect(self._show_ways)
        self._show_ways()

    def _take_keys(self) -> None:
        standard = QKeySequence.StandardKey
        for key, answer in (
            (standard.Back, self._browser.backward),
            (standard.Forward, self._browser.forward),
            (standard.Find, self._search.setFocus),
            (standard.ZoomIn, lambda: self._browser.zoom(1)),
            (standard.ZoomOut, lambda: self._browser.zoom(-1)),
            (QKeySequence("Ctrl+0"), lambda: self._browser.zoom(0)),
            (standard.Close, self.close),
            (standard.Cancel, self._leave),
        ):
            QShortcut(key, self).activated.connect(answer)

    def show_contents(self, chapters: tuple[Chapter, ...]) -> None:
        """The chapters and their sections, to choose from."""
        self._contents.show_contents(chapters)

    def show_hits(self, sought: str, hits: tuple[Hit, ...]) -> None:
        """What was found; it is marked in the chapter, too."""
        self._contents.show_hits(sought, hits)
        self._browser.mark(sought)

    def open_at(self, link: str) -> None:
        """Come to the front and show a place."""
        self.show()  # first: places are where they are in a window of this size
        self.activateWindow()
        self._browser.open_at(link)
        self._browser.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave(self) -> None:
        """Escape ends a search first, then it closes the window."""
        if self._search.text():
            self._search.clear()
        else:
            self.close()

    def _show_ways(self) -> None:
        self._back.setEnabled(self._browser.isBackwardAvailable())
        self._forward.setEnabled(self._browser.isForwardAvailable())


def connect(view: ManualWindow, presenter: ManualPresenter) -> None:
    """Wire the person's intents."""
    view.sought.connect(presenter.on_sought)
