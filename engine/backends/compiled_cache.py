"""Compiled models on disk: what is read back is what was written, or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.backends.backend import CompileRequest
from engine.cards import ModelCard
from engine.folders import cache_folder, write_atomic

LARGEST = 2 << 30
"""Bytes kept in all; above that the entries that were not used for longest go."""

_FORMAT = 2
"""Counted up when what is compiled for a request changes: how pixels become the input, what entries contain."""


@dataclass(frozen=True, slots=True)
class CachedModel:
    """A compiled model as the runtime wrote it, with facts about it that cost time to find out."""

    data: bytes
    facts: Mapping[str, Any]


def compiled_key(request: CompileRequest, *parts: object) -> str | None:
    """Name of the entry for a model with its input, and ``parts`` (runtime, version, device, settings).

    None where the card's hash does not cover the weights (they lie in further files), so that a changed model could
    be taken for the old one.
    """
    card = request.card
    if not request.cache or not card.sha256 or card.model_bytes != _hashed_bytes(card):
        return None
    return key_of(card.sha256, asdict(card.input), *parts)


def key_of(*parts: object) -> str:
    """Name of the entry for anything that is told apart by ``parts``."""
    return hashlib.sha256(repr((_FORMAT, *parts)).encode()).hexdigest()


def _hashed_bytes(card: ModelCard) -> int:
    files = [card.path, card.path.with_suffix(".bin")] if card.file_format == "openvino_ir" else [card.path]
    return sum(file.stat().st_size for file in files)


class CompiledCache:
    """The entries in the program's cache folder. Several processes may use it at once."""

    def __init__(self, largest: int = LARGEST) -> None:
        self.folder = cache_folder() / "compiled"
        self._largest = largest

    def read(self, key: str) -> CachedModel | None:
        """The entry, or None where there is none; a damaged one is thrown away."""
        path = self._path(key)
        try:
            content = path.read_bytes()
            path.touch()
        except OSError:
            return None
        head, _, rest = content.partition(b"\n")
        facts, _, data = rest.partition(b"\n")
        if head != _digest(facts, data):
            self.discard(key)
            return None
        return CachedModel(data, json.loads(facts))

    def write(self, key: str, data: bytes, facts: Mapping[str, Any] | None = None) -> str:
        """Keep an entry and make room for it; why that failed, as a sentence, "" where it did not.

        A cache that cannot be written costs time, not the model: a full disk or a read-only folder is a warning.
        """
        known = json.dumps(facts or {}).encode()
        try:
            write_atomic(self._path(key), b"\n".join((_digest(known, data), known, data)))
            self.make_room()
        except OSError as error:
            return _not_kept(error)
        return ""

    def make_folder(self, name: str) -> str:
        """Make a folder for a runtime that keeps models by itself; why that failed, as ``write`` says it."""
        try:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return _not_kept(error)
        return ""

    def discard(self, key: str) -> None:
        """Forget an entry that is damaged or that the runtime does not take."""
        self._path(key).unlink(missing_ok=True)

    def make_room(self) -> None:
        """Drop what was not used for longest until the rest fits; files of runtimes with a cache of their own too."""
        entries = sorted((path for path in self.folder.rglob("*") if path.is_file()), key=_last_used)
        kept = sum(_size(entry) for entry in entries)
        for entry in entries[:-1]:
            if kept <= self._largest:
                return
            kept -= _size(entry)
            entry.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.model"


def _not_kept(error: OSError) -> str:
    return f"The compiled model could not be kept for the next start: {error.strerror}"


def _digest(facts: bytes, data: bytes) -> bytes:
    digest = hashlib.sha256(facts)
    digest.update(data)
    return digest.hexdigest().encode()


def _last_used(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
