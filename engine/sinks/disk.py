"""Files that are written whole or not at all, and what a disk refuses, in words."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from engine.errors import SinkError

_FULL = ("The disk is full", "Free some space or choose another disk")
_IN_THE_WAY = ("There is a file where the folder should be", "Choose another folder")
_REASONS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: ("The disk quota is used up", "Free some space or choose another disk"),
    errno.EFBIG: ("The file has become larger than it may be", "Record in shorter parts or choose another disk"),
    errno.EACCES: ("It may not be written", "Choose another folder or change its permissions"),
    errno.EPERM: ("It may not be written", "Choose another folder or change its permissions"),
    errno.EROFS: ("The disk is read-only", "Choose another folder"),
    errno.ENOENT: ("The folder does not exist", "Create it or choose another folder"),
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
    errno.EISDIR: ("It is a folder, not a file", "Choose a file name"),
    errno.ENAMETOOLONG: ("The file name is too long", "Choose a shorter name"),
}


def refusal(path: Path, error: OSError) -> SinkError:
    """What a person is told when a file cannot be written."""
    what, remedy = _REASONS.get(error.errno or 0, ("It cannot be written", "Choose another folder"))
    return SinkError(what, subject=str(path), remedy=remedy, detail=str(error))


def require_writable(path: Path) -> None:
    """Check that a file can be made in its folder, without leaving anything there or touching what is there.

    Raises:
        SinkError: It cannot.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise refusal(path, error) from error


def require_space(path: Path, free_bytes: int) -> None:
    """Check that the disk of a file has this much space left.

    Raises:
        SinkError: It has less.
    """
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        raise refusal(path, error) from error
    if free < free_bytes:
        raise SinkError(
            f"The disk is almost full: {free // 1_000_000} MB are free",
            subject=str(path),
            expected=f"at least {free_bytes // 1_000_000} MB",
            remedy=_FULL[1],
        )


def partial(path: Path, suffix: str | None = None) -> Path:
    """Name of a file while it is not whole: ``cars.part.mp4`` for ``cars.mp4``, in the same folder."""
    return path.with_name(f"{path.stem}.part{path.suffix if suffix is None else suffix}")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that replaces another one only when it is complete.

    Raises:
        SinkError: It cannot be written; nothing is left behind and what was there before is untouched.
    """
    unfinished = partial(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        try:
            unfinished.write_bytes(content)
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise refusal(path, error) from error


def place_together(pairs: Sequence[tuple[Path, Path]], bring: Callable[[Path, Path], object] = shutil.copyfile) -> None:
    """Put files that belong together in their places: all or none.

    Args:
        pairs: File and place; the file that is opened, and leads to the others, comes last.
        bring: Copies or moves a file.

    Raises:
        SinkError: The disk refuses.
    """
    opened = pairs[-1][1]
    try:
        for file, place in pairs:
            bring(file, partial(place))
        if len(pairs) > 1:
            opened.unlink(missing_ok=True)  # A graph must not be seen with the weights of another.
        for _, place in pairs:
            partial(place).replace(place)
    except OSError as error:
        raise refusal(opened, error) from error
    finally:
        for _, place in pairs:
            with suppress(OSError):  # The disk has refused already.
                partial(place).unlink(missing_ok=True)
