"""The engine's side of one model of the workspace. What ran before goes on until the new one is warm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine.backends.backend import CompileRequest
from engine.backends.processor import machine
from engine.cards import ExecutionReport, ModelCard, Precision, Profile
from engine.errors import InferoscopeError
from engine.library.identify import identify
from engine.library.preferences import Preference, load_preference
from engine.pipeline.jobs import Job, JobState
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.loading import LoadOptions
from engine.pipeline.session import Session
from gui.presenters.port import LoadState, ModelState
from gui.presenters.workspace import Chosen, ModelChoice
from gui.texts import text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the settings say about loading: tuned for what, and whether new files are tried first."""

    profile: Profile
    trial: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What a file is.

    Attributes:
        card: Of the file.
        best: How it was measured to run best on this machine, None where it was not.
        best_card: Of the file that runs then: another one where its INT8 variant was the best.
    """

    card: ModelCard
    best: Preference | None
    best_card: ModelCard


def _look(path: Path) -> _Known:
    card = identify(path)
    best = load_preference(card.sha256, machine())
    if best is None or best.precision is not Precision.INT8 or card.stored_precision is Precision.INT8:
        return _Known(card, best, card)
    from engine.optimise.int8_variant import find_int8  # with what optimises: most models need none of it

    variant = find_int8(card, best.backend)
    return _Known(card, best, variant) if variant is not None else _Known(card, None, card)


@dataclass(frozen=True, slots=True, eq=False)
class Warm:
    """A model that is loaded, and how it was chosen when it was."""

    choice: ModelChoice
    loaded: LoadedModel


class RunningModel:
    """Makes a loaded model agree with its choice. GUI thread alone; ``settle`` is called at display rate.

    Args:
        choice: As the person wants it.
        session: Loads and runs it.
        wishes: What the settings say at the moment of a load.
        on_measured: Told when ``choice`` has become what was measured to be the best here; no person had chosen.
        on_ready: Told when ``warm`` is a new one.
        on_failed: Told why a load failed.
    """

    def __init__(
        self,
        choice: ModelChoice,
        session: Session,
        wishes: Callable[[], Wishes],
        *,
        on_measured: Callable[[RunningModel], None],
        on_ready: Callable[[RunningModel], None],
        on_failed: Callable[[RunningModel, InferoscopeError], None],
    ) -> None:
        self.choice = choice
        self.warm: Warm | None = None
        self._session = session
        self._wishes = wishes
        self._on_measured = on_measured
        self._on_ready = on_ready
        self._on_failed = on_failed
        self._card: ModelCard | None = None
        self._identifying: Job[_Known] | None = None
        self._loading: Job[LoadedModel] | None = None
        self._error: InferoscopeError | None = None
        self.load()

    def follow(self, choice: ModelChoice) -> None:
        """Agree with the choice as it is now."""
        if choice == self.choice:
            return
        self.choice = choice
        if self.warm is not None and choice == self.warm.choice:
            self.stop_loading()
        else:
            self.load()

    def load(self) -> None:
        """Identify the file and compile it as chosen; what runs goes on meanwhile."""
        self.stop_loading()
        self._error = None
        path = self.choice.path
        self._identifying = self._session.start_job(f"identify-{path.name}", lambda _control: _look(path))

    @property
    def failed(self) -> bool:
        """Whether it cannot be had as it was tried last."""
        return self.warm is None and self._error is not None

    def stop_loading(self) -> None:
        """Nobody wants what is being loaded."""
        identifying, loading = self._identifying, self._loading
        self._identifying = self._loading = None
        if identifying is not None:
            identifying.cancel()
        if loading is not None:
            loading.cancel()
            if loading.status.state is JobState.DONE:  # it was quicker: the model is there, and nobody has it
                loading.result().close()

    def settle(self) -> None:
        """Go on where a step has ended."""
        if self._identifying is not None and self._identifying.status.state is not JobState.RUNNING:
            job, self._identifying = self._identifying, None
            self._after(job, self._compile)
        elif self._loading is not None and self._loading.status.state is not JobState.RUNNING:
            loading, self._loading = self._loading, None
            self._after(loading, self._take)
        elif self.warm is not None and self.warm.loaded.failure is not None:
            self._error, self.warm = self.warm.loaded.failure, None

    def _after(self, job: Job[T], then: Callable[[T], None]) -> None:
        try:
            answer = job.result()
        except InferoscopeError as error:
            self._error = error
            self._on_failed(self, error)
            return
        then(answer)

    def _compile(self, known: _Known) -> None:
        self._card = known.card
        choice, self.choice = self.choice, self.choice.as_measured(known.best)
        if self.choice != choice:
            self._on_measured(self)
        wishes = self._wishes()
        request = CompileRequest(
            known.best_card if self.choice.chosen is Chosen.MEASURED else known.card,
            device=self.choice.device,
            precision=self.choice.precision,
            profile=self.choice.profile or wishes.profile,
            lanes=self.choice.lanes,
            threads=self.choice.threads,
            # What cannot be had any more must not stop a camera: the badge warns of what runs instead.
            allow_fallback=True,
        )
        self._loading = self._session.load(self.choice.backend, request, LoadOptions(trial=wishes.trial, keep=True))

    def _take(self, loaded: LoadedModel) -> None:
        old, self.warm = self.warm, Warm(self.choice, loaded)
        self._on_ready(self)
        if old is not None:
            old.loaded.close()

    def close(self) -> None:
        """No tile uses it any more."""
        self.stop_loading()
        if self.warm is not None:
            self.warm.loaded.close()
        self.warm = None

    # What is pulled -----------------------------------------------------------------------------------------------

    def state(self, report: ExecutionReport | None) -> ModelState:
        """The model at this moment; ``report`` is of what runs for it."""
        return ModelState(self._card, report, self._load_state(), self._error)

    def _load_state(self) -> LoadState | None:
        if self._identifying is not None:
            return LoadState(text("Loading", "Identifying the model"), self._identifying.status.elapsed_s, None)
        if self._loading is None:
            return None
        status = self._loading.status
        return LoadState(status.phase, status.elapsed_s, status.expected_s)
