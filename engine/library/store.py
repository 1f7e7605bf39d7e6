"""The models that a person has added or used, and where their files are. What is away stays listed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engine.cards import ModelCard, Precision, Task
from engine.errors import ModelError
from engine.folders import data_folder, write_atomic
from engine.library.catalogue import models_folder

_VERSION = 1
_MOST = 500
_LARGEST = 16 * 2**20


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of the list: what its card needs to be shown without reading the file.

    Attributes:
        path: The file, absolute.
        sha256: Of the file (of .xml and .bin together for an IR).
        task: What it answers.
        family_title: The name that people know ("YOLOX").
        height, width: Of its input, in pixels.
        classes: Number of classes.
        model_bytes: Size on disk, weights included.
        stored_precision: Number format of its weights.
        added_s, used_s: When it came into the list, and when it last ran; seconds since 1970.
    """

    path: Path
    sha256: str
    task: Task
    family_title: str
    height: int
    width: int
    classes: int
    model_bytes: int
    stored_precision: Precision
    added_s: float
    used_s: float

    @property
    def downloaded(self) -> bool:
        """Whether the program has fetched the file itself, and so may delete it."""
        return self.path.parent == models_folder()


class ModelStore:
    """The list, kept in a file of the data folder. One thread alone.

    Args:
        path: The file; None for the program's own.
        clock: Seconds since 1970.

    Attributes:
        warnings: What could not be read, for the person.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._path = path or data_folder() / "models.json"
        self._clock = clock
        self._models: dict[Path, KnownModel] = {}
        self._damaged = False
        self.warnings: list[str] = []
        self._read()

    @property
    def models(self) -> tuple[KnownModel, ...]:
        """All models, the one that was used last first."""
        return tuple(sorted(self._models.values(), key=lambda model: model.used_s, reverse=True))

    def note(self, card: ModelCard) -> KnownModel:
        """A model was added or used: list it, or list what is now known about it.

        Raises:
            ModelError: The list cannot be kept; it holds until the program ends.
        """
        path, now = card.path.absolute(), self._clock()
        before = self._models.get(path)
        model = known_model(replace(card, path=path), before.added_s if before else now, now)
        self._models[path] = model
        for surplus in self.models[_MOST:]:
            del self._models[surplus.path]
        self._keep()
        return model

    def remove(self, path: Path) -> None:
        """Forget a model; its file stays.

        Raises:
            ModelError: The list cannot be kept.
        """
        if self._models.pop(path, None) is not None:
            self._keep()

    def _read(self) -> None:
        try:
            if self._path.stat().st_size > _LARGEST:
                raise ValueError("it is too large")
            document = json.loads(self._path.read_text(encoding="utf-8"))
            if document["version"] != _VERSION:
                raise ValueError(f"its version is {document['version']}")
            entries = list(document["models"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._report(f"The list of models cannot be read ({error}): {self._path}")
            return
        for entry in entries[:_MOST]:
            self._read_entry(entry)

    def _read_entry(self, entry: Any) -> None:
        try:
            model = _from_json(entry)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            self._report(f"An entry of the list of models cannot be read ({error!r}): {self._path}")
            return
        self._models[model.path] = model

    def _report(self, warning: str) -> None:
        self.warnings.append(warning)
        self._damaged = True

    def _keep(self) -> None:
        document = {"version": _VERSION, "models": [_to_json(model) for model in self.models]}
        try:
            if self._damaged:  # what we could not read may be worth something to a person, or to a newer version
                self._path.replace(self._path.with_suffix(".unreadable.json"))
                self._damaged = False
            write_atomic(self._path, json.dumps(document, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ModelError(
                f"The list of models cannot be kept ({reason})",
                subject=str(self._path),
                remedy="Free some space or check the rights of this folder",
            ) from error


def why_not_available(path: Path) -> str:
    """Why a model's file cannot be used now, "" where it can. May take long: the folder may be on a network.

    The file of an IR's weights counts, too.
    """
    folder = path.parent
    try:
        if not folder.is_dir():
            return f"The folder is not available: {folder}"
        if not path.is_file():
            return "The file is no longer there"
        if path.suffix.lower() == ".xml" and not path.with_suffix(".bin").is_file():
            return f"Its weights are no longer there: {path.with_suffix('.bin').name}"
    except OSError as error:
        return f"The folder cannot be read ({error.strerror}): {folder}"
    return ""


def delete_file(model: KnownModel) -> None:
    """Delete the file of a model that the program has downloaded. One that is gone already is fine.

    Raises:
        ModelError: It is a person's own file, or the system does not let us.
    """
    if not model.downloaded:
        raise ModelError("This file was not downloaded by the program", subject=str(model.path), remedy="Keep it")
    try:
        model.path.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(
            f"The file cannot be deleted ({reason})", subject=str(model.path), remedy="Check its rights"
        ) from error


def known_model(card: ModelCard, added_s: float, used_s: float) -> KnownModel:
    """A model of the list, as its card tells it; times in seconds since 1970."""
    return KnownModel(
        path=card.path,
        sha256=card.sha256,
        task=card.task,
        family_title=card.family_title,
        height=card.input.height,
        width=card.input.width,
        classes=len(card.class_names),
        model_bytes=card.model_bytes,
        stored_precision=card.stored_precision,
        added_s=added_s,
        used_s=used_s,
    )


def _to_json(model: KnownModel) -> dict[str, Any]:
    return {**asdict(model), "path": str(model.path)}


def _from_json(entry: Any) -> KnownModel:
    path = Path(str(entry["path"]))
    if not path.is_absolute():
        raise ValueError(f"{path} is not absolute")
    return KnownModel(
        path=path,
        sha256=str(entry["sha256"]),
        task=Task(entry["task"]),
        family_title=str(entry["family_title"]),
        height=int(entry["height"]),
        width=int(entry["width"]),
        classes=int(entry["classes"]),
        model_bytes=int(entry["model_bytes"]),
        stored_precision=Precision(entry["stored_precision"]),
        added_s=float(entry["added_s"]),
        used_s=float(entry["used_s"]),
    )
