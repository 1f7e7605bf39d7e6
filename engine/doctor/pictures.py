"""Videos and pictures are written and read back, as recordings and snapshots are; drawing leaves its marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from engine.capture.source import Ended, SourceOptions
from engine.capture.table import open_source
from engine.doctor.check import Check, failed, passed
from engine.doctor.messages import Answer, Question, checks_answer
from engine.errors import InferoscopeError, SinkError, SourceError
from engine.frames import Frame, Image
from engine.overlay.operations import Fill, Label, Operation, Rectangle
from engine.sinks.encoder import CODECS, Encoder
from engine.sinks.painter import paint
from engine.sinks.snapshot import save_snapshot

_WIDTH, _HEIGHT = 320, 180
_RATE_HZ = 10.0
_LEVELS = (40, 80, 120, 160, 200)
"""Brightness of the frames of a video."""
_VIDEO_ERROR = 6.0
"""Mean grey levels by which a frame may differ when it is read back."""
_FORMATS = {".png": ("PNG", 0.0), ".jpg": ("JPEG", 3.0)}
"""Ending -> what people call it, and the same for it."""
_CODEC_TITLES = {"mp4v": "MPEG-4", "VP80": "VP8"}
_CURE = "Install Inferoscope again"


def answer(question: Question) -> Answer:
    """The task "pictures"; ``folder`` is a path."""
    return checks_answer(check_pictures(Path(question["folder"])))


def check_pictures(folder: Path) -> list[Check]:
    """Every codec of the recorder, every format of a snapshot, and the painter.

    Args:
        folder: Takes the files; whoever made it removes it.
    """
    videos = [
        _tried("video", f"{_CODEC_TITLES[codec]} ({ending})", partial(_video, folder / f"video{ending}"))
        for ending, codec in CODECS.items()
    ]
    formats = [
        _tried("pictures", title, partial(_picture, folder / f"Größe{ending}", error))
        for ending, (title, error) in _FORMATS.items()
    ]
    return [*videos, *formats, _tried("drawing", "Boxes and letters", _drawing)]


def _tried(area: str, title: str, try_it: Callable[[], str]) -> Check:
    try:
        return passed(area, title, try_it())
    except InferoscopeError as error:
        return failed(area, title, error)


def _scene(level: int) -> Image:
    """A picture with something on it: uint8 (H, W, 3)."""
    image = np.full((_HEIGHT, _WIDTH, 3), level, np.uint8)
    image[40:140, 60:260] = (255 - level, level // 2, 90)
    return image


def _video(path: Path) -> str:
    encoder = Encoder(path, _RATE_HZ, (_WIDTH, _HEIGHT), path.name)
    for level in _LEVELS:
        encoder.write(_scene(level))
    encoder.finish()
    frames = list(_frames(path))
    if len(frames) != len(_LEVELS):
        raise SourceError(
            f"{len(_LEVELS)} frames were written and {len(frames)} are read back", subject=path.name, remedy=_CURE
        )
    for frame, level in zip(frames, _LEVELS, strict=True):
        _require_like(frame.image, _scene(level), _VIDEO_ERROR, path.name)
    return f"{len(frames)} frames written and read back"


def _picture(path: Path, most: float) -> str:
    image = _scene(120)
    save_snapshot(Frame(image, 0, 0, 0, None, "doctor"), path)
    (frame,) = _frames(path)
    _require_like(frame.image, image, most, path.name)
    return "written and read back"


def _frames(path: Path) -> Iterator[Frame]:
    with closing(open_source(str(path), SourceOptions())) as source:
        source.open()
        while not isinstance(answer := source.read(), Ended):
            if isinstance(answer, Frame):
                yield answer


def _require_like(image: Image, wanted: Image, most: float, subject: str) -> None:
    error = np.inf if image.shape != wanted.shape else float(np.abs(image.astype(np.int16) - wanted).mean())
    if error > most:
        raise SourceError("What is read back is not what was written", subject=subject, remedy=_CURE)


def _drawing() -> str:
    black = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
    white = (255, 255, 255)
    box = (20.0, 20.0, 200.0, 60.0)
    operations: dict[str, Operation] = {
        "boxes": Rectangle((40.0, 80.0, 200.0, 160.0), white, 3.0),
        "letters": Label("bottle 0.97", box, 20.0, 4.0, white, None),
        "areas": Fill(box, white, 0.5),
    }
    missing = [name for name, operation in operations.items() if not paint(black, [operation]).any()]
    if missing:
        raise SinkError(f"No {' and no '.join(missing)} can be drawn on a picture", remedy=_CURE)
    return "drawn on a picture"
