"""What becomes of a variant that was applied: it loads while the stream goes on, and then runs."""

from __future__ import annotations

from dataclasses import dataclass

from gui.engine_words import in_full
from gui.presenters.model_displays import Message
from gui.presenters.port import EnginePort
from gui.presenters.workspace import ModelChoice, Workspace
from gui.texts import text


@dataclass(frozen=True, slots=True)
class Swap:
    """A row that was applied.

    Attributes:
        title: Of the row.
        tile_id: Where it is to run.
        choice: What that tile was told to run.
        besides: What is to be known of it, too; "" for nothing.
    """

    title: str
    tile_id: str
    choice: ModelChoice
    besides: str = ""

    @property
    def coming(self) -> Message:
        """What is said until it runs."""
        words = text("Optimise", "{title} takes over as soon as it is loaded; the stream goes on meanwhile.")
        return self._said(words)

    def message(self, now: Workspace, engine: EnginePort) -> Message | None:
        """What is to be said at this moment; None where something else was chosen meanwhile."""
        model = now.model_of(self.tile_id)
        if model is None or (model.path, model.precision) != (self.choice.path, self.choice.precision):
            return None
        state = engine.model_state(model.model_id)
        if state.error is not None:
            return Message("error", in_full(state.error))
        if state.loading is not None or state.report is None:
            return self.coming
        return self._said(text("Optimise", "{title} runs now."))

    def _said(self, words: str) -> Message:
        return Message("good", f"{words.format(title=self.title)} {self.besides}".rstrip())
