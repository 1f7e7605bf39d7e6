"""Gets the models that go into an installer: those of the catalogue that are marked with ``bundle``.

``python packaging/inside_models.py [FOLDER]`` takes them from a folder, whatever they are called there, or fetches them
where none is given. What has not the catalogue's SHA-256 does not get in.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.library.catalogue import CatalogueModel, read_catalogue
from engine.library.download import download

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "build" / "models" / "inside"


class MissingModelError(Exception):
    """A folder does not hold a model that is to go in."""


def take(models: Sequence[CatalogueModel], folder: Path, target: Path) -> None:
    """Copy models from a folder, found by what is in the files.

    Raises:
        MissingModelError: One is not there, byte for byte.
    """
    found = {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in sorted(folder.glob("*.onnx"))}
    for model in models:
        if model.sha256 not in found:
            raise MissingModelError(f"{folder} has no file of {model.title} with the SHA-256 {model.sha256}")
        shutil.copyfile(found[model.sha256], target / f"{model.key}.onnx")


def fetch(models: Sequence[CatalogueModel], target: Path) -> None:
    """Download models; each is checked before it is there.

    Raises:
        DownloadError: One cannot be had.
    """
    for model in models:
        print(f"fetching {model.title} ({model.model_bytes / 1e6:.1f} MB) from {model.address}")
        download(replace(model.wanted, target=target / f"{model.key}.onnx"), _Patient())


class _Patient:
    """Nobody watches, and nobody stops it but by Ctrl-C."""

    def progress(self, phase: str, share: float | None = None) -> None:
        """Nobody watches."""

    def wait(self, seconds: float) -> bool:
        """Wait so long."""
        time.sleep(seconds)
        return False


def main(arguments: Sequence[str]) -> None:
    """Fill the folder that the frozen program is built with."""
    models = [model for model in read_catalogue() if model.bundle]
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    if arguments:
        take(models, Path(arguments[0]), TARGET)
    else:
        fetch(models, TARGET)
    print("inside: " + ", ".join(model.title for model in models))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except MissingModelError as error:
        sys.exit(str(error))
