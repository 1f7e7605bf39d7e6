"""Frames on which a variant agrees least with its original, drawn with what each of them has found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.cards import ModelCard
from engine.frames import Image
from engine.opencv import cv2
from engine.optimise.alike import LIVE, Likeness
from engine.optimise.candidate import Candidate
from engine.optimise.report import WorstFrame
from engine.overlay.compose import found_on
from engine.overlay.lettering import text_width_px
from engine.overlay.sheet import Sheet, Style
from engine.results import Detections, Result
from engine.sinks.painter import paint

_EACH = 6
"""So many frames of each way to run a variant."""
_WIDTH_PX = 1280
_SHOWN_PX = 560
"""About as wide as it is shown at first: texts can be read then."""
_QUALITY = 80


def worst_frames(
    card: ModelCard,
    candidate: Candidate,
    likeness: Likeness,
    picture: Callable[[int], Image],
    pairs: Sequence[tuple[Result, Result]],
) -> list[WorstFrame]:
    """The frames that agree least, worst first; none where all agree fully.

    Args:
        card: Names the classes.
        candidate: What found it.
        likeness: How the two compare.
        picture: Frame number -> uint8 (H, W, 3), BGR.
        pairs: What the candidate and the original found on them.
    """
    order = np.argsort(likeness.by_frame, kind="stable")[:_EACH]
    return [
        WorstFrame(
            candidate.name,
            candidate.place,
            int(i),
            likeness.by_frame[i],
            _drawn(card, picture(int(i)), pairs[i][1]),
            _drawn(card, picture(int(i)), pairs[i][0]),
        )
        for i in order
        if likeness.by_frame[i] < 1.0
    ]


def _drawn(card: ModelCard, picture: Image, found: Result) -> bytes:
    """A picture with what the live view would show on it, as JPEG."""
    if isinstance(found, Detections):
        found = found[found.score >= LIVE.confidence]
    height, width = picture.shape[:2]
    scale = min(1.0, _WIDTH_PX / width)
    style = Style(scale=0.7 * max(1.0, width / _SHOWN_PX), unseen=False)
    drawn = paint(picture, found_on(Sheet(width, height, style, card, text_width_px), found))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)
    encoded: Any = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
    return bytes(encoded.tobytes())
