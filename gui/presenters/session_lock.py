"""Only one running program writes a session: a lock of the system beside the file, which ends with its process."""

from __future__ import annotations

import sys
from io import FileIO
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class SessionLock:
    """Held from the opening of a session to its end. The empty lock file stays: removing it would race.

    Args:
        session: The file to be written.
    """

    def __init__(self, session: Path) -> None:
        self._path = session.with_name(f".{session.name}.lock")
        self._file: FileIO | None = None

    def take(self) -> bool:
        """Take it; False where another program has it. Twice is once.

        A drive that knows no locks (some network drives) lets everybody have it.

        Raises:
            OSError: The folder cannot be written.
        """
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = FileIO(self._path, "ab")
        if not _lock(file):
            file.close()
            return False
        self._file = file
        return True

    def give_back(self) -> None:
        """Let others have it. Twice is once."""
        if self._file is not None:
            self._file.close()
        self._file = None


if sys.platform == "win32":

    def _lock(file: FileIO) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        except OSError:
            return True
        return True

else:

    def _lock(file: FileIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
