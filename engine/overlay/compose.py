"""What is drawn over a picture: a frame's result and a style become drawing operations.

Pure: the same result and style always give the same operations. The live view paints them with Qt, files are painted by
``sinks.painter``.
"""

from __future__ import annotations

from engine.frames import FrameResult
from engine.overlay.lettering import text_width_px
from engine.overlay.objects import objects
from engine.overlay.operations import Operation
from engine.overlay.sheet import Sheet, Style, TextWidth
from engine.overlay.whole_picture import classification, segmentation, unseen
from engine.results import Classification, Detections, Result


def overlay(result: FrameResult, style: Style, text_width: TextWidth = text_width_px) -> tuple[Operation, ...]:
    """What to draw over a frame, in the order of painting.

    Args:
        result: What was found, with its frame (only the frame's size is used).
        style: What is drawn, and how large.
        text_width: Measures a text in the typeface that it will be painted in.
    """
    sheet = Sheet(result.frame.width, result.frame.height, style, result.configuration.card, text_width)
    shade = unseen(sheet, result.geometry.seen_xyxy) if style.unseen else ()
    return (*shade, *found_on(sheet, result.result))


def found_on(sheet: Sheet, found: Result) -> tuple[Operation, ...]:
    """What to draw over any picture of the sheet's size for what was found on it."""
    if isinstance(found, Detections):
        return tuple(objects(sheet, found))
    if isinstance(found, Classification):
        return tuple(classification(sheet, found))
    return tuple(segmentation(sheet, found))
