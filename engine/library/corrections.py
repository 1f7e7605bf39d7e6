"""What a person corrected about a model, kept by the file's SHA-256 and used next time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import ModelError
from engine.library.kept import Shelf
from engine.library.metadata import names_from
from engine.library.side_files import read_class_names

_LARGEST = 16 * 2**20
_VERSION = 1
_SHELF = Shelf("corrections", "The correction cannot be written")


@dataclass(frozen=True, slots=True)
class Correction:
    """Settings that go before what the program found, as a person wrote them, and class names.

    Attributes:
        settings: "family", a field of the input ("fit", "pad", "colour", "mean", "scale", "size", "batch"),
            or an option of the decoder -> value.
        names: Class names, empty where they are not corrected.
        names_from: Name of the file that they were read from.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    names_from: str = ""

    def __bool__(self) -> bool:
        return bool(self.settings or self.names)

    def merged(self, newer: Correction) -> Correction:
        """This correction with a newer one on top."""
        names, names_from_ = (newer.names, newer.names_from) if newer.names else (self.names, self.names_from)
        return Correction({**self.settings, **newer.settings}, names, names_from_)


def parse_settings(pairs: Sequence[str]) -> Correction:
    """A correction from "key=value" texts; ``names=FILE`` reads the names at once.

    Raises:
        ModelError: A text is no pair, or the names cannot be read.
    """
    settings: dict[str, str] = {}
    correction = Correction(settings)
    for pair in pairs:
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not (key and equals and value):
            raise ModelError(
                "This is no setting",
                subject=pair,
                expected="key=value, such as family=yolox",
                remedy="Correct the model card",
            )
        if key == "names":
            file = Path(value)
            correction = Correction(settings, read_class_names(file), file.name)
        else:
            settings[key] = value
    return correction


def load_correction(sha256: str) -> Correction:
    """The stored correction of a model; an empty one where there is none.

    Raises:
        ModelError: What is stored cannot be read.
    """
    path = _SHELF.path(sha256)
    try:
        if not path.is_file():
            return Correction()
        document = json.loads(path.read_text(encoding="utf-8")) if path.stat().st_size <= _LARGEST else None
        return _from_json(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            "The stored correction of this model cannot be read",
            subject=str(path),
            remedy="Delete this file, or forget the correction (inspect MODEL --forget)",
            detail=repr(error),
        ) from error


def _from_json(document: Any) -> Correction:
    settings = {str(key): str(value) for key, value in document["settings"].items()}
    return Correction(settings, names_from(document["names"]), str(document["names_from"]))


def store_correction(sha256: str, correction: Correction) -> None:
    """Keep a correction. Whole or not at all: it is written beside and moved into place.

    Raises:
        ModelError: It cannot be written.
    """
    document = {
        "version": _VERSION,
        "settings": dict(correction.settings),
        "names": list(correction.names),
        "names_from": correction.names_from,
    }
    _SHELF.store(sha256, document)


def forget_correction(sha256: str) -> bool:
    """Delete a correction; False where there was none.

    Raises:
        ModelError: It cannot be deleted.
    """
    return _SHELF.forget(sha256)
