"""How a chapter looks: Qt reads Markdown into a plain document, and this gives it type, colours and places to go to."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)

from gui import theme
from gui.presenters.manual import Anchors

_HEADINGS = {1: (1.75, 0, 12), 2: (1.35, 24, 6), 3: (1.1, 16, 4)}
"""Level -> size beside ordinary text, and the room above and below in pixels."""
_LINE_PERCENT = 135.0
_BELOW_PX = 8.0
_ITEM_BELOW_PX = 3.0
_CELL_PX = 6.0
_CODE = 0.95
_PICTURE = "\ufffc"
"""What stands for a picture in Qt's text."""
_QUOTE_PX = 12.0


def typeset(document: QTextDocument, text_px: int) -> None:
    """Give a document that was read from Markdown its looks; again after a change of size or theme.

    Args:
        document: Changed in place.
        text_px: Height of ordinary text.
    """
    cursor, anchors = QTextCursor(document), Anchors()
    cursor.beginEditBlock()
    for block in _blocks(document):
        cursor.setPosition(block.position())
        cursor.setPosition(block.position() + block.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        _set_block(cursor, block, text_px, anchors)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _set_table(frame)
    cursor.endEditBlock()


def images(document: QTextDocument) -> Iterator[tuple[QTextCursor, QTextImageFormat]]:
    """Each picture, selected, with its format."""
    for block in _blocks(document):
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            if fragment.charFormat().isImageFormat():
                cursor = QTextCursor(document)
                cursor.setPosition(fragment.position())
                cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
                yield cursor, fragment.charFormat().toImageFormat()
            iterator += 1


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _set_block(cursor: QTextCursor, block: QTextBlock, text_px: int, anchors: Anchors) -> None:
    level = block.blockFormat().headingLevel()
    if level:
        _set_heading(cursor, min(level, max(_HEADINGS)), text_px, anchors.name(block.text()))
    elif block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence):
        _set_code_block(cursor, text_px)
    else:
        _set_paragraph(cursor, block, text_px)


def _set_heading(cursor: QTextCursor, level: int, text_px: int, name: str) -> None:
    factor, above, below = _HEADINGS[level]
    shape = QTextBlockFormat()
    shape.setTopMargin(above)
    shape.setBottomMargin(below)
    cursor.mergeBlockFormat(shape)
    letters = QTextCharFormat()
    letters.setProperty(QTextFormat.Property.FontPixelSize, round(text_px * factor))
    letters.setFontWeight(QFont.Weight.Bold if level < 3 else QFont.Weight.Medium)
    letters.setForeground(QColor(theme.current().text))
    letters.setAnchor(True)
    letters.setAnchorNames([name])
    cursor.setCharFormat(letters)  # merged, Qt's own size of headings would count


def _set_code_block(cursor: QTextCursor, text_px: int) -> None:
    shape = QTextBlockFormat()
    shape.setBackground(QColor(theme.current().raised))
    shape.setTopMargin(0)
    shape.setBottomMargin(0)
    shape.setLeftMargin(_CELL_PX)
    cursor.mergeBlockFormat(shape)
    cursor.mergeCharFormat(_typewriter(text_px))


def _set_paragraph(cursor: QTextCursor, block: QTextBlock, text_px: int) -> None:
    shape = QTextBlockFormat()
    if _PICTURE not in block.text():  # its line would be that much higher, too
        shape.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    if QTextCursor(block).currentTable() is None:
        shape.setBottomMargin(_ITEM_BELOW_PX if block.textList() is not None else _BELOW_PX)
    if block.blockFormat().hasProperty(QTextFormat.Property.BlockQuoteLevel):
        shape.setLeftMargin(_QUOTE_PX)
        shape.setBackground(QColor(theme.current().raised))
    cursor.mergeBlockFormat(shape)
    iterator = block.begin()
    spans = []
    while not iterator.atEnd():
        fragment = iterator.fragment()
        spans.append((fragment.position(), fragment.length(), fragment.charFormat()))
        iterator += 1
    for start, length, letters in spans:
        if letters.fontFixedPitch() or letters.isAnchor():
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(_link() if letters.isAnchor() else _typewriter(text_px))


def _typewriter(text_px: int) -> QTextCharFormat:
    letters = QTextCharFormat()
    families = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families()
    letters.setFontFamilies(families)
    letters.setFontFixedPitch(True)
    letters.setProperty(QTextFormat.Property.FontPixelSize, round(text_px * _CODE))
    letters.setForeground(QColor(theme.current().text))
    letters.setBackground(QColor(theme.current().raised))
    return letters


def _link() -> QTextCharFormat:
    letters = QTextCharFormat()
    letters.setForeground(QColor(theme.current().accent))
    letters.setFontUnderline(True)
    return letters


def _set_table(table: QTextTable) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderCollapse(True)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(QBrush(QColor(theme.current().border)))
    shape.setCellPadding(_CELL_PX)
    shape.setCellSpacing(0)
    shape.setTopMargin(_BELOW_PX / 2)
    shape.setBottomMargin(2 * _BELOW_PX)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    shape.setAlignment(Qt.AlignmentFlag.AlignLeft)
    shape.setColumnWidthConstraints([])
    table.setFormat(QTextTableFormat(shape))
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        letters = cell.format()
        letters.setBackground(QColor(theme.current().raised))
        cell.setFormat(letters)
