"""What is said of a picture as a whole: its classes, the class of each pixel, and what of it was not seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.overlay.operations import Box, ClassMap, Fill, Label, Operation
from engine.overlay.palette import BLACK, WHITE
from engine.overlay.sheet import Sheet
from engine.results import Classification, SegmentationMap

_BACKGROUND_NAMES = frozenset({"background", "__background__", "_background_", "unlabeled", "unlabelled"})
_LEGEND_SHARE = 0.005
"""Classes that cover less of the picture are tinted, but not named in the legend."""


def unseen(sheet: Sheet, seen: Box) -> Iterator[Operation]:
    """Shade the borders of the picture that were cut off before the model saw it."""
    left, top, right, bottom = seen[0], seen[1], seen[2], seen[3]
    width, height = float(sheet.width), float(sheet.height)
    borders = (
        (0.0, 0.0, width, top),
        (0.0, bottom, width, height),
        (0.0, top, left, bottom),
        (right, top, width, bottom),
    )
    for box in borders:
        if box[2] - box[0] >= 1.0 and box[3] - box[1] >= 1.0:
            yield Fill(box, BLACK, 0.5)


def classification(sheet: Sheet, found: Classification) -> Iterator[Operation]:
    """Bars of the best classes in the top left corner."""
    best = [pair for pair in found.top(len(found.score)) if pair[0] not in sheet.style.hidden_classes]
    return _bars(sheet, [(i, score, f"{score:.2f}") for i, score in best[: sheet.style.top_classes]])


def segmentation(sheet: Sheet, found: SegmentationMap) -> Iterator[Operation]:
    """The tinted picture, and a legend of the classes that cover most of it."""
    shares = [pair for pair in found.shares() if not _is_plain(sheet, pair[0])]
    if sheet.style.masks and shares:
        count = int(found.class_id.max()) + 1
        colours = np.array([sheet.colour(i) for i in range(count)], np.uint8)
        visible = np.array([not _is_plain(sheet, i) for i in range(count)], np.bool_)
        yield ClassMap(found.class_id, found.region_xyxy, colours, visible, sheet.style.mask_opacity)
    named = [pair for pair in shares if pair[1] >= _LEGEND_SHARE]
    yield from _bars(sheet, [(i, share, f"{share:.0%}") for i, share in named[: sheet.style.top_classes]])


def _is_plain(sheet: Sheet, class_id: int) -> bool:
    """True for hidden classes and for the class of what is nothing."""
    return class_id in sheet.style.hidden_classes or sheet.card.class_name(class_id).lower() in _BACKGROUND_NAMES


def _bars(sheet: Sheet, rows: list[tuple[int, float, str]]) -> Iterator[Operation]:
    """A panel with a name, a number and a bar for each (class_id, length of the bar 0 to 1, number)."""
    if not rows or not sheet.style.labels or not sheet.has_room_for_text:
        return
    size, area = sheet.text_px, sheet.area_xyxy
    margin, row_height, bar_height = sheet.whole(0.6 * size), sheet.whole(1.9 * size), sheet.whole(0.25 * size)
    width = min(area[2] - area[0] - 2 * margin, sheet.whole(16.0 * size))
    left, top = area[0] + margin, area[1] + margin
    count = min(len(rows), int((area[3] - area[1] - 3 * margin) / row_height + 1e-6))
    yield Fill((left, top, left + width, top + margin + count * row_height), BLACK, 0.62)
    for index, row in enumerate(rows[:count]):
        y = top + sheet.whole(0.5 * margin) + index * row_height
        place = (left + margin, y, left + width - margin, y + row_height)
        yield from _bar(sheet, row, place, max(2.0 * sheet.style.pixel_px, bar_height))


def _bar(sheet: Sheet, row: tuple[int, float, str], place: Box, bar_height: float) -> Iterator[Operation]:
    class_id, length, number = row
    left, top, right, bottom = place
    number_left = right - sheet.text_width(number, sheet.text_px)
    name = sheet.fitting(sheet.card.class_name(class_id), number_left - left - sheet.text_px)
    base = bottom - bar_height - 0.25 * sheet.text_px
    yield Label(name, (left, top, number_left, base), sheet.text_px, 0.0, WHITE, None)
    if sheet.style.scores:
        yield Label(number, (number_left, top, right, base), sheet.text_px, 0.0, WHITE, None)
    filled = left + (right - left) * min(1.0, max(0.0, length))
    yield Fill((left, base, right, base + bar_height), WHITE, 0.18)
    yield Fill((left, base, filled, base + bar_height), sheet.colour(class_id), 1.0)
