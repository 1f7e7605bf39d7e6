"""Videos whose pictures carry their own number, so that a test sees which picture it got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, BITS = 160, 96, 12
_BLACK, _WHITE = 20, 230


def numbered_picture(number: int) -> NDArray[np.uint8]:
    """A BGR picture with the bits of its number as black and white blocks, lowest at the left, and something moving."""
    picture = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    bits = [_WHITE if number >> bit & 1 else _BLACK for bit in range(BITS)]
    edges = np.linspace(0, WIDTH, BITS + 1).astype(int)
    for value, left, right in zip(bits, edges, edges[1:], strict=False):
        picture[HEIGHT // 3 : 2 * HEIGHT // 3, left:right] = value
    start = number * 7 % WIDTH
    picture[: HEIGHT // 6, start : start + 16] = (200, 30, number % 255)
    return picture


def number_in(picture: NDArray[np.uint8]) -> int:
    """The number that a decoded picture carries."""
    height, width = picture.shape[:2]
    row = picture[height // 2 - 3 : height // 2 + 3, :, 1].mean(axis=0)
    centres = ((np.arange(BITS) + 0.5) * width / BITS).astype(int)
    return sum(1 << bit for bit, centre in enumerate(centres) if row[centre - 2 : centre + 3].mean() > 125)


def write_video(
    path: Path,
    *,
    frames: int = 120,
    rate: int = 25,
    times_s: Iterable[Fraction] | None = None,
    codec: str = "libx264",
    time_base: Fraction = Fraction(1, 90000),
    muxer: Mapping[str, str] | None = None,
    gop: int | None = None,
    **options: str,
) -> Path:
    """Write numbered pictures, at a constant rate or at the times given."""
    times = list(times_s or (Fraction(number, rate) for number in range(frames)))
    with av.open(str(path), "w", options=dict(muxer or {})) as container:
        stream = cast(Any, container.add_stream(codec, rate=rate, options=options))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = time_base
        if gop is not None:
            stream.codec_context.gop_size = gop
        for number, time_s in enumerate(times):
            frame = av.VideoFrame.from_ndarray(numbered_picture(number), format="bgr24")
            frame.pts, frame.time_base = round(time_s / time_base), time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def copy_packets(source: Path, target: Path, *, from_s: float, zero_s: float) -> Path:
    """Copy the packets shown from a time on, without decoding; ``zero_s`` becomes the new time 0."""
    with (
        av.open(str(source)) as reader,
        av.open(str(target), "w", options={"avoid_negative_ts": "disabled", "use_editlist": "1"}) as writer,
    ):
        stream = reader.streams.video[0]
        copy = writer.add_stream_from_template(stream)
        shift = round(zero_s / cast(Fraction, stream.time_base))
        for packet in reader.demux(stream):
            if packet.dts is None or packet.pts is None or float(packet.pts * packet.time_base) < from_s:
                continue
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, copy
            writer.mux(packet)
    return target


def write_sound(path: Path) -> Path:
    """Write a second of silence and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
