"""What was opened lately, newest first, without secrets."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from engine.addresses import is_network_address, redact
from engine.folders import data_folder, write_atomic

_log = logging.getLogger(__name__)

MOST = 20
_LARGEST_BYTES = 2**18


class SourceHistory:
    """Addresses and files that were opened, kept in a file. GUI thread alone.

    A history that cannot be read or written is a note in the log: nobody needs it to work.

    Args:
        path: The file; None for the program's own.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or data_folder() / "recent.json"
        self._items = self._read()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses of streams, secrets replaced by ``***``."""
        return tuple(item for item in self._items if is_network_address(item))

    @property
    def files(self) -> tuple[str, ...]:
        """Files and folders of pictures."""
        return tuple(item for item in self._items if not is_network_address(item))

    def add(self, source: str) -> None:
        """It was opened now."""
        shown = redact(source)
        same_kind, others = self.files, self.addresses
        if is_network_address(shown):
            same_kind, others = others, same_kind
        self._put((shown, *(item for item in same_kind if item != shown))[:MOST] + others)

    def remove(self, source: str) -> None:
        """Forget that it was opened."""
        self._put(tuple(item for item in self._items if item != source))

    def _put(self, items: tuple[str, ...]) -> None:
        if items == self._items:
            return
        self._items = items
        try:
            write_atomic(self._path, json.dumps(items, indent=2).encode())
        except OSError as error:
            _log.warning("What was opened lately cannot be kept: %s", error)

    def _read(self) -> tuple[str, ...]:
        try:
            with self._path.open("rb") as file:
                document = json.loads(file.read(_LARGEST_BYTES))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("What was opened lately cannot be read: %s", error)
            return ()
        items = document if isinstance(document, list) else []
        return tuple(redact(item) for item in items if isinstance(item, str) and item)[: 2 * MOST]
