"""What goes into the archive beside what lies in the program's folders: data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """What a running window knows.

    Attributes:
        session: File of the session; None for the one that comes back by itself.
        documents: Name of a file in the archive -> what it is to hold, as JSON can.
        secret_addresses: Addresses with their logins, as far as they are known.
    """

    session: Path | None = None
    documents: Mapping[str, Any] = field(default_factory=dict)
    secret_addresses: tuple[str, ...] = field(default=(), repr=False)
