"""Memory that a closed session leaves to others."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """Return freed memory to the system.

    Frames are large and die in many threads; glibc keeps what each thread freed for itself, so that a program which
    starts and stops streams all day seems to grow by tens of megabytes. Elsewhere there is nothing to do.
    """
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
