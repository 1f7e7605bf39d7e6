"""What is drawn over a picture: a frame's result and a style become drawing operations.

Pure: the same result and style always give the same operations. The live view paints them with Qt, files are painted by
``sinks.painter``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.cards import ModelCard
from engine.frames import FrameResult
from engine.opencv import cv2
from engine.overlay.lettering import text_width_px
from engine.overlay.operations import Box, ClassMap, Dot, Fill, Label, Mask, Operation, Path, Rectangle
from engine.overlay.palette import BLACK, WHITE, Colour, class_colour, text_colour
from engine.results import Classification, Detections, SegmentationMap, mask_region

TextWidth = Callable[[str, float], float]
"""Width in pixels of a text at a text size in pixels."""

_BACKGROUND_NAMES = frozenset({"background", "__background__", "_background_", "unlabeled", "unlabelled"})
_LEGEND_SHARE = 0.005
"""Classes that cover less of the picture are tinted, but not named in the legend."""


@dataclass(frozen=True, slots=True)
class Style:
    """How results are drawn. Hides things in the picture alone, never in the results.

    Attributes:
        scale: Factor for line widths and text sizes, which follow the size of the picture.
        hidden_classes: Classes that are not drawn.
        boxes, labels, scores, track_ids, masks, keypoints: What is drawn.
        unseen: Shade what the model did not see.
        mask_opacity: Opacity of masks and class maps, 0 to 1.
        keypoint_score: Keypoints below this score are not drawn.
        top_classes: Classes named for a whole picture, and in the legend of a class map.
    """

    scale: float = 1.0
    hidden_classes: frozenset[int] = frozenset()
    boxes: bool = True
    labels: bool = True
    scores: bool = True
    track_ids: bool = True
    masks: bool = True
    keypoints: bool = True
    unseen: bool = True
    mask_opacity: float = 0.45
    keypoint_score: float = 0.3
    top_classes: int = 5


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What every part of a drawing needs to know of the picture and the style."""

    width: int
    height: int
    style: Style
    card: ModelCard
    text_width: TextWidth

    @property
    def line_px(self) -> float:
        """2 pixels at 432 lines, 4 at 1080."""
        return max(1.0, round((0.8 + min(self.width, self.height) / 330.0) * self.style.scale))

    @property
    def text_px(self) -> float:
        """14 pixels at 432 lines, 28 at 1080."""
        return max(10.0, round((5.0 + min(self.width, self.height) / 47.0) * self.style.scale))

    @property
    def has_room_for_text(self) -> bool:
        """False for pictures that a single label would hide."""
        return self.height >= 4.0 * self.text_px and self.width >= 4.0 * self.text_px

    def fitting(self, text: str, width_px: float) -> str:
        """The text, cut with an ellipsis where it is wider."""
        have = self.text_width(text, self.text_px)
        while have > width_px and len(text) > 1:
            keep = min(len(text) - 1, int(len(text) * width_px / have))
            text = text[: max(1, keep - 1)].rstrip() + "…" if keep > 1 else "…"
            have = self.text_width(text, self.text_px)
        return text


def overlay(result: FrameResult, style: Style, text_width: TextWidth = text_width_px) -> tuple[Operation, ...]:
    """What to draw over a frame, in the order of painting.

    Args:
        result: What was found, with its frame (only the frame's size is used).
        style: What is drawn, and how large.
        text_width: Measures a text in the typeface that it will be painted in.
    """
    sheet = _Sheet(result.frame.width, result.frame.height, style, result.configuration.card, text_width)
    shade = _unseen(sheet, result.geometry.seen_xyxy) if style.unseen else ()
    found = result.result
    if isinstance(found, Detections):
        return (*shade, *_detections(sheet, found))
    if isinstance(found, Classification):
        return (*shade, *_classification(sheet, found))
    return (*shade, *_segmentation(sheet, found))


def _unseen(sheet: _Sheet, seen: Box) -> Iterator[Operation]:
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


# Objects ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Object:
    """One object in plain numbers, which are quicker than numpy's."""

    row: int
    class_id: int
    box_xyxy: Box
    colour: Colour
    text: str


