"""What is told about snapshots and recordings, and what is asked of who tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SavingDisplay:
    """Snapshots and recordings at one moment.

    Attributes:
        recording: Whether frames are written; False while files are only finished.
        finishing: While files are finished, how much of that is done, 0 to 1; else None.
        elapsed: Length of the recording ("1:02:03"), "" without one.
        frames: How much was written, in words ("12,345 frames"), "" without a recording.
        warning: What a person should know about the disk or the recording, "" for nothing.
        said: What was just saved, in words, "" for nothing.
        last_file: What was just saved, None for nothing.
        folder: Where files go, "" while that has not been chosen.
        free: Space left there, in words, "" where it is not known.
    """

    recording: bool = False
    finishing: float | None = None
    elapsed: str = ""
    frames: str = ""
    warning: str = ""
    said: str = ""
    last_file: Path | None = None
    folder: str = ""
    free: str = ""


class SavingView(Protocol):
    """A strip in the status bar."""

    def show_saving(self, display: SavingDisplay) -> None:
        """Show it."""

    def ask_folder(self, reason: str, folder: str) -> None:
        """Let the person choose a folder, later: ``on_folder_chosen`` or ``on_folder_not_chosen`` is told.

        Args:
            reason: Why it is asked for, "" where the person wanted to change it.
            folder: To begin with, "" for the system's folder of pictures.
        """

    def open_path(self, path: Path) -> bool:
        """Open a file or a folder with the system's program for it; whether there is one."""
