"""Reading the model files that a person names or drops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.cards import ModelCard
from engine.errors import InferoscopeError, ModelError
from gui.presenters.port import TaskControl
from gui.texts import text

MOST = 100
_SUFFIXES = (".onnx", ".xml")


@dataclass(frozen=True, slots=True)
class Added:
    """The models that were read, and the files that are none, with the reason."""

    cards: tuple[ModelCard, ...]
    errors: tuple[tuple[Path, InferoscopeError], ...]


def read_models(paths: Iterable[Path], control: TaskControl) -> Added:
    """Identify files; of a folder, the models directly inside. Runs in a task.

    Raises:
        CancelledError: From ``control``.
    """
    from engine.library.identify import identify

    cards: list[ModelCard] = []
    errors: list[tuple[Path, InferoscopeError]] = []
    files = tuple(_files(paths))
    if len(files) > MOST:
        what = text("Models", "Only {count} files are added at a time").format(count=MOST)
        errors.append((files[MOST], ModelError(what, remedy=text("Models", "Add the others afterwards"))))
        files = files[:MOST]
    for number, file in enumerate(files):
        control.progress(text("Models", "Reading {name}").format(name=file.name), number / len(files))
        try:
            cards.append(identify(file))
        except ModelError as error:
            errors.append((file, error))
    return Added(tuple(cards), tuple(errors))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """A folder without models stays itself, and identifying it says so."""
    for path in paths:
        yield from _inside(path) or [path]


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.suffix.lower() in _SUFFIXES)
    except OSError:
        return []  # a file, or a folder that cannot be read: identifying it says what is wrong