def _detections(sheet: _Sheet, found: Detections) -> Iterator[Operation]:
    """Masks below, then boxes and keypoints, then labels; the best object always on top."""
    objects = list(_objects(sheet, found))
    for thing in reversed(objects):
        yield from _mask(sheet, found, thing)
    for thing in reversed(objects):
        yield from _outline(sheet, found, thing)
    for thing in reversed(objects):
        yield from _keypoints(sheet, found, thing)
    if sheet.style.labels and sheet.has_room_for_text:
        yield from reversed(list(_labels(sheet, objects)))


def _objects(sheet: _Sheet, found: Detections) -> Iterator[_Object]:
    tracks = found.track_id.tolist() if found.track_id is not None and sheet.style.track_ids else None
    rows = zip(found.xyxy.tolist(), found.class_id.tolist(), found.score.tolist(), strict=True)
    for row, (box, class_id, score) in enumerate(rows):
        if class_id not in sheet.style.hidden_classes and all(map(math.isfinite, box)):
            parts = [sheet.card.class_name(class_id)]
            if tracks is not None:
                parts.append(f"#{tracks[row]}")
            if sheet.style.scores:
                parts.append(f"{score:.2f}")
            yield _Object(row, class_id, tuple(box), class_colour(class_id), " ".join(parts))


def _mask(sheet: _Sheet, found: Detections, thing: _Object) -> Iterator[Operation]:
    if found.masks is None or not sheet.style.masks:
        return
    mask = found.masks[thing.row]
    left, top, _, _ = mask_region(thing.box_xyxy)
    yield Mask(mask, left, top, thing.colour, sheet.style.mask_opacity)
    contours, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        points = tuple((x + left + 0.5, y + top + 0.5) for x, y in contour.reshape(-1, 2).tolist())
        yield Path(points, True, thing.colour, max(1.0, sheet.line_px / 2.0))


def _outline(sheet: _Sheet, found: Detections, thing: _Object) -> Iterator[Operation]:
    """The box over a wider dark one, so that it stands out from a picture of its own colour."""
    if not sheet.style.boxes:
        return
    dark_px = sheet.line_px + 2.0 * max(1.0, round(sheet.line_px / 4.0))
    if found.corners is None:
        yield Rectangle(thing.box_xyxy, BLACK, dark_px)
        yield Rectangle(thing.box_xyxy, thing.colour, sheet.line_px)
    else:
        corners = tuple((x, y) for x, y in found.corners[thing.row].tolist())
        yield Path(corners, True, BLACK, dark_px)
        yield Path(corners, True, thing.colour, sheet.line_px)


def _keypoints(sheet: _Sheet, found: Detections, thing: _Object) -> Iterator[Operation]:
    if found.keypoints is None or not sheet.style.keypoints:
        return
    points = {
        index: (x, y)
        for index, (x, y, score) in enumerate(found.keypoints[thing.row].tolist())
        if score >= sheet.style.keypoint_score and math.isfinite(x) and math.isfinite(y)
    }
    limbs = [(points[a], points[b]) for a, b in sheet.card.skeleton if a in points and b in points]
    yield from (Path(limb, False, BLACK, sheet.line_px + 2.0) for limb in limbs)
    yield from (Path(limb, False, thing.colour, sheet.line_px) for limb in limbs)
    radius_px = 0.6 + 1.1 * sheet.line_px
    yield from (Dot(point, radius_px + 1.0, BLACK) for point in points.values())
    yield from (Dot(point, radius_px, class_colour(index)) for index, point in points.items())


# Labels of objects ----------------------------------------------------------------------------------------------------


def _labels(sheet: _Sheet, objects: Iterable[_Object]) -> Iterator[Operation]:
    """Labels inside the picture, best object first; one that would have to cover another is left out."""
    taken = np.zeros((sheet.height, sheet.width), np.bool_)
    padding_px = round(0.35 * sheet.text_px)
    height = round(1.4 * sheet.text_px)
    for thing in objects:
        text = sheet.fitting(thing.text, sheet.width - 2.0 * padding_px)
        width = math.ceil(sheet.text_width(text, sheet.text_px)) + 2 * padding_px
        place = _place(sheet, thing.box_xyxy, width, height, taken)
        if place is None:
            continue
        left, top = place
        taken[top : top + height, left : left + width] = True
        box = (float(left), float(top), float(left + width), float(top + height))
        yield Label(text, box, sheet.text_px, float(padding_px), text_colour(thing.colour), thing.colour)


