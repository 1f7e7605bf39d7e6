"""Objects on a picture: masks, boxes, keypoints and labels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.opencv import cv2
from engine.overlay.operations import Box, Dot, Label, Mask, Operation, Path, Rectangle
from engine.overlay.palette import BLACK, Colour, class_colour, text_colour
from engine.overlay.sheet import Sheet
from engine.results import Detections, mask_region


@dataclass(frozen=True, slots=True)
class _Object:
    """One object in plain numbers, which are quicker than numpy's."""

    row: int
    class_id: int
    box_xyxy: Box
    colour: Colour
    text: str


def objects(sheet: Sheet, found: Detections) -> Iterator[Operation]:
    """Masks below, then boxes and keypoints, then labels; the best object always on top."""
    things = list(_things(sheet, found))
    for thing in reversed(things):
        yield from _mask(sheet, found, thing)
    for thing in reversed(things):
        yield from _outline(sheet, found, thing)
    for thing in reversed(things):
        yield from _keypoints(sheet, found, thing)
    if sheet.style.labels and sheet.has_room_for_text:
        yield from reversed(list(_labels(sheet, things)))


def _things(sheet: Sheet, found: Detections) -> Iterator[_Object]:
    tracks = found.track_id.tolist() if found.track_id is not None and sheet.style.track_ids else None
    rows = zip(found.xyxy.tolist(), found.class_id.tolist(), found.score.tolist(), strict=True)
    for row, (box, class_id, score) in enumerate(rows):
        if class_id not in sheet.style.hidden_classes and all(map(math.isfinite, box)):
            parts = [sheet.card.class_name(class_id)]
            if tracks is not None:
                parts.append(f"#{tracks[row]}")
            if sheet.style.scores:
                parts.append(f"{score:.2f}")
            yield _Object(row, class_id, tuple(box), sheet.colour(class_id), " ".join(parts))


def _mask(sheet: Sheet, found: Detections, thing: _Object) -> Iterator[Operation]:
    """The tint, and a line round it that is true to half a painted pixel."""
    if found.masks is None or not sheet.style.masks:
        return
    mask = found.masks[thing.row]
    left, top, _, _ = mask_region(thing.box_xyxy)
    yield Mask(mask, left, top, thing.colour, sheet.style.mask_opacity)
    contours, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        line = cv2.approxPolyDP(contour, 0.5 * sheet.style.pixel_px, closed=True).reshape(-1, 2)
        points = tuple((x + left + 0.5, y + top + 0.5) for x, y in line.tolist())
        yield Path(points, True, thing.colour, max(sheet.style.pixel_px, sheet.line_px / 2.0))


def _outline(sheet: Sheet, found: Detections, thing: _Object) -> Iterator[Operation]:
    """The box over a wider dark one, so that it stands out from a picture of its own colour."""
    if not sheet.style.boxes:
        return
    dark_px = sheet.line_px + 2.0 * max(sheet.style.pixel_px, sheet.whole(sheet.line_px / 4.0))
    if found.corners is None:
        yield Rectangle(thing.box_xyxy, BLACK, dark_px)
        yield Rectangle(thing.box_xyxy, thing.colour, sheet.line_px)
    else:
        corners = tuple((x, y) for x, y in found.corners[thing.row].tolist())
        yield Path(corners, True, BLACK, dark_px)
        yield Path(corners, True, thing.colour, sheet.line_px)


def _keypoints(sheet: Sheet, found: Detections, thing: _Object) -> Iterator[Operation]:
    if found.keypoints is None or not sheet.style.keypoints:
        return
    points = {
        index: (x, y)
        for index, (x, y, score) in enumerate(found.keypoints[thing.row].tolist())
        if score >= sheet.style.keypoint_score and math.isfinite(x) and math.isfinite(y)
    }
    pixel_px = sheet.style.pixel_px
    limbs = [(points[a], points[b]) for a, b in sheet.card.skeleton if a in points and b in points]
    yield from (Path(limb, False, BLACK, sheet.line_px + 2.0 * pixel_px) for limb in limbs)
    yield from (Path(limb, False, thing.colour, sheet.line_px) for limb in limbs)
    radius_px = 0.6 * pixel_px + 1.1 * sheet.line_px
    yield from (Dot(point, radius_px + pixel_px, BLACK) for point in points.values())
    yield from (Dot(point, radius_px, class_colour(index)) for index, point in points.items())


def _labels(sheet: Sheet, things: Iterable[_Object]) -> Iterator[Operation]:
    """Labels inside the area, best object first; one that would have to cover another is left out."""
    pixel_px = sheet.style.pixel_px
    area = sheet.area_xyxy
    taken = np.zeros((round((area[3] - area[1]) / pixel_px), round((area[2] - area[0]) / pixel_px)), np.bool_)
    padding, height = round(0.35 * sheet.text_px / pixel_px), round(1.4 * sheet.text_px / pixel_px)
    for thing in things:
        text = sheet.fitting(thing.text, (taken.shape[1] - 2.0 * padding) * pixel_px)
        width = math.ceil(sheet.text_width(text, sheet.text_px) / pixel_px) + 2 * padding
        place = _place(_in_area(sheet, thing.box_xyxy), width, height, taken)
        if place is None:
            continue
        column, row = place
        taken[row : row + height, column : column + width] = True
        left, top = area[0] + column * pixel_px, area[1] + row * pixel_px
        box = (left, top, left + width * pixel_px, top + height * pixel_px)
        yield Label(text, box, sheet.text_px, padding * pixel_px, text_colour(thing.colour), thing.colour)


def _in_area(sheet: Sheet, box_xyxy: Box) -> Box:
    """A box with its line, in painted pixels of the area."""
    edge, pixel_px, (left, top, _, _) = sheet.line_px / 2.0, sheet.style.pixel_px, sheet.area_xyxy
    return (
        (box_xyxy[0] - edge - left) / pixel_px,
        (box_xyxy[1] - edge - top) / pixel_px,
        (box_xyxy[2] + edge - left) / pixel_px,
        (box_xyxy[3] + edge - top) / pixel_px,
    )


def _place(box: Box, width: int, height: int, taken: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Top left pixel of a label: the first free place at its box inside the area, None where all are taken."""
    rows, columns = taken.shape
    left, top, right, bottom = box
    if right <= 0.0 or bottom <= 0.0 or left >= columns or top >= rows:
        return None
    wanted = (
        (left, top - height),
        (left, max(0.0, top)),
        (right - width, top - height),
        (left, bottom),
        (left, min(rows, bottom) - height),
        (right - width, bottom),
    )
    for x, y in wanted:
        column, row = min(max(0, round(x)), columns - width), round(y)
        if column >= 0 and 0 <= row <= rows - height and not taken[row : row + height, column : column + width].any():
            return column, row
    return None
