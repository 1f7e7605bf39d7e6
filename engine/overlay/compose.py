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
from engine.results import Classification, Detections


def overlay(result: FrameResult, style: Style, text_width: TextWidth = text_width_px) -> tuple[Operation, ...]:
    """What to draw over a frame, in the order of painting.

    Args:
        result: What was found, with its frame (only the frame's size is used).
        style: What is drawn, and how large.
        text_width: Measures a text in the typeface that it will be painted in.
    """
    sheet = Sheet(result.frame.width, result.frame.height, style, result.configuration.card, text_width)
    shade = unseen(sheet, result.geometry.seen_xyxy) if style.unseen else ()
    found = result.result
    if isinstance(found, Detections):
        return (*shade, *objects(sheet, found))
    if isinstance(found, Classification):
        return (*shade, *classification(sheet, found))
    return (*shade, *segmentation(sheet, found))
