"""The models page: what a person has, and what they may download."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from engine.cards import ModelCard, Task
from engine.errors import InferoscopeError, ModelError
from engine.library.bundled import inside_models, is_inside
from engine.library.catalogue import CatalogueModel
from engine.library.store import KnownModel, ModelStore, delete_file
from engine.optimise.shelf import is_variant
from gui.engine_words import in_full, translated
from gui.presenters.model_adding import Added, read_models
from gui.presenters.model_availability import ModelAvailability
from gui.presenters.model_builtin import BuiltinModel
from gui.presenters.model_displays import (
    Message,
    ModelDisplay,
    OfferDisplay,
    model_display,
    offer_display,
)
from gui.presenters.model_downloads import ModelDownloads
from gui.presenters.model_variants import ModelVariants
from gui.presenters.model_words import task_words
from gui.presenters.port import EnginePort, Tasks
from gui.presenters.port import Task as BackgroundTask
from gui.presenters.problems import Problems
from gui.presenters.workspace import WorkspaceStore
from gui.texts import text


class ModelsView(Protocol):
    """What the page shows."""

    def show_tasks(self, tasks: tuple[tuple[str, str], ...]) -> None:
        """What can be filtered by: value and words, the first one for all."""

    def show_models(self, models: tuple[ModelDisplay, ...], *, filtered: bool) -> None:
        """The person's models; ``filtered`` where some may be hidden by the search."""

    def show_catalogue(self, offers: tuple[OfferDisplay, ...]) -> None:
        """Models that may be downloaded."""

    def show_message(self, message: Message | None) -> None:
        """What just happened, or is going on; None for nothing."""


