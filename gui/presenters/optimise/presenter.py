"""Leads through optimising: what is wanted, what is being done, what came of it, and what is swapped in."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from engine.capture.source import SourceOptions
from engine.capture.tap import TappedSource
from engine.cards import Precision
from engine.errors import InferoscopeError
from engine.optimise.candidate import ORIGINAL
from engine.optimise.plan import Finding, Plan, Progress, StepState
from engine.optimise.recommend import cautions
from gui.engine_words import in_full, translated
from gui.presenters.model_displays import Message
from gui.presenters.optimise.display import Comparison, Results, Running, Setup
from gui.presenters.optimise.results import comparison, recommended, results, row_key, with_kept
from gui.presenters.optimise.setup import Wanted, chosen_kinds, running, setup, source_tile, warnings
from gui.presenters.optimise.swap import Swap
from gui.presenters.optimise.undertaking import Job, Undertaking
from gui.presenters.optimise.words import HALVES, finding_title
from gui.presenters.optimise.work import Subject, export_files, keep_findings, look, save_report
from gui.presenters.port import EnginePort, Task, Tasks
from gui.presenters.problems import Problems
from gui.presenters.titles import model_title
from gui.presenters.workspace import ModelChoice, Tile, WorkspaceStore
from gui.texts import text

INT8 = {"openvino": "openvino-int8", "onnxruntime": "onnx-int8"}
"""Backend -> the INT8 variant that is made for it."""


class OptimiseView(Protocol):
    """The page."""

    def show_setup(self, setup: Setup) -> None:
        """What is wanted."""

    def show_running(self, running: Running | None) -> None:
        """What is being done; None while nothing is."""

    def show_results(self, results: Results) -> None:
        """Table and plot."""

    def show_selected(self, key: str, comparison: Comparison | None) -> None:
        """The row that is looked at, "" for none, and a frame through it where there is one."""

    def show_message(self, message: Message | None) -> None:
        """What just happened; None for nothing."""


class OptimisePresenter:
    """Drives the page. ``refresh`` is called four times a second while it is visible or ``busy``.

    Args:
        view: The page.
        store: What variants are swapped into.
        engine: Knows sources, models and what runs.
        tasks: Run what takes long.
        problems: Told of everything that fails.
        make_job: Makes the job of a plan.
        show_page: Goes to a page by its name.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        view: OptimiseView,
        store: WorkspaceStore,
        engine: EnginePort,
        tasks: Tasks,
        problems: Problems,
        *,
        make_job: Callable[[Plan], Job],
        show_page: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._tasks = tasks
        self._problems = problems
        self._make_job = make_job
        self._show_page = show_page
        self._clock = clock
        self._wanted = Wanted()
        self._asked: Path | None = None
        self._looking: Task | None = None
        self._then: Callable[[Subject], None] | None = None
        self._subject: Subject | None = None
        self._running: Undertaking | None = None
        self._last: Progress | None = None
        self._kept: tuple[Finding, ...] = ()
        self._keeping = False
        self._selected, self._frame = "", 0
        self._message: Message | None = None
        self._swap: Swap | None = None
        self._shown: dict[str, object] = {}

    @property
    def busy(self) -> bool:
        """Whether something is being built or measured."""
        return self._running is not None

    @property
    def message(self) -> Message | None:
        """What just happened, None for nothing."""
        return self._message

    @property
    def position(self) -> dict[str, int]:
        """At which step it is, from 1, and of how many."""
        steps = self._progress.steps if self._progress is not None else ()
        over = sum(step.state in (StepState.DONE, StepState.REFUSED) for step in steps)
        return {"number": min(over + 1, len(steps)), "count": len(steps)}

    # What is shown ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again, and show what has changed."""
        if self._running is not None:
            self._running.feed(self._engine)
            self._keep()
        else:
            self._follow_model()
        self._follow_swap()
        self._show()

    def _show(self) -> None:
        subject, findings = self._subject, self._findings
        card = subject.card if subject else None
        model = subject.path if subject else self._asked
        self._tell("setup", setup(self._wanted, self._store.now, self._engine, model, card), self._view.show_setup)
        self._tell("running", self._running_display(), self._view.show_running)
        self._tell("results", self._results(), self._view.show_results)
        self._tell("message", self._message, self._view.show_message)
        selected = (self._selected, self._frame, findings)
        if self._shown.get("selected") != selected:
            self._shown["selected"] = selected
            self._view.show_selected(self._selected, comparison(findings, self._selected, self._frame))

    def _tell(self, key: str, state: object, show: Callable[..., None]) -> None:
        if key not in self._shown or self._shown[key] != state:
            self._shown[key] = state
            show(state)

    def _running_display(self) -> Running | None:
        if self._running is None:
            return None
        name = self._subject.path if self._subject else self._running.plan.card.path
        return running(self._running.progress, self._running.elapsed_s, model_title(name))

    @property
    def _progress(self) -> Progress | None:
        return self._running.progress if self._running is not None else self._last

    @property
    def _findings(self) -> tuple[Finding, ...]:
        """What is known of the model: what was measured now, and beside it what was kept."""
        fresh = self._progress.findings if self._progress is not None else ()
        return with_kept(fresh, self._subject.findings if self._subject is not None else ())

    def _results(self) -> Results:
        steps = self._progress.steps if self._progress is not None else ()
        path = self._subject.path if self._subject else Path()
        reported = self._subject is not None and self._subject.reported
        saveable = not self.busy and (reported or (self._last is not None and self._last.report is not None))
        return results(
            self._findings,
            steps,
            self._wanted.limit,
            self._store.now.model_of(self._store.now.selected),
            original_path=path,
            saveable=saveable,
        )

    # The model ----------------------------------------------------------------------------------------------------

    def _follow_model(self) -> None:
        """Look at the model that is chosen, or else at that of the selected tile."""
        present = self._store.now.model_of(self._store.now.selected)
        path = self._wanted.model or (present.path if present else None)
        if path == self._asked or (path is not None and self._subject is not None and self._subject.knows(path)):
            return
        self._asked = path
        self._forget()
        if path is not None:
            self._look(path)

    def _forget(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        self._looking, self._subject, self._last = None, None, None
        self._selected, self._frame, self._message = "", 0, None

    def _look(self, path: Path) -> None:
        self._looking = self._tasks.start(
            f"look at {path.name}", lambda control: look(path, control), self._on_looked, self._on_failed
        )

    def _on_looked(self, subject: Subject) -> None:
        self._looking, self._subject = None, subject
        then, self._then = self._then, None
        if then is not None:
            then(subject)
        self._show()

    # What is wanted -----------------------------------------------------------------------------------------------

    def on_model_chosen(self, path: str) -> None:
        """Another model."""
        self._want(model=Path(path), asked="")
        self.refresh()

    def on_source_chosen(self, source: str) -> None:
        """Frames from elsewhere: a tile or a file, or what was chosen before."""
        if source != self._wanted.source:
            self._want(source=source, pictures=False, labels=None)

    def on_folder_chosen(self, folder: str) -> None:
        """Frames from a folder of pictures, which may have labels."""
        self._want(source=folder, pictures=True, labels=None)

    def on_labels_chosen(self, path: Path | None) -> None:
        """Labels of the pictures, None for none."""
        self._want(labels=path)

    def on_variant_checked(self, key: str, checked: bool) -> None:
        """A variant is wanted, or is not."""
        variants = self._wanted.variants | {key} if checked else self._wanted.variants - {key}
        self._want(variants=variants, asked=self._wanted.asked if self._wanted.asked in variants else "")

    def on_loss_changed(self, percent: int) -> None:
        """How much may be lost: what there is already is judged by it at once."""
        self._want(loss_percent=percent)

    def on_swap_checked(self, checked: bool) -> None:
        """Swap in what is best when it is ready, or leave everything as it is."""
        self._want(swap=checked)

    def _want(self, **changes: object) -> None:
        self._wanted = replace(self._wanted, **changes)  # type: ignore[arg-type]
        self._show()

    def on_int8_wanted(self) -> None:
        """INT8 was chosen for a model that has none: swap in what was built before, or offer to build it."""
        now = self._store.now
        present = now.model_of(now.selected)
        if present is None or self.busy:
            self._show_page("optimise")
            return
        self._want(model=None)
        self._then = partial(self._offer_int8, INT8.get(present.backend, INT8["openvino"]))
        self._follow_model()
        if self._looking is None and self._subject is not None:
            self._on_looked(self._subject)

    def _offer_int8(self, name: str, subject: Subject) -> None:
        """Take what was built before, where it keeps within the limit; else show the page."""
        if (best := recommended(self._findings, self._wanted.limit, name)) is not None:
            self._apply(best)
            return
        self._want(source="", pictures=False, labels=None, variants=frozenset({name}), swap=True, asked=name)
        words = text("Optimise", "{name} has no INT8 variant yet. Build one here; it is swapped in when it is ready.")
        self._message = Message("good", words.format(name=model_title(subject.path)))
        self._show_page("optimise")

    # Building -----------------------------------------------------------------------------------------------------

    def on_start(self) -> None:
        """Build and measure."""
        if self.busy or self._subject is None or not chosen_kinds(self._wanted, self._subject.card):
            return
        plan = self._plan(self._subject)
        tile = source_tile(self._wanted, self._store.now)
        self._message, self._selected, self._frame = None, "", 0
        self._running = Undertaking(
            self._make_job(plan),
            plan,
            self._tasks,
            tile_id=tile.tile_id if tile else "",
            done=self._on_done,
            failed=self._on_stopped,
            clock=self._clock,
        )
        self._show()

    def _plan(self, subject: Subject) -> Plan:
        tile = source_tile(self._wanted, self._store.now)
        runs = self._present(subject)
        return Plan(
            card=subject.card,
            kinds=chosen_kinds(self._wanted, subject.card),
            folder=subject.shelf,
            source=tile.source if tile else self._wanted.source,
            options=tile.options if tile else SourceOptions(),
            tapped=self._tapped(tile),
            limit=self._wanted.limit,
            backend=runs.backend,
            device=runs.device or "CPU",
            annotations=self._wanted.labels,
        )

    def _tapped(self, tile: Tile | None) -> TappedSource | None:
        """A camera cannot be opened twice, and nobody should have to log in twice."""
        info = self._engine.tile_state(tile.tile_id).info if tile and tile.running else None
        return TappedSource(info, tile.source) if info is not None and info.live and tile is not None else None

    def _present(self, subject: Subject) -> ModelChoice:
        """How the model runs now, or would by itself."""
        models = (model for model in self._store.now.models if model.path == subject.path)
        return next(models, ModelChoice("", subject.path))

    def on_cancel(self) -> None:
        """Stop; what was finished stays."""
        if self._running is not None:
            self._running.cancel()
            built = any(finding.name != ORIGINAL for finding in self._running.progress.findings)
            kept, nothing = text("Optimise", "Stopped. What was finished is kept."), text("Optimise", "Stopped.")
            self._finish(Message("good", kept if built else nothing))

    def _on_done(self, progress: Progress) -> None:
        found, limit = progress.findings, self._wanted.limit
        self._finish(_told(progress, recommended(found, limit)))
        if self._wanted.swap and (taken := recommended(found, limit, self._wanted.asked)) is not None:
            self._apply(taken, _besides(progress))

    def _on_stopped(self, error: InferoscopeError) -> None:
        self._problems.add(text("Optimise", "Optimise"), error)
        self._finish(Message("error", in_full(error)))

    def _finish(self, message: Message) -> None:
        if self._running is None:
            return
        self._last, self._running, self._message = self._running.progress, None, message
        self._keep()
        self._show()

    def _keep(self) -> None:
        """Remember what was found so far, whatever becomes of the rest; one at a time."""
        subject, progress = self._subject, self._progress
        if subject is None or progress is None or self._keeping or progress.findings is self._kept:
            return
        if any(finding.name != ORIGINAL for finding in progress.findings):
            self._keeping, self._kept = True, progress.findings
            self._tasks.start(
                "keep findings",
                lambda _control: keep_findings(subject, progress.findings, progress.report),
                self._on_kept,
                self._on_not_kept,
            )

    def _on_kept(self, subject: Subject) -> None:
        self._keeping = False
        if self._subject is not None and self._subject.path == subject.path:
            self._subject = subject
            self._keep()
            self._show()

    def _on_not_kept(self, error: InferoscopeError) -> None:
        self._keeping = False
        self._on_failed(error)

    # What came of it ----------------------------------------------------------------------------------------------

    def on_selected(self, key: str) -> None:
        """A row is looked at."""
        self._selected, self._frame = key, 0
        self._show()

    def on_frame_wanted(self, steps: int) -> None:
        """The next frame, or the one before."""
        self._frame += steps
        self._show()

    def on_apply(self, key: str) -> None:
        """Swap a row into the streams that this model analyses."""
        finding = next((finding for finding in self._findings if row_key(finding) == key), None)
        if finding is not None:
            self._apply(finding)

    def _apply(self, finding: Finding, besides: str = "") -> None:
        subject, now = self._subject, self._store.now
        if subject is None:
            return
        path = subject.path if finding.name == ORIGINAL else finding.path
        precision = finding.precision if finding.precision in HALVES else Precision.AUTO
        users = [t.tile_id for t in now.tiles if (m := now.model_of(t.tile_id)) and subject.knows(m.path)]
        device = "" if finding.device == "CPU" else finding.device
        tiles = tuple(users) or (now.selected,)
        self._store.use_model(
            path,
            tiles,
            same_classes=bool(users),
            backend=finding.backend,
            device=device,
            precision=precision,
        )
        title = finding_title(finding, self._findings[0] if self._findings else None)
        choice = self._store.now.model_of(tiles[0])
        if choice is not None:
            self._swap = Swap(title, tiles[0], choice, besides)
            self._message = self._swap.coming
        self._show()

    def _follow_swap(self) -> None:
        """Say when it runs, as long as nothing else was said."""
        if self._swap is not None and self._message == self._swap.coming:
            self._message = self._swap.message(self._store.now, self._engine)

    def on_export(self, folder: Path) -> None:
        """Copy all variants into a folder."""
        built = [finding for finding in self._findings if finding.name != ORIGINAL]
        words = text("Optimise", "Copied {count} variants to {folder}.")
        self._tasks.start(
            "export variants",
            lambda control: export_files(built, folder, control),
            lambda count: self._say(words.format(count=count, folder=folder)),
            self._on_failed,
        )

    def on_save_report(self, path: Path) -> None:
        """Write the report, in the form that the ending names."""
        report, subject = self._last.report if self._last is not None else None, self._subject
        if subject is not None:
            self._tasks.start(
                "save report",
                lambda _control: save_report(report, subject.shelf, path),
                lambda _done: self._say(text("Optimise", "The report is saved: {path}").format(path=path)),
                self._on_failed,
            )

    def on_dismiss(self) -> None:
        """The message has been read."""
        self._message = None
        self._show()

    def _say(self, words: str) -> None:
        self._message = Message("good", words)
        self._show()

    def _on_failed(self, error: InferoscopeError) -> None:
        self._looking = None
        self._problems.add(text("Optimise", "Optimise"), error)
        self._message = Message("error", in_full(error))
        self._show()


def _told(progress: Progress, best: Finding | None) -> Message:
    """What came of it, in a sentence."""
    if best is None:
        words = text("Optimise", "Done. Nothing is both faster and within what may be lost: keep the original.")
    else:
        words = text("Optimise", "Done. Take {title}: {speed:.2f} times as fast as the original.").format(
            title=finding_title(best, progress.findings[0]), speed=best.speed
        )
    return Message("good", f"{words} {_besides(progress)}".rstrip())


def _besides(progress: Progress) -> str:
    """What else is to be known of what was built and measured, in sentences; "" for nothing."""
    refused = sum(step.state is StepState.REFUSED for step in progress.steps)
    not_built = text("Optimise", "Not built: {count}, see the table.").format(count=refused) if refused else ""
    doubts = " ".join(map(translated, cautions(progress.report))) if progress.report is not None else ""
    return " ".join(filter(None, (not_built, warnings(progress), doubts)))
