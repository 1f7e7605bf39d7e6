"""The catalogue of open models: what may be downloaded, from where, under which licence."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.cards import Task
from engine.folders import data_folder
from engine.library.bundled import bundled
from engine.library.wanted import Wanted


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """An open model that a person may download.

    Attributes:
        key: Never shown, never changed.
        title: The name that people know.
        task: What it answers.
        about: What it is for, one plain sentence.
        height, width: Of its input, in pixels.
        classes: What it tells apart.
        source: Who publishes it ("OpenCV Zoo").
        home: Web page of the model.
        licence: Short name of its licence (SPDX).
        address: Of the file.
        model_bytes: Size of the file.
        sha256: Of the file, hexadecimal.
        bundle: Whether installers bring it.
    """

    key: str
    title: str
    task: Task
    about: str
    height: int
    width: int
    classes: int
    source: str
    home: str
    licence: str
    address: str
    model_bytes: int
    sha256: str
    bundle: bool = False

    @property
    def target(self) -> Path:
        """Where its file goes."""
        return models_folder() / self.address.rsplit("/", 1)[-1]

    @property
    def wanted(self) -> Wanted:
        """What a download of it must fetch."""
        return Wanted(self.address, self.target, self.model_bytes, self.sha256)


def models_folder() -> Path:
    """Folder of the models that the program has downloaded."""
    return data_folder() / "models"


def read_catalogue(path: Path | None = None) -> tuple[CatalogueModel, ...]:
    """The models of a catalogue, in its order.

    Args:
        path: The file; None for the one that comes with the program.

    Raises:
        FileNotFoundError, KeyError, ValueError: The installation is broken.
    """
    document = tomllib.loads((path or bundled("catalogue.toml")).read_text(encoding="utf-8"))
    repositories = document["repositories"]
    return tuple(_model(entry, repositories[entry["repository"]]) for entry in document["models"])


def _model(entry: Mapping[str, Any], repository: Mapping[str, str]) -> CatalogueModel:
    path = entry["path"]
    return CatalogueModel(
        key=entry["key"],
        title=entry["title"],
        task=Task(entry["task"]),
        about=entry["about"],
        height=entry["height"],
        width=entry["width"],
        classes=entry["classes"],
        source=repository["title"],
        home=f"{repository['home']}/{path.rsplit('/', 1)[0]}",
        licence=entry["licence"],
        address=f"{repository['files']}/{path}",
        model_bytes=entry["bytes"],
        sha256=entry["sha256"],
        bundle=entry.get("bundle", False),
    )
