"""Memory that what has ended leaves to others."""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import cache

_M_ARENA_MAX = -8
"""Of glibc's ``mallopt`` (malloc.h)."""
_ARENAS = 2


@cache
def share_arenas() -> None:
    """Let all threads of the process share two of glibc's heaps.

    Lanes and jobs come and go with each change of a model. With a heap for each of them a window grew by 60 MB over
    20,000 frames with swaps (by none with two), and frames a second are the same. Elsewhere there is nothing to do.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, _ARENAS)


def give_back(*, collect: bool = True) -> None:
    """Return freed memory to the system.

    Frames are large and die in many threads; glibc keeps what each thread freed for itself, so that a program which
    starts and stops streams all day seems to grow by tens of megabytes. Elsewhere there is nothing to do.

    Args:
        collect: Look for garbage first, which stops every thread for a moment.
    """
    if collect:
        gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
