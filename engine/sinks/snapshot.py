"""One picture of a frame, with what was found on it."""

from __future__ import annotations

import json
from pathlib import Path

from engine.errors import SinkError
from engine.frames import FrameResult
from engine.opencv import cv2
from engine.overlay import Style, overlay
from engine.sinks.disk import write_whole
from engine.sinks.painter import paint
from engine.sinks.rows import result_record
from engine.sinks.sink import Shown, frame_of

_OPTIONS: dict[str, list[int]] = {
    ".png": [],
    ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 95],
    ".jpeg": [cv2.IMWRITE_JPEG_QUALITY, 95],
}


def save_snapshot(
    shown: Shown,
    path: Path,
    style: Style | None = Style(),  # noqa: B008 - immutable
    *,
    with_record: bool = False,
) -> None:
    """Write a picture; names may have any letters.

    Args:
        shown: A result, or a frame that no model has seen.
        path: ``.png``, ``.jpg`` or ``.jpeg``; what was there before is replaced.
        style: How a result is drawn; None gives the picture as it was.
        with_record: Write the result too, as ``NAME.json`` beside the picture with the keys of a result line.

    Raises:
        SinkError: Another ending, or the disk does not take it; no part of a file is left behind.
    """
    options = _OPTIONS.get(path.suffix.lower())
    if options is None:
        raise SinkError(
            "No picture can be written with this ending",
            subject=str(path),
            expected=", ".join(_OPTIONS),
            remedy="Choose one of these",
        )
    frame = frame_of(shown)
    image = frame.image
    if isinstance(shown, FrameResult) and style is not None:
        image = paint(image, overlay(shown, style))
    is_encoded, content = cv2.imencode(path.suffix.lower(), image, options)
    if not is_encoded:
        raise SinkError(
            f"A picture of {frame.width}x{frame.height} does not fit this format",
            subject=str(path),
            remedy="Save a .png",
        )
    write_whole(path, content.tobytes())
    if with_record and isinstance(shown, FrameResult):
        record = json.dumps(result_record(shown), ensure_ascii=False, allow_nan=False, indent=2)
        write_whole(path.with_suffix(".json"), f"{record}\n".encode("utf-8", "replace"))
