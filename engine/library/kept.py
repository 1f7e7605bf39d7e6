"""Small documents about a model, each in a file of the data folder that is named by the model's SHA-256."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import ModelError
from engine.folders import data_folder, write_atomic


@dataclass(frozen=True, slots=True)
class Shelf:
    """Documents of one kind.

    Attributes:
        folder: Name of their folder.
        refused: What is told when one cannot be written or deleted.
    """

    folder: str
    refused: str

    def path(self, sha256: str) -> Path:
        """The file of a model's document."""
        return data_folder() / self.folder / f"{sha256}.json"

    def store(self, sha256: str, document: Mapping[str, Any]) -> None:
        """Keep a document. Whole or not at all: it is written beside and moved into place.

        Raises:
            ModelError: It cannot be written.
        """
        path = self.path(sha256)
        try:
            write_atomic(path, json.dumps(document, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            raise self._not_kept(path, error) from error

    def forget(self, sha256: str) -> bool:
        """Delete a document; False where there was none.

        Raises:
            ModelError: It cannot be deleted.
        """
        path = self.path(sha256)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._not_kept(path, error) from error
        return True

    def _not_kept(self, path: Path, error: OSError) -> ModelError:
        reason = error.strerror or type(error).__name__
        remedy = "Free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "Check its rights"
        return ModelError(f"{self.refused} ({reason})", subject=str(path), remedy=remedy)
