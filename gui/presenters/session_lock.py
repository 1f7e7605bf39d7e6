"""Only one running program writes a session: a lock of the system beside the file, which ends with its process."""

from __future__ import annotations

from io import FileIO
from pathlib import Path

from engine.file_lock import lock


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
        if not lock(file):
            file.close()
            return False
        self._file = file
        return True

    def give_back(self) -> None:
        """Let others have it. Twice is once."""
        if self._file is not None:
            self._file.close()
        self._file = None