class ModelsPresenter:
    """Decides what the models page shows and does what is asked there.

    Args:
        view: The page.
        store: Of the workspace: takes the model that is used.
        engine: Knows the cards of models in use.
        tasks: Run what takes long.
        problems: Told of everything that fails.
        model_store: The person's models.
        catalogue: The open models.
        show_page: Goes to another page by its name.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        view: ModelsView,
        store: WorkspaceStore,
        engine: EnginePort,
        tasks: Tasks,
        problems: Problems,
        *,
        model_store: ModelStore,
        catalogue: tuple[CatalogueModel, ...],
        show_page: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._tasks = tasks
        self._problems = problems
        self._models = model_store
        self._catalogue = {model.key: model for model in catalogue}
        self._show_page = show_page
        self._availability = ModelAvailability(tasks, clock)
        self._builtin = [BuiltinModel(path, tasks) for path in inside_models()]
        self._variants = ModelVariants(tasks, clock)
        self._downloads = ModelDownloads(tasks, problems, self._on_downloaded, clock)
        self._adding: BackgroundTask | None = None
        self._noted: dict[str, str] = {}
        self._search, self._task = "", ""
        self._message: Message | None = None
        self._shown: tuple[object, ...] = (None, None, None)
        self._measured = False
        view.show_tasks(_task_choices(catalogue))
        for warning in model_store.warnings:
            remedy = text("Models", "Add the models that are missing again")
            problems.add(text("Models", "My models"), ModelError(warning, remedy=remedy))

    def watch(self) -> None:
        """List the person's models that are used anywhere. Called once a second, whether the page is visible or not."""
        models = [m for m in self._store.now.models if not is_inside(m.path) and not is_variant(m.path)]
        self._noted = {m.model_id: self._noted[m.model_id] for m in models if m.model_id in self._noted}
        for model in models:
            card = self._engine.model_state(model.model_id).card
            if card is not None and self._noted.get(model.model_id) != card.sha256:
                self._noted[model.model_id] = card.sha256
                self._note(card)

    def refresh(self) -> None:
        """Show what is the case. Called twice a second while the page is visible."""
        if not self._measured:
            self._measured = True
            self._downloads.measure(*self._catalogue.values())
        for builtin in self._builtin:
            builtin.look()
        self._variants.look()
        self._availability.look(model.path for model in self._models.models)
        self._show()

    def _show(self) -> None:
        """Hand the view what differs from what it shows."""
        models, offers = self._model_displays(), self._offer_displays()
        message = self._busy() or self._message
        before, self._shown = self._shown, ((models, self._filtered), offers, message)
        if before[0] != self._shown[0]:
            self._view.show_models(models, filtered=self._filtered)
        if before[1] != offers:
            self._view.show_catalogue(offers)
        if before[2] != message:
            self._view.show_message(message)

    @property
    def _filtered(self) -> bool:
        return bool(self._search or self._task)

    def _model_displays(self) -> tuple[ModelDisplay, ...]:
        titles = {model.sha256: model.title for model in self._catalogue.values()}
        used = {model.path for model in self._store.now.models}
        used |= self._variants.originals(used)
        displays = [
            replace(
                model_display(
                    model, titles.get(model.sha256), self._availability.reason(model.path), model.path in used
                ),
                variants=self._variants.words(model.path, model.sha256),
            )
            for model in self._models.models
            if self._task in ("", model.task)
        ]
        for builtin in self._builtin:
            display = builtin.display(in_use=builtin.path in used)
            if display is not None and self._task in ("", builtin.task):
                displays.append(replace(display, variants=self._variants.words(builtin.path, "")))
        return tuple(d for d in displays if self._matches(d.title, d.subtitle, *d.facts, d.path.name))

    def _offer_displays(self) -> tuple[OfferDisplay, ...]:
        owned = {model.sha256: model.path for model in self._models.models if self._is_there(model)}
        inside = {builtin.path.name: builtin.path for builtin in self._builtin}
        owned |= {model.sha256: inside[key] for key, model in self._catalogue.items() if key in inside}
        displays = (
            offer_display(model, self._downloads.sample(model), owned.get(model.sha256))
            for model in self._catalogue.values()
            if self._task in ("", model.task)
        )
        return tuple(d for d in displays if self._matches(d.title, d.subtitle, d.about, d.licence))

    def _is_there(self, model: KnownModel) -> bool:
        return not self._availability.reason(model.path)

    def _matches(self, *texts: str) -> bool:
        return all(word in " ".join(texts).lower() for word in self._search.lower().split())

    def _busy(self) -> Message | None:
        if self._adding is None:
            return None
        return Message("busy", translated(self._adding.phase), share=self._adding.share)

    def on_search(self, words: str) -> None:
        """Show models with these words alone."""
        self._search = words.strip()
        self._show()

    def on_task(self, task: str) -> None:
        """Show models of this task alone; "" for all."""
        self._task = task
        self._show()

    def on_add(self, paths: Sequence[Path]) -> None:
        """Read files, or the models of folders, and list them."""
        if self._adding is not None or not paths:
            return
        files = tuple(Path(path).absolute() for path in paths)
        self._message = None
        self._adding = self._tasks.start(
            "add models", lambda control: read_models(files, control), self._on_read, self._on_not_read
        )
        self._show()

    def on_cancel_add(self) -> None:
        """Stop reading; nothing is listed."""
        if self._adding is not None:
            self._adding.cancel()
            self._adding = None
            self._show()

    def _on_read(self, added: Added) -> None:
        self._adding = None
        for card in added.cards:
            self._note(card)
        for path, error in added.errors:
            self._problems.add(path.name, error)
        self._message = _told(added)
        self._show()

    def _on_not_read(self, error: InferoscopeError) -> None:
        self._adding = None
        self._problems.add(text("Models", "My models"), error)
        self._message = Message("error", in_full(error))
        self._show()

    def on_dismiss(self) -> None:
        """The message has been read."""
        self._message = None
        self._show()

    def on_use(self, path: Path) -> None:
        """Let a model analyse the selected tile, and go and look."""
        self._message = None
        self._store.use_model(path)
        self._show_page("live")

    def on_remove(self, path: Path) -> None:
        """Take a model off the list; its file stays."""
        self._kept(lambda: self._models.remove(path))
        self._show()

    def on_delete_file(self, path: Path) -> None:
        """Delete the file of a downloaded model, and take it off the list."""
        model = next((m for m in self._models.models if m.path == path), None)
        if model is not None:
            self._tasks.start(
                f"delete {path.name}",
                lambda _control: delete_file(model),
                lambda _deleted: self.on_remove(path),
                lambda error: self._on_failed(path.name, error),
            )

    def on_folder_not_opened(self, path: Path) -> None:
        """The system has no program that shows folders."""
        what = text("Models", "The folder cannot be shown by a program of this computer")
        self._on_failed(
            path.name, ModelError(what, subject=str(path.parent), remedy=text("Models", "Open the folder yourself"))
        )

    def on_download(self, key: str) -> None:
        """Fetch an open model, or the rest of it."""
        self._downloads.start(self._catalogue[key])
        self._show()

    def on_cancel_download(self, key: str) -> None:
        """Stop fetching; what has come stays, to go on from."""
        self._downloads.cancel(self._catalogue[key])
        self._show()

    def on_discard_download(self, key: str) -> None:
        """Delete what has come."""
        self._downloads.discard(self._catalogue[key])
        self._show()

    def _on_downloaded(self, model: CatalogueModel, card: ModelCard) -> None:
        self._note(card)
        done = text("Models", "{title} is now one of your models.").format(title=model.title)
        self._message = Message("good", done, use=card.path)
        self._show()

    def _note(self, card: ModelCard) -> None:
        self._availability.look_soon(card.path)
        self._kept(lambda: self._models.note(card))

    def _kept(self, change: Callable[[], object]) -> None:
        try:
            change()
        except ModelError as error:
            self._on_failed(text("Models", "My models"), error)

    def _on_failed(self, about: str, error: InferoscopeError) -> None:
        self._problems.add(about, error)
        self._message = Message("error", in_full(error))
        self._show()


def _task_choices(catalogue: tuple[CatalogueModel, ...]) -> tuple[tuple[str, str], ...]:
    """All tasks that models can have, those of the catalogue first."""
    tasks = dict.fromkeys((*(model.task for model in catalogue), *Task))
    return (("", text("Models", "All tasks")), *((task.value, task_words(task)) for task in tasks))


def _told(added: Added) -> Message:
    """What came of files that were added."""
    if added.errors:
        _path, error = added.errors[0]
        more = len(added.errors) - 1
        rest = text("Models", "{count} more could not be added, see Problems.").format(count=more) if more else ""
        return Message("error", f"{in_full(error)} {rest}".strip())
    if len(added.cards) == 1:
        card = added.cards[0]
        words = text("Models", "Added {name}: {task}.").format(name=card.path.name, task=task_words(card.task))
        return Message("good", words, use=card.path)
    return Message("good", text("Models", "Added {count} models.").format(count=len(added.cards)))
