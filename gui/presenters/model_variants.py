"""Which variants of a person's models were built on this computer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.errors import InferoscopeError
from engine.optimise.shelf import Shelf, shelves
from gui.presenters.optimise.kinds import kind_title
from gui.presenters.port import Tasks
from gui.texts import text

_EVERY_S = 5.0


class ModelVariants:
    """Looks now and then.

    Args:
        tasks: Run the looking.
        clock: Monotonic seconds.
    """

    def __init__(self, tasks: Tasks, clock: Callable[[], float] = time.monotonic) -> None:
        self._tasks = tasks
        self._clock = clock
        self._shelves: tuple[Shelf, ...] = ()
        self._looked_s = -_EVERY_S
        self._looking = False

    def look(self) -> None:
        """Look again where it is time to."""
        if not self._looking and self._clock() - self._looked_s >= _EVERY_S:
            self._looking, self._looked_s = True, self._clock()
            self._tasks.start("look for variants", lambda _control: shelves(), self._on_looked, self._on_failed)

    def words(self, path: Path, sha256: str) -> str:
        """What was made of a model: "Variants: INT8 for OpenVINO"; "" for nothing."""
        names = dict.fromkeys(
            name
            for shelf in self._shelves
            if path == shelf.original or sha256 == shelf.sha256
            for name in shelf.variants
        )
        titles = ", ".join(kind_title(name) for name in names)
        return text("Models", "Variants: {titles}").format(titles=titles) if names else ""

    def originals(self, used: Iterable[Path]) -> set[Path]:
        """The models of which variants are used."""
        files = set(used)
        return {shelf.original for shelf in self._shelves if files & set(shelf.variants.values())}

    def _on_looked(self, found: tuple[Shelf, ...]) -> None:
        self._looking, self._shelves = False, found

    def _on_failed(self, _error: InferoscopeError) -> None:
        self._looking = False  # It is looked for again.
