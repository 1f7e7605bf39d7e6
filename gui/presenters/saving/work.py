"""What takes longer than a frame: it is done in the background, from values alone."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import SinkError
from engine.frames import Frame, FrameResult
from engine.overlay import Style
from engine.sinks.disk import refusal
from engine.sinks.snapshot import save_snapshot
from gui.presenters.port import Picture, RecordingPlan, TileRecording
from gui.presenters.quantities import bytes_words
from gui.presenters.saving.names import claimed, free_stem, require_folder
from gui.texts import text

_RECORDING_ENDINGS = (".mp4", ".webm", ".jsonl", ".csv", ".part.mp4", ".part.webm", ".recording.mp4")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture to be saved.

    Attributes:
        picture: What was shown when the person wanted it.
        stem: Its name without an ending.
        ending: ".png" or ".jpg".
        style: How results are drawn, None for the picture as it came.
        with_record: Save the results, too.
    """

    picture: Picture
    stem: str
    ending: str
    style: Style | None
    with_record: bool

    def save(self, folder: Path) -> Path:
        """Write it under a name that was free.

        Raises:
            FolderError: The folder is gone.
            SinkError: The disk does not take it; nothing is left behind.
        """
        require_folder(folder)
        path = claimed(folder, self.stem, self.ending)
        try:
            save_snapshot(_as_seen(self.picture), path, self.style, with_record=self.with_record)
        except SinkError:
            if not path.stat().st_size:
                path.unlink()
            raise
        return path


def _as_seen(picture: Picture) -> FrameResult | Frame:
    """The newest frame with the boxes that were on it, be they of a frame before."""
    result, frame = picture.result, picture.frame
    if result is None:
        return frame
    is_same_size = (frame.width, frame.height) == (result.frame.width, result.frame.height)
    return replace(result, frame=frame) if is_same_size else result


def checked(plan: RecordingPlan) -> RecordingPlan:
    """The plan, with names that are free.

    Raises:
        FolderError: The folder is gone.
        SinkError: Too little space is left.
    """
    require_folder(plan.folder)
    free = free_bytes(plan.folder)
    if free <= plan.keep_free_bytes:
        raise SinkError(
            text("Saving", "Nothing can be recorded: {free} are free on its disk").format(free=bytes_words(free)),
            subject=str(plan.folder),
            expected=text("Saving", "more than {kept}").format(kept=bytes_words(plan.keep_free_bytes)),
            remedy=text("Saving", "Free some space, choose another folder, or keep less free in the settings"),
        )
    return replace(plan, tiles=_freely_named(plan.tiles, plan.folder))


def _freely_named(tiles: Sequence[TileRecording], folder: Path) -> tuple[TileRecording, ...]:
    named: list[TileRecording] = []
    for tile in tiles:
        taken = {other.stem for other in named}
        named.append(replace(tile, stem=free_stem(folder, tile.stem, _RECORDING_ENDINGS, taken)))
    return tuple(named)


def free_bytes(folder: Path) -> int:
    """Space left on the disk of a folder.

    Raises:
        FolderError: The folder is gone.
        SinkError: The system does not tell.
    """
    require_folder(folder)
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise refusal(folder, error) from error
