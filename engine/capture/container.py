"""What the bytes of a media file say about it, where the decoder only says no."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from engine.errors import SourceError, SourceReason

_HEAD_BYTES = 4096
_TEXT_BYTES = frozenset(range(32, 256)) | frozenset(b"\t\n\r\f\x1b")
_VIDEO = "a video file (mp4, mov, mkv, webm, avi, ts ..)"
_ISO_FIRST_BOXES = frozenset((b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"))
_EBML_ID, _SEGMENT_ID = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_MPEG_PS = b"\0\0\1\xba"
_SOUND = ((0, b"ID3"), (0, b"\xff\xfb"), (0, b"fLaC"), (8, b"WAVE"))


def check_readable(path: Path) -> None:
    """Make sure that there is a file with something in it that may be read.

    Raises:
        SourceError: Missing, empty, or not to be opened.
    """
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError as error:
        raise SourceError(
            "There is no such file",
            reason=SourceReason.NOT_FOUND,
            subject=str(path),
            remedy="Check the name and the folder",
        ) from error
    except OSError as error:
        raise SourceError(
            "The file cannot be opened",
            subject=str(path),
            expected="a file that you may read",
            remedy="Check its permissions",
            detail=str(error),
        ) from error
    if empty:
        raise SourceError(
            "The file is empty (0 bytes)",
            reason=SourceReason.CODEC,
            subject=str(path),
            remedy="Copy or record it again",
        )


def explain_unreadable(path: Path) -> SourceError:
    """Why no picture came out of a video file, as far as its bytes tell."""
    what, remedy = _diagnose(path)
    return SourceError(what, reason=SourceReason.CODEC, subject=str(path), expected=_VIDEO, remedy=remedy)


def promised_bytes(path: Path) -> int | None:
    """Size of the file as its own headers have it; None where the format does not say.

    A file that is shorter was cut off: interrupted while it was copied or recorded. Read are the sizes of the
    outermost boxes of MP4 and MOV (ISO/IEC 14496-12, 4.2), of the first RIFF chunk of AVI, and of the segment of
    Matroska and WebM (RFC 8794, 4 and 6).
    """
    with path.open("rb") as file:
        head = file.read(12)
        if head[4:8] in _ISO_FIRST_BOXES:
            return max(start + size for _, start, size in _iso_boxes(file))
        if head[:4] == b"RIFF":
            return 8 + int(struct.unpack("<I", head[4:8])[0])
        if head[:4] == _EBML_ID:
            return _matroska_end(file)
    return None


def counts_frames(path: Path) -> bool:
    """True for formats whose headers hold the number of frames (MP4, MOV, AVI); others are an estimate."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] in _ISO_FIRST_BOXES or head[:4] == b"RIFF"


def stamps_pictures(path: Path) -> bool:
    """False for formats that do not say when each picture is shown: AVI has no times, MPEG-PS has them for some."""
    with path.open("rb") as file:
        return file.read(4) not in (b"RIFF", _MPEG_PS)


def _diagnose(path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if _TEXT_BYTES.issuperset(head):
            return "The file holds text, not a video", "Choose another file"
        if any(head[at:].startswith(magic) for at, magic in _SOUND):
            return "The file holds only sound", "Choose a file with pictures"
        if head[4:8] in _ISO_FIRST_BOXES:
            return _diagnose_iso(file)
    return (
        "No picture in the file can be decoded",
        "Play it in another program to check it, or convert it to MP4 (H.264)",
    )


def _diagnose_iso(file: BinaryIO) -> tuple[str, str]:
    index = next(((start, size) for kind, start, size in _iso_boxes(file) if kind == b"moov"), None)
    if index is None:
        return "The video is cut off: the index at its end is missing", "Copy or record it again"
    file.seek(index[0])
    if b"vide" not in file.read(index[1]):
        return "The file holds only sound", "Choose a file with pictures"
    return "The pictures of the video cannot be decoded", "Convert it to MP4 (H.264)"


def _iso_boxes(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and size of the outermost boxes, as far as the file goes."""
    end = file.seek(0, 2)
    start = 0
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        if size == 1:
            size = int.from_bytes(file.read(8), "big")
        elif size == 0:
            size = end - start
        if size < 8 or not kind.isascii():
            return
        yield kind, start, size
        start += size


def _matroska_end(file: BinaryIO) -> int | None:
    file.seek(len(_EBML_ID))
    header_bytes = _variable_integer(file)
    if header_bytes is None:
        return None
    file.seek(header_bytes, 1)
    if file.read(len(_SEGMENT_ID)) != _SEGMENT_ID:
        return None
    segment_bytes = _variable_integer(file)
    return None if segment_bytes is None else file.tell() + segment_bytes


def _variable_integer(file: BinaryIO) -> int | None:
    """An EBML length: the leading zero bits give the number of bytes; all ones mean unknown."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    length = 9 - first[0].bit_length()
    value_bits = 7 * length
    value = int.from_bytes(first + file.read(length - 1), "big") & ((1 << value_bits) - 1)
    return None if value == (1 << value_bits) - 1 else value
