"""Downloads: go on after a break, try again after trouble, and take only what was promised."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from engine.errors import DownloadError
from engine.library.http_fetch import InterruptedFetchError, Limits, fetch_rest
from engine.library.part_file import PartFile, digest, refusal
from engine.library.wanted import Wanted

_LOOK_S = 0.1
_TELL_S = 1.0
_CLAIMED: dict[Path, object] = {}
"""Files that are being fetched. ``setdefault`` is one step, so two threads cannot both get a file."""


class Control(Protocol):
    """Who wants a file: the own end of a background task."""

    def progress(self, phase: str, share: float | None = None) -> None:
        """A phase begins or goes on; raises ``CancelledError`` when nobody wants the file any more."""

    def wait(self, seconds: float) -> bool:
        """Wait so long; True, at once, when nobody wants the file any more."""


def download(wanted: Wanted, control: Control, limits: Limits | None = None) -> Path:
    """Fetch a file, or the rest of it. A file that is there already and is right is taken as it is.

    When cancelled, or given up, what came stays and the next call goes on from there.

    Returns:
        The file, whole and checked.

    Raises:
        DownloadError: It cannot be had; says why.
        CancelledError: From ``control``.
    """
    with _claimed(wanted.target, control):
        if not _is_right(wanted, control):
            _fetch_and_check(wanted, PartFile(wanted.target), control, limits or Limits())
    return wanted.target


def bytes_so_far(target: Path) -> int:
    """What has come of a download that was broken off, in bytes.

    Raises:
        DownloadError: The folder cannot be read.
    """
    try:
        return PartFile(target).size
    except OSError as error:
        raise refusal(target, error) from error


def discard(target: Path, control: Control) -> None:
    """Delete what has come of a download, after it has let go of its file.

    Raises:
        DownloadError: The system does not let us.
    """
    with _claimed(target, control):
        PartFile(target).discard()


@contextmanager
def _claimed(target: Path, control: Control) -> Iterator[None]:
    """Hold a file alone, and say what the system refuses. One cancelled just now may still wait for its server."""
    mine = object()
    while _CLAIMED.setdefault(target, mine) is not mine:
        control.progress("Waiting for the connection of before to close")
        control.wait(_LOOK_S)
    try:
        yield
    except OSError as error:
        raise refusal(target, error) from error
    finally:
        del _CLAIMED[target]


def _is_right(wanted: Wanted, control: Control) -> bool:
    try:
        if wanted.target.stat().st_size != wanted.size:
            return False
        return digest(wanted.target, lambda: control.progress("Checking")) == wanted.sha256
    except OSError:
        return False  # what cannot be read is fetched anew


def _fetch_and_check(wanted: Wanted, part: PartFile, control: Control, limits: Limits) -> None:
    if part.size > wanted.size:
        part.discard()
    part.prepare(wanted.size)
    _fetch(wanted, part, control, limits)
    _check(wanted, part, control)
    part.finish()


def _fetch(wanted: Wanted, part: PartFile, control: Control, limits: Limits) -> None:
    """Try until the file is whole. Tries count from the last one that brought something new."""
    best, tries = part.size, 0
    while part.size < wanted.size:
        control.progress("Connecting", part.size / wanted.size)
        try:
            fetch_rest(wanted, part, limits, lambda size: control.progress("Downloading", size / wanted.size))
        except InterruptedFetchError as trouble:
            tries = 1 if part.size > best else tries + 1
            best = max(best, part.size)
            if tries >= limits.tries:
                raise _given_up(wanted, trouble) from trouble
            _pause(trouble, tries, part.size / wanted.size, control, limits)


def _pause(trouble: InterruptedFetchError, tries: int, share: float, control: Control, limits: Limits) -> None:
    length_s = min(limits.longest_pause_s, max(trouble.wait_s, limits.first_pause_s * 2 ** (tries - 1)))
    until = time.monotonic() + length_s
    while (left_s := until - time.monotonic()) > 0:
        control.progress(f"{trouble.reason}. Trying again in {left_s:.0f} s", share)
        control.wait(min(_TELL_S, left_s))


def _given_up(wanted: Wanted, trouble: InterruptedFetchError) -> DownloadError:
    return DownloadError(
        trouble.reason,
        subject=wanted.address,
        remedy="Check the network and try again: what has come is kept",
        detail=trouble.detail,
    )


def _check(wanted: Wanted, part: PartFile, control: Control) -> None:
    """The whole file is the promised one, or it goes."""
    found = part.digest(lambda: control.progress("Checking", 1.0))
    if found != wanted.sha256:
        part.discard()
        raise DownloadError(
            "The file that came is not the one in the catalogue, so it was deleted",
            subject=wanted.address,
            remedy="Try again; if it happens again, the file was changed at its source",
            detail=f"SHA-256 expected {wanted.sha256}, got {found}",
        )
