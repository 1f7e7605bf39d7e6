"""What a download is to fetch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch, and what is promised about it.

    Attributes:
        address: https; http is taken from 127.0.0.1 alone, and only where that is asked for.
        target: Where it goes.
        size: In bytes.
        sha256: Hexadecimal.
    """

    address: str
    target: Path
    size: int
    sha256: str
