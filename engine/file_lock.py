"""Locks of the system on files: they end with their process, however it ends."""

from __future__ import annotations

import os
import sys
from io import FileIO

if sys.platform == "win32":
    import msvcrt

    _FAR = 2**30
    """The byte that is locked there. Nobody else may read a locked byte, so it lies behind all that is written."""

    def lock(file: FileIO) -> bool:
        """Have this file alone until it is closed; False where another program has it.

        A drive that knows no locks (some network drives) lets everybody have it.
        """
        place = file.tell()
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        except OSError:
            return True
        finally:
            file.seek(place)
        return True

else:
    import fcntl

    def lock(file: FileIO) -> bool:
        """Have this file alone until it is closed; False where another program has it.

        A drive that knows no locks (some network drives) lets everybody have it.
        """
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True


def is_still_there(file: FileIO) -> bool:
    """Whether an open file still has its name: whoever had it before may have removed it in between."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(file.name))  # noqa: PTH116 - the name is text
    except FileNotFoundError:
        return False
