"""Lines of text as small images, made once and drawn often."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from engine.overlay.palette import Colour


@lru_cache(maxsize=32)
def typeface(text_px: int) -> QFont:
    """The typeface of pictures, in device pixels."""
    font = QFont("Roboto")
    font.setPixelSize(max(1, text_px))
    font.setWeight(QFont.Weight.Medium)
    return font


@lru_cache(maxsize=4096)
def width_px(text: str, text_px: int) -> float:
    """Width of a line of text in device pixels."""
    return QFontMetricsF(typeface(text_px)).horizontalAdvance(text)


@lru_cache(maxsize=512)
def colour(rgb: Colour, opacity: float = 1.0) -> QColor:
    """A colour as Qt takes it."""
    made = QColor(*rgb)
    made.setAlphaF(opacity)
    return made


@lru_cache(maxsize=512)
def stamp(
    text: str, text_px: int, padding_px: int, size: tuple[int, int], colours: tuple[Colour, Colour | None]
) -> QImage:
    """A line of text, centred in height and beginning ``padding_px`` from the left.

    Args:
        text: To be read.
        text_px: Height of letters with their line, in device pixels.
        padding_px: In device pixels.
        size: Width and height of the image in device pixels.
        colours: Of the text, and of what fills the image; None for nothing.
    """
    ink, background = colours
    opaque = background is not None
    image = QImage(*size, QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(colour(background) if background is not None else Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setFont(typeface(text_px))
    painter.setPen(colour(ink))
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
    painter.drawText(QRectF(padding_px, 0, size[0], size[1]), int(flags), text)
    painter.end()
    return image


@lru_cache(maxsize=256)
def pill(text: str, text_px: int, ink: str, background: str, *, opacity: float, dot: str = "") -> QImage:
    """A line of text on a rounded ground, with a dot before it where ``dot`` is a colour. Sizes in device pixels."""
    padding, height = round(0.6 * text_px), round(1.7 * text_px)
    indent = padding + (text_px if dot else 0)
    image = QImage(round(width_px(text, text_px)) + indent + padding, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    ground = QColor(background)
    ground.setAlphaF(opacity)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(image.rect(), height / 4.0, height / 4.0)
    if dot:
        side = 0.62 * text_px
        painter.setBrush(QColor(dot))
        painter.drawEllipse(QRectF(padding, (height - side) / 2.0, side, side))
    painter.setFont(typeface(text_px))
    painter.setPen(QColor(ink))
    painter.drawText(QRectF(indent, 0, image.width(), height), int(Qt.AlignmentFlag.AlignVCenter), text)
    painter.end()
    return image
