"""Draw the program's icon in the forms of Windows (.ico) and macOS (.icns), and the side of the installer's first page.

``python packaging/icons.py`` writes them beside the packaging of each; they follow assets/icons/inferoscope.svg.
"""

from __future__ import annotations

import struct
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "assets" / "icons" / "inferoscope.svg"
_ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
_PNG_FROM = 256
"""Windows reads smaller pictures in an .ico as bitmaps everywhere, and as PNG only in places."""
_SIDE_PX = (328, 628)
"""Twice what NSIS asks for: it is scaled down, and sharp on fine screens."""
_SIDE_COLOUR = "#0b171c"
_ICNS_KINDS = {b"icp4": 16, b"icp5": 32, b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic10": 1024}


def ico() -> bytes:
    """An .ico with every size that Windows asks for."""
    pictures = [_png(size) if size >= _PNG_FROM else _bitmap(size) for size in _ICO_SIZES]
    entries, offset = b"", 6 + 16 * len(pictures)
    for size, picture in zip(_ICO_SIZES, pictures, strict=True):
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(pictures)


def icns() -> bytes:
    """An .icns with every size that macOS asks for."""
    blocks = b""
    for kind, size in _ICNS_KINDS.items():
        picture = _png(size)
        blocks += kind + struct.pack(">I", len(picture) + 8) + picture
    return b"icns" + struct.pack(">I", len(blocks) + 8) + blocks


def side() -> QImage:
    """The icon on its own dark ground."""
    width, height = _SIDE_PX
    image = QImage(width, height, QImage.Format.Format_RGB888)
    image.fill(QColor(_SIDE_COLOUR))
    painter = QPainter(image)
    QSvgRenderer(str(SOURCE)).render(painter, QRectF(width / 4, height / 5, width / 2, width / 2))
    painter.end()
    return image


def _png(size: int) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    _drawn(size).save(buffer, "PNG")
    return bytes(buffer.data().data())


def _bitmap(size: int) -> bytes:
    """A device-independent bitmap, bottom row first, followed by a mask that its alpha makes needless."""
    image = _drawn(size).convertToFormat(QImage.Format.Format_ARGB32)
    pixels, width = bytes(image.constBits()), image.bytesPerLine()
    rows = [pixels[start : start + width] for start in range(0, len(pixels), width)]
    header = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, 0, 0, 0, 0, 0)
    return header + b"".join(reversed(rows)) + bytes((size + 31) // 32 * 4 * size)


def _drawn(size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(SOURCE)).render(painter)
    painter.end()
    return image


if __name__ == "__main__":
    (HERE / "windows" / "inferoscope.ico").write_bytes(ico())
    side().save(str(HERE / "windows" / "side.bmp"))
    (HERE / "macos").mkdir(exist_ok=True)
    (HERE / "macos" / "inferoscope.icns").write_bytes(icns())
