"""H.264 clips for the servers of the tests, encoded once and cut into RTP payloads (RFC 6184)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from numpy.typing import NDArray

RTP_PAYLOAD_BYTES = 1200
CLOCK_BITS = 16
_START_CODE = b"\x00\x00\x01"
_SLICE_IDR, _SPS, _PPS, _FU_A = 5, 7, 8, 28


@dataclass(frozen=True)
class AccessUnit:
    """One coded picture: NAL units without start codes, times in seconds from the start of the clip."""

    nals: tuple[bytes, ...]
    sent_s: float
    shown_s: float

    @property
    def is_key(self) -> bool:
        """True where decoding can begin."""
        return any(nal[0] & 31 == _SLICE_IDR for nal in self.nals)

    @cached_property
    def payloads(self) -> tuple[bytes, ...]:
        """RTP payloads: whole NAL units, or fragments of them where they are too long (FU-A)."""
        return tuple(piece for nal in self.nals for piece in _fragments(nal))


@dataclass(frozen=True)
class Clip:
    """A sequence of access units that can be looped."""

    width: int
    height: int
    rate_hz: float
    units: tuple[AccessUnit, ...]

    @property
    def duration_s(self) -> float:
        """Length of one loop."""
        return len(self.units) / self.rate_hz

    @property
    def parameter_sets(self) -> tuple[bytes, bytes]:
        """Sequence and picture parameter set of the first key picture."""
        nals = {nal[0] & 31: nal for nal in self.units[0].nals}
        return nals[_SPS], nals[_PPS]


def _fragments(nal: bytes) -> Iterator[bytes]:
    if len(nal) <= RTP_PAYLOAD_BYTES:
        yield nal
        return
    indicator, kind = (nal[0] & 0xE0) | _FU_A, nal[0] & 31
    edges = [*range(1, len(nal), RTP_PAYLOAD_BYTES), len(nal)]
    for begin, end in pairwise(edges):
        flags = (0x80 if begin == 1 else 0) | (0x40 if end == len(nal) else 0)
        yield bytes((indicator, flags | kind)) + nal[begin:end]


def read_clip(video: Path | BytesIO) -> Clip:
    """Cut an H.264 file into access units; parameter sets stand before each key picture."""
    with av.open(str(video) if isinstance(video, Path) else video) as container:
        stream = container.streams.video[0]
        to_annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
        packets = [unit for packet in container.demux(stream) for unit in to_annex_b.filter(packet) if unit.size]
        first = min(cast(int, packet.dts) for packet in packets)
        base = float(cast(Fraction, stream.time_base))
        units = tuple(
            AccessUnit(
                tuple(_nal_units(bytes(packet))),
                (cast(int, packet.dts) - first) * base,
                (cast(int, packet.pts) - first) * base,
            )
            for packet in packets
        )
        return Clip(stream.width, stream.height, float(cast(Fraction, stream.average_rate)), units)


def _nal_units(annex_b: bytes) -> Iterator[bytes]:
    for piece in annex_b.split(_START_CODE):
        nal = piece.rstrip(b"\x00")
        if nal:
            yield nal


def encode(pictures: Iterable[NDArray[np.uint8]], rate_hz: int, container_format: str = "mp4", **options: str) -> bytes:
    """Encode BGR pictures of one size as H.264 without delay, a key picture each third of a second."""
    file = BytesIO()
    settings = {"preset": "ultrafast", "tune": "zerolatency", "g": str(max(1, rate_hz // 3)), "crf": "20"} | options
    with av.open(file, "w", format=container_format) as container:
        stream = cast(Any, container.add_stream("libx264", rate=rate_hz, options=settings))
        for number, picture in enumerate(pictures):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return file.getvalue()


def clock_picture(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """Grey picture whose top quarter shows ``number`` as white (1) and black (0) blocks, highest bit at the left."""
    picture = np.full((height, width, 3), 96, np.uint8)
    edges = np.linspace(0, width, CLOCK_BITS + 1).astype(int)
    for bit, (left, right) in enumerate(pairwise(edges)):
        picture[: height // 4, left:right] = 255 * (number >> (CLOCK_BITS - 1 - bit) & 1)
    return picture


def read_clock(picture: NDArray[np.uint8]) -> int:
    """The number that ``clock_picture`` burnt in, whatever the size of the picture is now."""
    height, width = picture.shape[:2]
    blocks = np.linspace(0, width, CLOCK_BITS + 1)
    middles = ((blocks[:-1] + blocks[1:]) / 2).astype(int)
    bits = picture[height // 8, middles].mean(axis=1) > 127
    return int("".join("1" if bit else "0" for bit in bits), 2)


@lru_cache(maxsize=8)
def clock_video(width: int = 320, height: int = 180, rate_hz: int = 30, frames: int = 300) -> bytes:
    """An MP4 file of clock pictures, numbered from 0."""
    return encode((clock_picture(number, width, height) for number in range(frames)), rate_hz)


@lru_cache(maxsize=8)
def clock_clip(width: int = 320, height: int = 180, rate_hz: int = 30, frames: int = 300) -> Clip:
    """Clock pictures, numbered from 0, ready for the RTSP server. The age of a picture is known modulo its length."""
    return read_clip(BytesIO(clock_video(width, height, rate_hz, frames)))


def transport_segments(video: bytes) -> list[bytes]:
    """Cut an H.264 MP4 file into MPEG-TS segments of one second whose times go on from one to the next."""
    segments: list[BytesIO] = []
    output: Any = None
    with av.open(BytesIO(video)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            if packet.is_keyframe and float(packet.pts * packet.time_base) >= len(segments):
                if output is not None:
                    output.close()
                segments.append(BytesIO())
                output = av.open(segments[-1], "w", format="mpegts")
                copy = output.add_stream_from_template(stream)
            packet.stream = copy
            output.mux(packet)
    output.close()
    return [segment.getvalue() for segment in segments]
