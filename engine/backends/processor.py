"""The processor that runtimes share: its name and how many cores this process may use."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from pathlib import Path

import psutil


@cache
def core_count() -> int:
    """Cores that this process may use; two threads of one core count once, for dense arithmetic gains nothing there."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


@cache
def processor_name() -> str:
    """What the maker calls it ("AMD EPYC 9004"), or the architecture where the system does not tell."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def machine() -> str:
    """The processor and its cores, in words."""
    cores = core_count()
    return f"{processor_name()}, {cores} core{'s' if cores > 1 else ''}"
