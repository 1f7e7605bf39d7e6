"""A picture on its way through the engine, and what it carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.cards import Configuration
from engine.results import GroundTruth, Result

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        image: uint8 (H, W, 3), BGR, read-only.
        sequence: Number of the frame in its source: the position in a file (from 0), or the count since the start
            of a live source.
        captured_ns: ``time.monotonic_ns()`` when the picture was complete.
        captured_utc_ns: Wall clock at the same moment, ns since 1970.
        media_time_s: Position in the media in seconds, or None where there is none (cameras, pictures).
        source_id: Where it comes from, without secrets; the file of the picture for a folder.
        truth: What is really on it, where the source knows (the demo); None elsewhere.
    """

    image: Image
    sequence: int
    captured_ns: int
    captured_utc_ns: int
    media_time_s: float | None
    source_id: str
    truth: GroundTruth | None = None

    def __post_init__(self) -> None:
        image = self.image
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
            raise ValueError(f"image: expected uint8 (H, W, 3), got {image.dtype} {image.shape}")
        image.flags.writeable = False

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True)
class CanvasGeometry:
    """Where a picture lies on its canvas: ``canvas = source * scale + offset``, in pixels.

    Attributes:
        scale_x, scale_y: Canvas pixels for one source pixel.
        offset_x, offset_y: Canvas position of the source's top left corner; negative where it is cut.
        source_width, source_height: Size of the source in pixels.
        canvas_width, canvas_height: Size of the canvas in pixels.
    """

    scale_x: float
    scale_y: float
    offset_x: float
    offset_y: float
    source_width: int
    source_height: int
    canvas_width: int
    canvas_height: int

    @property
    def seen_xyxy(self) -> tuple[float, float, float, float]:
        """The part of the source, in source pixels, that is on the canvas."""
        left = max(0.0, -self.offset_x / self.scale_x)
        top = max(0.0, -self.offset_y / self.scale_y)
        right = min(float(self.source_width), (self.canvas_width - self.offset_x) / self.scale_x)
        bottom = min(float(self.source_height), (self.canvas_height - self.offset_y) / self.scale_y)
        return left, top, right, bottom


@dataclass(frozen=True, slots=True)
class StageTimings:
    """Where a frame's time went, in ns.

    ``queue_ns``: captured until a lane took it; ``total_ns``: captured until published.
    """

    queue_ns: int
    preprocess_ns: int
    infer_ns: int
    decode_ns: int
    total_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class FrameResult:
    """What was found on one frame, by which configuration, and what it took.

    Attributes:
        frame: The picture itself, so that a result can be shown in step with its own frame.
        stream_id: The stream it belongs to.
        ticket: Its place in the stream's order of results, from 0.
        configuration: Who made it.
        result: What was found.
        geometry: Where the picture lay on the canvas.
        timings: Where the time went.
        repeated: The frame was analysed before and is again (other thresholds, another model) while it is held.
    """

    frame: Frame
    stream_id: str
    ticket: int
    configuration: Configuration
    result: Result
    geometry: CanvasGeometry
    timings: StageTimings
    repeated: bool = False
