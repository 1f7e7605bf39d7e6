"""What stands beside the chapter: all chapters with their sections, or what a search has found."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QLabel, QStackedWidget, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from gui.presenters.manual import Chapter, Hit
from gui.texts import text

_LINK = Qt.ItemDataRole.UserRole
_DEEPEST = 2


class Contents(QStackedWidget):
    """Two lists to choose a place from; one of them is shown."""

    chosen = Signal(str)
    """The link of a place."""

    def __init__(self) -> None:
        super().__init__()
        self._chapters = _tree(text("Manual", "Contents"))
        self._found = _tree(text("Manual", "What was found"))
        self._none = QLabel(text("Manual", "Nothing in the manual has these words."))
        self._none.setProperty("role", "muted")
        self._none.setWordWrap(True)
        found = QWidget()
        layout = QVBoxLayout(found)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._none)
        layout.addWidget(self._found, 1)
        self.addWidget(self._chapters)
        self.addWidget(found)
        for tree in (self._chapters, self._found):
            tree.itemSelectionChanged.connect(lambda tree=tree: self._tell(tree))
            tree.itemClicked.connect(lambda _item, _column, tree=tree: self._tell(tree))

    def show_contents(self, chapters: tuple[Chapter, ...]) -> None:
        """All chapters, folded."""
        self._chapters.clear()
        for chapter in chapters:
            item = _item(chapter.title, chapter.file)
            self._chapters.addTopLevelItem(item)
            for section in chapter.sections[1:]:
                if section.level == _DEEPEST:
                    item.addChild(_item(section.title, f"{chapter.file}#{section.anchor}"))

    def show_hits(self, sought: str, hits: tuple[Hit, ...]) -> None:
        """What was found; the chapters again where nothing was sought."""
        self._found.clear()
        for hit in hits:
            words = hit.section if hit.section == hit.chapter else f"{hit.section}  ·  {hit.chapter}"
            item = _item(words, hit.link)
            item.setToolTip(0, hit.words)
            self._found.addTopLevelItem(item)
        self._none.setVisible(not hits)
        self.setCurrentIndex(1 if sought else 0)

    def mark(self, file: str) -> None:
        """Show which chapter is read, with its sections."""
        chosen = self._chapters.currentItem()
        with QSignalBlocker(self._chapters):
            for item in self._items():
                here = item.data(0, _LINK) == file
                if here and (chosen is None or item not in {chosen, chosen.parent()}):
                    self._chapters.setCurrentItem(item)
                item.setExpanded(here)

    def choose_first(self) -> None:
        """Go to the first that was found."""
        first = self._found.topLevelItem(0)
        if self.currentIndex() == 1 and first is not None:
            self._found.setCurrentItem(first)

    def _items(self) -> list[QTreeWidgetItem]:
        items = (self._chapters.topLevelItem(row) for row in range(self._chapters.topLevelItemCount()))
        return [item for item in items if item is not None]

    def _tell(self, tree: QTreeWidget) -> None:
        item = tree.currentItem()
        if item is not None:
            self.chosen.emit(item.data(0, _LINK))


def _tree(name: str) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setHeaderHidden(True)
    tree.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    tree.setTextElideMode(Qt.TextElideMode.ElideRight)
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    tree.setIndentation(16)
    tree.setAccessibleName(name)
    return tree


def _item(words: str, link: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([words])
    item.setData(0, _LINK, link)
    item.setToolTip(0, words)
    return item