def _place(sheet: _Sheet, box_xyxy: Box, width: int, height: int, taken: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Top left pixel of a label: the first free place at its box inside the picture, None where all are taken."""
    edge = sheet.line_px / 2.0
    left, top, right, bottom = box_xyxy[0] - edge, box_xyxy[1] - edge, box_xyxy[2] + edge, box_xyxy[3] + edge
    wanted = (
        (left, top - height),
        (left, max(0.0, top)),
        (right - width, top - height),
        (left, bottom),
        (left, min(sheet.height, bottom) - height),
        (right - width, bottom),
    )
    for x, y in wanted:
        column, row = min(max(0, round(x)), sheet.width - width), round(y)
        if 0 <= row <= sheet.height - height and not taken[row : row + height, column : column + width].any():
            return column, row
    return None


# Whole pictures -------------------------------------------------------------------------------------------------------


def _classification(sheet: _Sheet, found: Classification) -> Iterator[Operation]:
    """Bars of the best classes in the top left corner."""
    best = [pair for pair in found.top(len(found.score)) if pair[0] not in sheet.style.hidden_classes]
    return _bars(sheet, [(i, score, f"{score:.2f}") for i, score in best[: sheet.style.top_classes]])


def _segmentation(sheet: _Sheet, found: SegmentationMap) -> Iterator[Operation]:
    """The tinted picture, and a legend of the classes that cover most of it."""
    shares = [pair for pair in found.shares() if not _is_plain(sheet, pair[0])]
    if sheet.style.masks and shares:
        count = int(found.class_id.max()) + 1
        colours = np.array([class_colour(i) for i in range(count)], np.uint8)
        visible = np.array([not _is_plain(sheet, i) for i in range(count)], np.bool_)
        yield ClassMap(found.class_id, found.region_xyxy, colours, visible, sheet.style.mask_opacity)
    named = [pair for pair in shares if pair[1] >= _LEGEND_SHARE]
    yield from _bars(sheet, [(i, share, f"{share:.0%}") for i, share in named[: sheet.style.top_classes]])


def _is_plain(sheet: _Sheet, class_id: int) -> bool:
    """True for hidden classes and for the class of what is nothing."""
    return class_id in sheet.style.hidden_classes or sheet.card.class_name(class_id).lower() in _BACKGROUND_NAMES


def _bars(sheet: _Sheet, rows: list[tuple[int, float, str]]) -> Iterator[Operation]:
    """A panel with a name, a number and a bar for each (class_id, length of the bar 0 to 1, number)."""
    if not rows or not sheet.style.labels or not sheet.has_room_for_text:
        return
    size = sheet.text_px
    margin, row_height, bar_height = round(0.6 * size), round(1.9 * size), max(2, round(0.25 * size))
    width = min(sheet.width - 2 * margin, round(16.0 * size))
    left, right = 2 * margin, width
    count = min(len(rows), int((sheet.height - 3 * margin) // row_height))
    panel = (margin, margin, margin + width, 2 * margin + count * row_height)
    yield Fill((float(panel[0]), float(panel[1]), float(panel[2]), float(panel[3])), BLACK, 0.62)
    for index, row in enumerate(rows[:count]):
        top = margin + round(0.5 * margin) + index * row_height
        yield from _bar(sheet, row, (left, top, right, top + row_height), bar_height)


def _bar(
    sheet: _Sheet, row: tuple[int, float, str], place: tuple[int, int, int, int], bar_height: int
) -> Iterator[Operation]:
    class_id, length, number = row
    left, top, right, bottom = (float(v) for v in place)
    number_left = right - sheet.text_width(number, sheet.text_px)
    name = sheet.fitting(sheet.card.class_name(class_id), number_left - left - sheet.text_px)
    base = bottom - bar_height - 0.25 * sheet.text_px
    yield Label(name, (left, top, number_left, base), sheet.text_px, 0.0, WHITE, None)
    if sheet.style.scores:
        yield Label(number, (number_left, top, right, base), sheet.text_px, 0.0, WHITE, None)
    filled = left + (right - left) * min(1.0, max(0.0, length))
    yield Fill((left, base, right, base + bar_height), WHITE, 0.18)
    yield Fill((left, base, filled, base + bar_height), class_colour(class_id), 1.0)
