"""Downloads of open models: each one's state, amount, speed and remaining time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.cards import ModelCard
from engine.errors import InferoscopeError
from engine.library.catalogue import CatalogueModel
from gui.presenters.port import Task, TaskControl, Tasks
from gui.presenters.problems import Problems
from gui.texts import text

_SAMPLES = 10
"""Speed is that of the last samples: five seconds at two a second."""

_STILL = 3
"""So many equal samples in a row are no download, but a wait."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A download at one moment.

    Attributes:
        running: Whether it goes on.
        phase: What is going on, in words.
        bytes_so_far: What has come, also of one that was broken off.
        bytes_per_s: None before that is known.
        error: Why it ended, None where it did not fail.
    """

    running: bool = False
    phase: str = ""
    bytes_so_far: int = 0
    bytes_per_s: float | None = None
    error: InferoscopeError | None = None


@dataclass(slots=True)
class _Download:
    """What is known of one model's download."""

    task: Task | None = None
    bytes_so_far: int = 0
    error: InferoscopeError | None = None
    samples: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=_SAMPLES))


class ModelDownloads:
    """Starts, cancels and watches downloads.

    Args:
        tasks: Run them.
        problems: Told of those that failed.
        done: Given each model that has come, with its card.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        tasks: Tasks,
        problems: Problems,
        done: Callable[[CatalogueModel, ModelCard], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tasks = tasks
        self._problems = problems
        self._done = done
        self._clock = clock
        self._downloads: dict[str, _Download] = {}

    def measure(self, *models: CatalogueModel) -> None:
        """Find out what has come of downloads that were broken off."""
        targets = {model.key: model.target for model in models}
        self._tasks.start(
            "unfinished downloads",
            lambda _control: _measured(targets),
            self._on_measured,
            lambda error: self._problems.add(text("Models", "Unfinished downloads"), error),
        )

    def start(self, model: CatalogueModel) -> None:
        """Fetch a model, or the rest of it."""
        download = self._of(model.key)
        if download.task is not None:
            return
        download.error = None
        download.samples.clear()
        download.task = self._tasks.start(
            f"download {model.title}",
            lambda control: _fetched(model, control),
            lambda card: self._on_done(model, card),
            lambda error: self._on_failed(model, error),
        )

    def cancel(self, model: CatalogueModel) -> None:
        """Stop fetching; what has come stays."""
        download = self._of(model.key)
        if download.task is not None:
            download.task.cancel()
            download.task = None
            self.measure(model)

    def discard(self, model: CatalogueModel) -> None:
        """Delete what has come."""
        self.cancel(model)
        download = self._of(model.key)
        download.error, download.bytes_so_far = None, 0
        self._tasks.start(
            f"discard {model.title}",
            lambda control: _discarded(model.target, control),
            lambda _: self.measure(model),
            lambda error: self._problems.add(model.title, error),
        )

    def sample(self, model: CatalogueModel) -> Progress:
        """Where a download stands; called twice a second while someone looks."""
        download = self._of(model.key)
        if download.task is None:
            return Progress(bytes_so_far=download.bytes_so_far, error=download.error)
        share = download.task.share
        if share is not None:
            download.bytes_so_far = round(share * model.model_bytes)
            download.samples.append((self._clock(), download.bytes_so_far))
        return Progress(True, download.task.phase, download.bytes_so_far, _speed(download.samples))

    def _of(self, key: str) -> _Download:
        return self._downloads.setdefault(key, _Download())

    def _on_measured(self, sizes: Mapping[str, int]) -> None:
        for key, size in sizes.items():
            if self._of(key).task is None:
                self._of(key).bytes_so_far = size

    def _on_done(self, model: CatalogueModel, card: ModelCard) -> None:
        self._downloads[model.key] = _Download()
        self._done(model, card)

    def _on_failed(self, model: CatalogueModel, error: InferoscopeError) -> None:
        download = self._of(model.key)
        download.task, download.error = None, error
        self._problems.add(text("Models", "Download of {title}").format(title=model.title), error)
        self.measure(model)


def _speed(samples: deque[tuple[float, int]]) -> float | None:
    """Bytes a second between the first sample and the last, None where nothing moves."""
    if len(samples) < 2 or samples[-1][1] == samples[-min(len(samples), _STILL)][1]:
        return None
    (first_s, first), (last_s, last) = samples[0], samples[-1]
    return (last - first) / (last_s - first_s) if last_s > first_s and last > first else None


def _fetched(model: CatalogueModel, control: TaskControl) -> ModelCard:
    from engine.library.download import download  # loads the HTTP library, which the start of the program need not
    from engine.library.identify import identify

    path = download(model.wanted, control)
    control.progress(text("Models", "Reading the model"), 1.0)
    return identify(path)


def _measured(targets: Mapping[str, Path]) -> dict[str, int]:
    from engine.library.download import bytes_so_far

    return {key: bytes_so_far(target) for key, target in targets.items()}


def _discarded(target: Path, control: TaskControl) -> None:
    from engine.library.download import discard

    discard(target, control)
