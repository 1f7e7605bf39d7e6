"""Only one recording writes a file: a lock of the system on the unfinished one, which ends with its process."""

from __future__ import annotations

import sys
from io import FileIO
from pathlib import Path

from engine.errors import SinkError
from engine.sinks.disk import refusal

if sys.platform != "win32":
    import fcntl


class Claim:
    """Held from the opening of a recording to its end. What a dead process left unfinished may be claimed again.

    Where the system has no such locks (Windows, some network drives) nothing is held.

    Args:
        path: The file as it will be called.
        unfinished: The file as it is called while it grows; what stands in it is left alone.
    """

    def __init__(self, path: Path, unfinished: Path) -> None:
        self._path = path
        self._unfinished = unfinished
        self._file: FileIO | None = None

    def take(self) -> None:
        """Claim it.

        Raises:
            SinkError: Somebody else has, or the file cannot be made.
        """
        if sys.platform == "win32":
            return
        try:
            self._file = FileIO(self._unfinished, "ab")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._release()
            raise SinkError(
                "Another recording to this file is running", subject=str(self._path), remedy="Choose another file"
            ) from error
        except OSError as error:
            if self._file is None:
                raise refusal(self._path, error) from error
            self._release()  # this drive knows no locks

    def give_back(self) -> None:
        """Let others have it; a file that was made for the claim alone is removed. Twice is once."""
        if self._file is None:
            return
        if self._unfinished.exists() and not self._unfinished.stat().st_size:
            self._unfinished.unlink()
        self._release()

    def _release(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None
