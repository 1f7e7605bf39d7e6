"""A model that comes with the program, as the models page shows it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.cards import ModelCard, Task
from engine.errors import InferoscopeError
from engine.library.store import KnownModel, known_model
from gui.engine_words import as_sentences
from gui.presenters.model_displays import ModelDisplay, model_display
from gui.presenters.port import TaskControl, Tasks
from gui.presenters.titles import model_place, model_title


class BuiltinModel:
    """Reads it once, when somebody looks.

    Args:
        path: What it is called.
        tasks: Run the reading.
    """

    def __init__(self, path: Path, tasks: Tasks) -> None:
        self.path = path
        self._tasks = tasks
        self._asked = False
        self._model: KnownModel | None = None
        self._trouble = ""

    def look(self) -> None:
        """Read it, where that was not done yet."""
        if not self._asked:
            self._asked = True
            self._tasks.start(f"read {self.path}", partial(_read, self.path), self._on_read, self._on_failed)

    def display(self, *, in_use: bool) -> ModelDisplay | None:
        """Its card, None before it has been read."""
        title = model_title(self.path)
        if self._model is not None:
            return model_display(self._model, title, "", in_use)
        if not self._trouble:
            return None
        return ModelDisplay(
            self.path, title, "", (), self._trouble, in_use, False, model_place(self.path), builtin=True
        )

    @property
    def task(self) -> Task | None:
        """What it answers, None before that is known."""
        return None if self._model is None else self._model.task

    def _on_read(self, card: ModelCard) -> None:
        self._model = known_model(replace(card, path=self.path), 0.0, 0.0)

    def _on_failed(self, error: InferoscopeError) -> None:
        self._trouble = as_sentences(error.what, error.remedy)


def _read(path: Path, _control: TaskControl) -> ModelCard:
    from engine.library.identify import identify

    return identify(path)
