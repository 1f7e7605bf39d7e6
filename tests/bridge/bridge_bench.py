"""A bridge with fake sources and runtimes, and everything around it that a test may want to touch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import LIMIT_S, FakeBackend, FakeCompiled, FakeDecoder, FakeSource, fake_card

from engine.backends.backend import Backend
from engine.capture.source import Source, SourceOptions, Wait
from engine.errors import SourceError
from engine.pipeline.mailbox import Signal
from engine.pipeline.session import Session
from gui.bridge.bridge import Bridge
from gui.presenters.port import Picture
from gui.presenters.problems import Problems
from gui.presenters.workspace import Workspace, WorkspaceStore
from gui.settings import Settings

MODEL, OTHER = Path("one.onnx"), Path("two.onnx")


class Memory:
    """Secrets that need no keyring."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def hold(self, redacted: str, full: str) -> None:
        self.known[redacted] = full

    remember = hold

    def full_address(self, redacted: str) -> str | None:
        return self.known.get(redacted)

    def forget(self, redacted: str) -> None:
        self.known.pop(redacted, None)


class Bench:
    """A bridge, and everything around it that a test may want to touch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = WorkspaceStore(Workspace())
        self.problems = Problems()
        self.secrets = Memory()
        self.sources: dict[str, Source] = {}
        self.opened: list[str] = []
        self.make: Callable[[], FakeCompiled] = FakeCompiled
        self.settings = Settings()
        self.settings.put("trial", False)
        # What makes what is looked up when it is needed: tests change both.
        self.backend: Callable[[str], Backend] = lambda _name: FakeBackend(lambda: self.make())  # noqa: PLW0108
        self.session = Session(lambda name: self.backend(name))  # noqa: PLW0108
        self.bridge = Bridge(self.store, self.settings, self.problems, self.secrets, self.session)
        backend: Callable[[str], Backend] = lambda _name: FakeBackend()  # noqa: E731
        monkeypatch.setattr("gui.bridge.bridge.load_backend", backend)
        monkeypatch.setattr("gui.bridge.tiles.open_source", self._open)
        monkeypatch.setattr("gui.bridge.models.identify", lambda path: fake_card(str(path)))
        monkeypatch.setattr("engine.pipeline.loading.make_decoder", lambda _card: FakeDecoder())

    def _open(self, text: str, _options: SourceOptions) -> Source:
        self.opened.append(text)
        if text not in self.sources:
            raise SourceError("There is no such file", subject=text)
        return self.sources[text]

    def count_models(self) -> list[FakeCompiled]:
        """Every model that is compiled from now on, as they come."""
        made: list[FakeCompiled] = []

        def make() -> FakeCompiled:
            made.append(FakeCompiled())
            return made[-1]

        self.make = make
        return made

    def until(self, look: Callable[[], object], what: str) -> None:
        """Let the clock run until something is so."""
        pause = Signal()
        for _ in range(round(LIMIT_S / 0.005)):
            self.bridge.settle()
            if look():
                return
            pause.wait(0.005)
        raise AssertionError(f"did not happen: {what}")

    def stream(self, source: FakeSource, name: str = "road.mp4") -> None:
        """Let the first tile stream a source."""
        self.sources[name] = source
        self.store.edit_tile("1", source=name, running=True)

    @property
    def picture(self) -> Picture:
        """What the first tile shows."""
        picture = self.bridge.picture("1")
        assert picture is not None
        return picture


def camera(rate_s: float = 0.005) -> FakeSource:
    """A live source that never ends."""
    last = [0]

    def gate(sequence: int) -> Wait | None:
        wait = Wait(rate_s) if last[0] != sequence else None
        last[0] = sequence
        return wait

    return FakeSource(10**9, live=True, gate=gate)
