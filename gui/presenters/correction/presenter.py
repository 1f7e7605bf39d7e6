"""Holds what a person says of a model, and looks in the background what that would change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from engine.cards import ModelCard
from engine.errors import InferoscopeError
from engine.frames import FrameResult
from engine.library.correcting import FAMILY
from engine.library.corrections import Correction
from engine.library.identify import forget, identify
from engine.library.side_files import read_class_names
from engine.overlay import Style
from gui.engine_words import as_sentence, happened, translated
from gui.presenters.correction.form import INPUT_KEYS, FieldState, fields
from gui.presenters.correction.work import found_words, keep_correction, stored_correction
from gui.presenters.live import Look
from gui.presenters.model_words import sure_words
from gui.presenters.port import EnginePort, Picture, Task, TaskControl, Tasks
from gui.presenters.titles import model_title
from gui.presenters.workspace import WorkspaceStore
from gui.texts import text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FormState:
    """The left side.

    Attributes:
        title: Name of the file.
        fields: What can be said.
        names: What was said of the class names, one per line.
        names_now: Which names are used, and where they are from.
        taken_for: What the model is taken for, and how sure that is.
        evidence, notes: What speaks for it, and what to think about.
        error: Why it cannot be as it is said, "" where it can.
        usable: Something is said that was not said before.
        forgettable: Something was said before.
    """

    title: str = ""
    fields: tuple[FieldState, ...] = ()
    names: str = ""
    names_now: str = ""
    taken_for: str = ""
    evidence: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
    usable: bool = False
    forgettable: bool = False


@dataclass(frozen=True, slots=True)
class PreviewState:
    """The right side.

    Attributes:
        picture: With what was found last, None where there is no picture.
        look: How it is drawn.
        found: What is found now, and what was before.
        busy: What goes on, "" while nothing does.
        error: Why nothing was found out, "" where something was.
    """

    picture: Picture | None = None
    look: Look = field(default_factory=Look)
    found: str = ""
    busy: str = ""
    error: str = ""


class CorrectionView(Protocol):
    """What the presenter needs of the dialog."""

    def show_form(self, state: FormState) -> None:
        """Show what can be said."""

    def show_preview(self, state: PreviewState) -> None:
        """Show what comes of it."""

    def close_dialog(self) -> None:
        """It is done."""


class CorrectionPresenter:
    """Corrects the model of the selected tile, which must have one.

    Each change makes a new generation. One look is under way at a time; what it finds counts if nothing was changed in
    the meantime, and is discarded else. What was shown stays until there is something newer.

    Args:
        view: The dialog.
        store: Tells tile and model.
        engine: Gives the picture, analyses it, and loads the model again at the end.
        tasks: For what takes longer than a frame.
    """

    def __init__(self, view: CorrectionView, store: WorkspaceStore, engine: EnginePort, tasks: Tasks) -> None:
        now = store.now
        model = now.model_of(now.selected)
        if model is None:
            raise ValueError("The selected tile has no model")
        self._view, self._engine, self._tasks = view, engine, tasks
        self._model_id, self._path, self._tile = model.model_id, model.path, now.tile(now.selected)
        self._stored = self._said = Correction()
        self._own: dict[str, str] = {}
        self._first: ModelCard | None = None
        self._card: ModelCard | None = None
        self._before = ""
        self._generation = 0
        self._wanted = True
        self._task: Task | None = None
        picture = engine.picture(self._tile.tile_id)
        style = Style(hidden_classes=self._tile.hidden_classes, class_colours=self._tile.class_colours)
        self._preview = PreviewState(Picture(picture.frame) if picture else None, Look(style=style))
        self._form = FormState()
        self._show_form()
        self._read_stored()

    # What a person says -------------------------------------------------------------------------------------------

    def on_change(self, key: str, value: str) -> None:
        """A setting is changed; ``on_settled`` tells when there was a moment's rest."""
        settings = dict(self._said.settings)
        if key == FAMILY:
            # Options belong to a family; what was said of the picture stays.
            settings = {k: v for k, v in settings.items() if k in INPUT_KEYS}
        settings.pop(key, None)
        if value and value != self._own.get(key):
            settings[key] = value
        self._say(replace(self._said, settings=settings))

    def on_reset(self, key: str) -> None:
        """Take what the program found."""
        self.on_change(key, "")
        self.on_settled()

    def on_names(self, words: str) -> None:
        """Class names, one per line; none takes what the program found."""
        names = tuple(line.strip() for line in words.splitlines() if line.strip())
        if names != self._said.names:
            self._say(replace(self._said, names=names, names_from=""))

    def on_names_file(self, file: Path) -> None:
        """Class names from a file."""

        def done(names: tuple[str, ...]) -> None:
            self._say(replace(self._said, names=names, names_from=file.name))
            self.on_settled()

        name = text("Correction", "Reading the class names")
        self._tasks.start(name, lambda _control: read_class_names(file), done, self._on_refused)

    def on_settled(self) -> None:
        """A moment passed without a change: look what comes of it."""
        self._wanted = True
        self._go_on()

    def on_take_picture(self) -> None:
        """Look at what the stream shows now."""
        picture = self._engine.picture(self._tile.tile_id)
        if picture is not None:
            self._generation += 1
            self._before = "" if self._first else self._before
            self._show_preview(picture=Picture(picture.frame), found="", error="")
            self.on_settled()

    def on_use(self) -> None:
        """Keep what was said, and load the model with it."""
        path, said = self._path, self._said
        self._finish(text("Correction", "Keeping the correction"), lambda _control: keep_correction(path, said))

    def on_forget(self) -> None:
        """Forget what was said, now and before, and load the model as the program takes it."""
        path = self._path
        self._finish(text("Correction", "Forgetting the correction"), lambda _control: forget(path))

    def on_closed(self) -> None:
        """The dialog is gone: nobody wants an answer any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _say(self, said: Correction) -> None:
        if said != self._said:
            self._said = said
            self._generation += 1
            self._show_form()

    def _finish(self, name: str, work: Callable[[TaskControl], Any]) -> None:
        def done(_answer: Any) -> None:
            self._engine.reload(self._model_id)
            self._view.close_dialog()

        self._tasks.start(name, work, done, self._on_refused)

    def _on_refused(self, error: InferoscopeError) -> None:
        self._show_form(error=_words(error))

    # Looking ------------------------------------------------------------------------------------------------------

    def _read_stored(self) -> None:
        path = self._path

        def done(stored: Correction) -> None:
            self._task, self._stored = None, stored
            self._said = stored.merged(self._said)
            self._go_on()

        def failed(error: InferoscopeError) -> None:
            self._task = None
            self._show_form(error=_words(error))
            self._go_on()

        name = text("Correction", "Reading the model")
        self._task = self._tasks.start(name, lambda _control: stored_correction(path), done, failed)
        self._show_preview(busy=name)

    def _go_on(self) -> None:
        """Look at the newest generation, unless a look is under way or nobody asked for one."""
        if self._task is None and self._wanted:
            self._wanted = False
            said, path = self._said, self._path
            name = text("Correction", "Identifying the model")
            self._look(name, lambda _control: identify(path, correction=said), self._on_card, self._on_misfit)

    def _look(
        self,
        name: str,
        work: Callable[[TaskControl], T],
        done: Callable[[T], None],
        failed: Callable[[InferoscopeError], None],
    ) -> None:
        """Start what is under way; its answer counts for the generation of now alone."""
        generation = self._generation

        def settle(answer: Callable[[], None]) -> None:
            self._task = None
            if generation == self._generation:
                answer()
            else:
                self._show_preview(busy="")
                self._go_on()

        self._task = self._tasks.start(
            name, work, lambda found: settle(lambda: done(found)), lambda error: settle(lambda: failed(error))
        )
        self._show_preview(busy=name)

    def _on_card(self, card: ModelCard) -> None:
        self._card = card
        self._first = self._first or (card if not self._before else None)
        self._own = {f.key: f.value for f in fields(card, {}) if f.key not in self._said.settings} | self._own_family()
        self._show_form()
        if self._preview.picture is None:
            self._show_preview(busy="", error="", found=text("Correction", "Start the stream to see a preview."))
        else:
            self._analyse(card, self._preview.picture)

    def _own_family(self) -> dict[str, str]:
        """The family that the program found, which is remembered while another one is said."""
        return {FAMILY: self._own[FAMILY]} if FAMILY in self._own else {}

    def _on_misfit(self, error: InferoscopeError) -> None:
        """The model cannot be what it is said to be."""
        if self._first is None:
            self._before = text("Correction", "it was not recognised")
        self._show_form(error=_words(error))
        self._show_preview(busy="")

    def _analyse(self, card: ModelCard, picture: Picture) -> None:
        """Analyse the picture: as the model was taken before where that is not known, then as it is said now."""
        asked = card if self._before or self._first is None else self._first

        def done(result: FrameResult | None, error: InferoscopeError | None) -> None:
            if asked is self._first and not self._before:
                self._before = found_words(asked, result.result) if result else text("Correction", "it failed")
            if asked is card:
                self._on_found(card, result, error)
            else:
                self._analyse(card, picture)

        self._look(
            text("Correction", "Analysing the picture"),
            self._engine.analyse(asked, picture.frame, self._tile.thresholds),
            lambda result: done(result, None),
            lambda error: done(None, error),
        )

    def _on_found(self, card: ModelCard, result: FrameResult | None, error: InferoscopeError | None) -> None:
        if result is None:
            self._show_preview(busy="", found="", error=_words(error) if error else "")
            return
        words = text("Correction", "Now: {now}. Before: {before}.")
        found = words.format(now=found_words(card, result.result), before=self._before)
        self._show_preview(picture=Picture(result.frame, result), busy="", found=found, error="")

    # Showing ------------------------------------------------------------------------------------------------------

    def _show_form(self, error: str = "") -> None:
        card, said = self._card, self._said
        state = FormState(
            title=model_title(self._path),
            fields=fields(card, said.settings),
            names="\n".join(said.names),
            names_now=_names_now(card),
            taken_for=f"{translated(card.family_title)}, {sure_words(card)}" if card else "",
            evidence=tuple(translated(sentence) for sentence in card.evidence) if card else (),
            notes=tuple(translated(sentence) for sentence in (*card.questions, *card.warnings)) if card else (),
            error=error,
            usable=said != self._stored,
            forgettable=bool(self._stored),
        )
        if state != self._form:
            self._form = state
            self._view.show_form(state)

    def _show_preview(self, **changes: Any) -> None:
        self._preview = replace(self._preview, **changes)
        self._view.show_preview(self._preview)


def _words(error: InferoscopeError) -> str:
    """What happened and what to do; the file is known to whoever reads it here."""
    return " ".join(filter(None, (happened(error), as_sentence(error.remedy))))


def _names_now(card: ModelCard | None) -> str:
    if card is None:
        return ""
    if not card.class_names:
        return text("Correction", "Their number is not known.")
    words = text("Correction", "Now {count}, from {source}: {names} …")
    some = ", ".join(card.class_names[:3])
    return words.format(count=len(card.class_names), source=translated(card.class_names_from), names=some)
