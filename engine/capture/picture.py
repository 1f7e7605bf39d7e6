"""Any picture file as 8-bit BGR, upright."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.capture.container import check_readable
from engine.errors import SourceError, SourceReason
from engine.frames import Image
from engine.opencv import MOST_PIXELS, cv2

_MOST_BYTES = 1 << 30
_PICTURE = "a picture (jpg, png, webp, bmp, tif, ppm, jp2 or avif)"
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND"
_PNG_ALPHA_TYPES = (4, 6)
_DEPTHS_BITS = (8, 10, 12, 14, 16)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture file.

    Attributes:
        image: uint8 (H, W, 3), BGR, turned as its EXIF orientation says. What is transparent shows white.
        depth_bits: Bits of each channel that are in use: 8, or 10 to 16 for a 16-bit file.
        codec: Short name of the format.
    """

    image: Image
    depth_bits: int
    codec: str


def read_picture(path: Path) -> Picture:
    """Read a picture file.

    Grey becomes three equal channels, CMYK becomes BGR. Transparent parts of PNG and WebP are laid over white, as a
    browser shows them. A 16-bit file is scaled from the fewest of 8, 10, 12, 14 or 16 bits that hold its brightest
    value, so that the pictures of 12-bit cameras are not black.

    Raises:
        SourceError: It is missing, empty, no picture, cut off, too large, or of floating-point pixels.
    """
    data = _read_bytes(path)
    if data.startswith(_PNG) and _PNG_END not in data[-1024:] and _PNG_END not in data:
        raise _unreadable(path, "The picture is cut off", "Copy it again")
    pixels = _decode(data, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH, path)
    if _has_alpha(data):
        pixels = _on_white(pixels, _decode(data, cv2.IMREAD_UNCHANGED, path))
    image, depth_bits = _to_8_bit(pixels, path)
    return Picture(image, depth_bits, path.suffix.lower().lstrip("."))


def _read_bytes(path: Path) -> bytes:
    check_readable(path)
    if path.stat().st_size > _MOST_BYTES:
        raise _unreadable(path, f"The picture file is larger than {_MOST_BYTES >> 20} MiB", "Make it smaller")
    return path.read_bytes()


def _decode(data: bytes, flags: int, path: Path) -> NDArray[Any]:
    # Decoding bytes finds names that imread, which takes the system's code page on Windows, does not.
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in str(error):
            what = f"The picture has more than {MOST_PIXELS / 1e6:.0f} million pixels"
            raise _unreadable(path, what, "Make it smaller") from error
        raise _unreadable(path, "The picture cannot be decoded", "Save it again as PNG", str(error)) from error
    if pixels is None:
        raise _unreadable(path, "The file is not a picture, or it is damaged", "Save it again as PNG")
    return cast(NDArray[Any], pixels)


def _unreadable(path: Path, what: str, remedy: str, detail: str = "") -> SourceError:
    return SourceError(
        what, reason=SourceReason.CODEC, subject=str(path), expected=_PICTURE, remedy=remedy, detail=detail
    )


def _has_alpha(data: bytes) -> bool:
    """Whether a PNG (colour type, or a tRNS chunk before the pixels) or a WebP (flag in VP8X or VP8L) says so."""
    if data.startswith(_PNG):
        return data[25] in _PNG_ALPHA_TYPES or b"tRNS" in data[: data.find(b"IDAT")]
    if data[8:12] == b"WEBP":
        return (data[12:16] == b"VP8X" and bool(data[20] & 0x10)) or (data[12:16] == b"VP8L" and bool(data[24] & 0x10))
    return False


def _on_white(colour: NDArray[Any], unchanged: NDArray[Any]) -> NDArray[Any]:
    """Lay a picture over white by its alpha channel; ``colour`` is the same picture without it."""
    if unchanged.ndim != 3 or unchanged.shape[2] != 4 or unchanged.shape[:2] != colour.shape[:2]:
        return colour
    white = np.iinfo(colour.dtype).max
    opacity = unchanged[:, :, 3:].astype(np.float32) / white
    if opacity.min() == 1.0:
        return colour
    return (colour * opacity + (white * (1.0 - opacity)) + 0.5).astype(colour.dtype)


def _to_8_bit(pixels: NDArray[Any], path: Path) -> tuple[Image, int]:
    if pixels.dtype == np.uint8:
        return cast(Image, pixels), 8
    if pixels.dtype != np.uint16:
        raise _unreadable(path, f"Pixels of type {pixels.dtype} are not supported", "Save it again with 8 or 16 bits")
    brightest = int(pixels.max())
    depth_bits = next(bits for bits in _DEPTHS_BITS if brightest < 1 << bits)
    return cast(Image, cv2.convertScaleAbs(pixels, alpha=255.0 / ((1 << depth_bits) - 1))), depth_bits
