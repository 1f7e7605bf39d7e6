"""The model that comes with the program, as the models page shows it."""

from __future__ import annotations

from dataclasses import replace

from engine.cards import ModelCard, Task
from engine.errors import InferoscopeError
from engine.library.bundled import DEMO_MODEL
from engine.library.store import KnownModel, known_model
from gui.engine_words import as_sentences
from gui.presenters.model_displays import ModelDisplay, model_display
from gui.presenters.port import TaskControl, Tasks
from gui.presenters.titles import model_place, model_title


class BuiltinModel:
    """Reads the demo model once, when somebody looks.

    Args:
        tasks: Run the reading.
    """

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._asked = False
        self._model: KnownModel | None = None
        self._trouble = ""

    def look(self) -> None:
        """Read it, where that was not done yet."""
        if not self._asked:
            self._asked = True
            self._tasks.start("read the demo model", _read, self._on_read, self._on_failed)

    def display(self, *, in_use: bool) -> ModelDisplay | None:
        """Its card, None before it has been read."""
        title = model_title(DEMO_MODEL)
        if self._model is not None:
            return model_display(self._model, title, "", in_use)
        if not self._trouble:
            return None
        return ModelDisplay(
            DEMO_MODEL, title, "", (), self._trouble, in_use, False, model_place(DEMO_MODEL), builtin=True
        )

    @property
    def task(self) -> Task | None:
        """What it answers, None before that is known."""
        return None if self._model is None else self._model.task

    def _on_read(self, card: ModelCard) -> None:
        self._model = known_model(replace(card, path=DEMO_MODEL), 0.0, 0.0)

    def _on_failed(self, error: InferoscopeError) -> None:
        self._trouble = as_sentences(error.what, error.remedy)


def _read(_control: TaskControl) -> ModelCard:
    from engine.library.identify import identify

    return identify(DEMO_MODEL)
