"""A chapter of the manual, with links and pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QImageReader,
    QPixmap,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextImageFormat,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit

from gui import theme
from gui.views.manual.typeset import images, typeset

_SIZES_PX = (11, 12, 13, 14, 16, 18, 21, 24, 28)
_ORDINARY = _SIZES_PX.index(14)
_MARGIN_PX = 24


class ManualBrowser(QTextBrowser):
    """Shows chapters from a folder; other links open in the system's browser.

    Args:
        folder: Where the chapters are.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._size = _ORDINARY
        self._sought = ""
        self._width_px = 0
        self._is_resizing = False
        self.setOpenLinks(False)
        self.document().setDocumentMargin(_MARGIN_PX)
        self.anchorClicked.connect(self.follow)

    @property
    def text_px(self) -> int:
        """Height of ordinary text."""
        return _SIZES_PX[self._size]

    def open_at(self, link: str) -> None:
        """Show a place: ``chapter.md`` or ``chapter.md#anchor``."""
        self.follow(QUrl(link))

    def follow(self, link: QUrl) -> None:
        """Go where a link leads."""
        if link.scheme() not in {"", "file"}:
            QDesktopServices.openUrl(link)
            return
        place = QUrl.fromLocalFile(str(self._folder / (link.fileName() or self.source().fileName())))
        place.setFragment(link.fragment())
        self.setSource(place)

    def zoom(self, steps: int) -> None:
        """Show larger or smaller letters; 0 makes them ordinary again."""
        size = _ORDINARY if not steps else self._size + steps
        self._size = min(max(size, 0), len(_SIZES_PX) - 1)
        self._dress()

    def mark(self, sought: str) -> None:
        """Mark the words that were looked for, wherever they stand; "" for none."""
        self._sought = sought
        self.setExtraSelections([mark for word in sought.split() for mark in self._marks(word)])

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802
        """A chapter as text; a picture is put into the document by ``_fit_pictures``."""
        file = QUrl(name).fileName()
        if kind == QTextDocument.ResourceType.ImageResource.value:
            return self._picture(file, self._room_px())
        return (self._folder / file).read_text(encoding="utf-8")

    def doSetSource(  # noqa: N802
        self, name: QUrl | str, kind: QTextDocument.ResourceType = QTextDocument.ResourceType.UnknownResource
    ) -> None:
        """Show a chapter in the looks of the program, at its place."""
        name = QUrl(name)
        before = self.source().fileName()
        super().doSetSource(name, kind)
        if name.fileName() != before:
            self._dress()
            self.mark(self._sought)
        if name.hasFragment():
            self.scrollToAnchor(name.fragment())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Pictures are as wide as there is room, and what is read stays where it is."""
        if self._is_resizing:  # a scroll bar comes or goes
            super().resizeEvent(event)
            return
        self._is_resizing = True
        top = self.cursorForPosition(QPoint(_MARGIN_PX, 0))
        super().resizeEvent(event)
        if self._room_px() != self._width_px:
            self._fit_pictures()
        scroll = self.verticalScrollBar()
        if scroll.value():
            scroll.setValue(scroll.value() + self.cursorRect(top).top())
        self._is_resizing = False

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self.source().isValid():
            self._dress()

    def _dress(self) -> None:
        place = self.verticalScrollBar().value() / max(self.verticalScrollBar().maximum(), 1)
        self.document().setUndoRedoEnabled(False)
        font = self.font()
        font.setPixelSize(self.text_px)
        self.document().setDefaultFont(font)
        typeset(self.document(), self.text_px)
        self._fit_pictures()
        self.verticalScrollBar().setValue(round(place * self.verticalScrollBar().maximum()))

    def _room_px(self) -> int:
        return max(self.viewport().width() - 2 * _MARGIN_PX, 1)

    def _fit_pictures(self) -> None:
        self._width_px = self._room_px()
        for cursor, shape in tuple(images(self.document())):
            picture = self._picture(shape.name(), self._width_px)
            self.document().addResource(
                QTextDocument.ResourceType.ImageResource.value,
                self.document().baseUrl().resolved(QUrl(shape.name())),
                picture,
            )
            sized = QTextImageFormat(shape)
            sized.setWidth(picture.deviceIndependentSize().width())
            sized.setHeight(picture.deviceIndependentSize().height())
            cursor.setCharFormat(sized)

    def _picture(self, name: str, room_px: int) -> QPixmap:
        """A picture, no wider than there is room, sharp on screens of any density."""
        reader = QImageReader(str(self._folder / "pictures" / Path(name).name))
        picture, ratio = QPixmap.fromImage(reader.read()), self.devicePixelRatioF()
        if picture.isNull():
            return picture
        wide = round(min(picture.width(), room_px) * ratio)
        picture = picture.scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation)
        picture.setDevicePixelRatio(ratio)
        return picture

    def _marks(self, word: str) -> list[QTextEdit.ExtraSelection]:
        marks = []
        cursor = self.document().find(word)
        while not cursor.isNull():
            marks.append(_mark(cursor))
            cursor = self.document().find(word, cursor)
        return marks


def _mark(cursor: QTextCursor) -> QTextEdit.ExtraSelection:
    mark = QTextEdit.ExtraSelection()
    letters = QTextCharFormat()
    letters.setBackground(QColor(theme.current().accent))
    letters.setForeground(QColor(theme.current().on_accent))
    mark.cursor, mark.format = cursor, letters
    return mark
