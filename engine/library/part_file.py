"""A file while it is fetched: grows beside its place, goes on after a break, moves into place when it is whole."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from engine.errors import DownloadError

_BLOCK = 2**20
_SPARE_BYTES = 64 * 2**20
"""Left free on the disk, so that the system and our own settings can still be written."""


class PartFile:
    """The unfinished file of a download, ``NAME.part``, with the server's version tag beside it.

    Every method raises ``OSError`` where the system does not let it read or write; what came stays.

    Args:
        target: The file as it will be called.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = target.with_name(f"{target.name}.part")
        self._tag_path = target.with_name(f"{target.name}.part.tag")

    @property
    def size(self) -> int:
        """Bytes that have come so far, 0 where there is no unfinished file."""
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def tag(self) -> str:
        """The server's tag of the version that these bytes belong to, "" where it gave none."""
        try:
            return self._tag_path.read_text(encoding="latin-1")
        except FileNotFoundError:
            return ""

    def prepare(self, size: int) -> None:
        """Make the folder, and see that the rest of ``size`` bytes has room.

        Raises:
            DownloadError: It has not.
        """
        missing = size - self.size
        self._target.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._target.parent).free
        if free < missing + _SPARE_BYTES:
            raise DownloadError(
                "There is too little space on the disk",
                subject=str(self._target.parent),
                expected=f"{(missing + _SPARE_BYTES) / 1e6:.0f} MB free, and {free / 1e6:.0f} MB are",
                remedy="Free some space and try again",
            )

    def append(self, blocks: Callable[[], bytes], most: int, done: Callable[[int], None]) -> bool:
        """Append blocks until an empty one comes; ``done(size)`` is called after each.

        Returns:
            False where the file would have grown beyond ``most`` bytes: the last block is not written then.
        """
        size = self.size
        with self._path.open("ab", buffering=0) as file:
            while block := blocks():
                size += len(block)
                if size > most:
                    return False
                _write(file.fileno(), block)
                done(size)
        return True

    def begin(self, tag: str) -> None:
        """Forget what came before, and note the tag of the version that comes now."""
        self.discard()
        if tag:
            self._tag_path.write_text(tag, encoding="latin-1")

    def discard(self) -> None:
        """Delete what came so far."""
        self._path.unlink(missing_ok=True)
        self._tag_path.unlink(missing_ok=True)

    def digest(self, done: Callable[[], None]) -> str:
        """SHA-256 of what came; ``done`` is called after each megabyte."""
        return digest(self._path, done)

    def finish(self) -> None:
        """Move the whole file into its place."""
        self._path.replace(self._target)
        self._tag_path.unlink(missing_ok=True)


def refusal(target: Path, error: OSError) -> DownloadError:
    """What to say where the system does not let us read or write."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    what = "The disk is full" if full else f"The file cannot be written ({error.strerror or type(error).__name__})"
    remedy = "Free some space and try again" if full else "Check the rights of this folder"
    return DownloadError(what, subject=str(target), remedy=remedy)


def _write(handle: int, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(handle, rest) :]


def digest(path: Path, done: Callable[[], None]) -> str:
    """SHA-256 of a file, hexadecimal; ``done`` is called after each megabyte.

    Raises:
        OSError: The file cannot be read.
    """
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
            done()
    return found.hexdigest()
