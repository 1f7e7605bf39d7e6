"""What goes into the archive beside what lies in the program's folders: data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.addresses import is_network_address


@dataclass(frozen=True, slots=True)
class Known:
    """What a running window knows.

    Attributes:
        session: File of the session; None for the one that comes back by itself.
        documents: Name of a file in the archive -> what it is to hold, as JSON can.
        cameras: Of each tile that is open: its name, and its source where that is a camera or an address.
        secret_addresses: Addresses with their logins, as far as they are known.
    """

    session: Path | None = None
    documents: Mapping[str, Any] = field(default_factory=dict)
    cameras: tuple[tuple[str, ...], ...] = ()
    secret_addresses: tuple[str, ...] = field(default=(), repr=False)


def camera_names(name: str, source: str) -> tuple[str, ...]:
    """What tells of a tile: the name that a person gave it, and its source unless that is a file."""
    return (name, source) if is_network_address(source) or source.startswith("camera:") else (name,)
