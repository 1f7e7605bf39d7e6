"""One picture, or the pictures of a folder in their natural order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.capture.base import SourceBase
from engine.capture.picture import Picture, read_picture
from engine.capture.picture_files import list_pictures
from engine.capture.source import Ended, SourceInfo, SourceOptions, SourceState, Wait
from engine.errors import SourceError, SourceReason
from engine.frames import Frame

_NAMED = 3
"""So many unreadable pictures are named in the warning; all are counted."""


class ImagesSource(SourceBase):
    """Gives each picture once, numbered by its place in the folder, from 0.

    A picture of a folder that cannot be read is left out: its number is missing, and ``info.warnings`` counts it.
    """

    def __init__(self, address: str, options: SourceOptions) -> None:
        del options  # Nothing about a picture can be chosen.
        super().__init__(address, live=False)
        self._path = Path(address).expanduser()
        self._is_folder = False
        self._paths: list[Path] = []
        self._next = 0
        self._held: dict[Path, Picture] = {}
        self._unreadable: list[Path] = []

    def open(self) -> None:
        """List the pictures and read the first one.

        Raises:
            SourceError: There is no picture, or none that can be read.
        """
        self._enter(SourceState.CONNECTING)
        self._is_folder = self._path.is_dir()
        self._paths = list_pictures(self._path) if self._is_folder else [self._path]
        first = self._find_first()
        height, width = first.image.shape[:2]
        self._info = SourceInfo(
            kind="folder" if self._is_folder else "image",
            title=self._path.resolve().name,
            width=width,
            height=height,
            rate_hz=None,
            frames=len(self._paths),
            duration_s=None,
            codec=first.codec,
            live=False,
            seekable=True,
        )
        self._note_unreadable()
        self._enter(SourceState.LIVE)

    def read(self) -> Frame | Wait | Ended:
        """The next picture; ``Wait(0)`` after one that had to be left out.

        Raises:
            SourceError: The only picture cannot be read.
        """
        if self._next >= len(self._paths):
            self._enter(SourceState.ENDED)
            return Ended()
        path, sequence = self._paths[self._next], self._next
        self._next += 1
        picture = self._read(path)
        if picture is None:
            self._note_unreadable()
            return Wait(0.0)
        if picture.depth_bits not in (8, 16):
            self._warn(f"A 16-bit picture uses {picture.depth_bits} bits only: its full scale is taken to be that")
        return self._frame(picture.image, sequence, source_id=str(path))

    def seek_frame(self, index: int) -> None:
        """The next picture is number ``index``."""
        self._next = max(0, index)
        self._enter(SourceState.LIVE)

    def seek_time(self, seconds: float) -> None:
        """Go to the first picture; pictures have no other time than 0.

        Raises:
            SourceError: The time is not 0.
        """
        if seconds > 0.0:
            raise SourceError("Pictures have no time", subject=self.source_id, remedy="Start at 0, or choose a number")
        self.seek_frame(0)

    def close(self) -> None:
        """Forget the pictures."""
        self._held.clear()
        if self._status.state is SourceState.LIVE:
            self._enter(SourceState.STOPPED)

    def _find_first(self) -> Picture:
        for path in self._paths:
            picture = self._read(path)
            if picture is not None:
                self._held[path] = picture
                return picture
        raise SourceError(
            "None of the pictures in the folder can be read",
            reason=SourceReason.CODEC,
            subject=str(self._path),
            remedy="Save them again as PNG or JPEG",
        )

    def _read(self, path: Path) -> Picture | None:
        """The picture, or None for one of a folder that cannot be read."""
        if path in self._held:
            return self._held.pop(path)
        if path in self._unreadable:
            return None
        try:
            return read_picture(path)
        except SourceError:
            if not self._is_folder:
                raise
            self._unreadable.append(path)
            return None

    def _note_unreadable(self) -> None:
        if not self._unreadable or self._info is None:
            return
        count, names = len(self._unreadable), ", ".join(path.name for path in self._unreadable[:_NAMED])
        names += ", .." if count > _NAMED else ""
        text = f"{count} of {len(self._paths)} pictures cannot be read and are left out: {names}"
        others = (warning for warning in self._info.warnings if "are left out" not in warning)
        self._info = replace(self._info, warnings=(*others, text))
        self._enter(self._status.state, text)
