"""Makes the engine agree with the workspace, and shows presenters what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.backends.table import BACKENDS, load_backend
from engine.capture.source import SourceOptions, TryOut
from engine.cards import ModelCard, Profile, Thresholds
from engine.errors import InferoscopeError
from engine.frames import Frame, FrameResult
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.preview import analyse_once
from engine.pipeline.session import Session
from engine.pipeline.stream import Stream
from engine.pipeline.try_out import try_source
from gui.bridge.models import Wishes
from gui.bridge.recording import Recording
from gui.bridge.serving import Serving
from gui.bridge.tasks import BackgroundTasks
from gui.bridge.tiles import RunningTile
from gui.presenters.port import (
    BackendState,
    ModelState,
    Picture,
    RecordingPlan,
    RecordingState,
    TaskControl,
    TileState,
    Timing,
)
from gui.presenters.problems import Problems
from gui.presenters.secrets import Secrets
from gui.presenters.workspace import Tile, Workspace, WorkspaceStore
from gui.settings import Settings
from gui.texts import text


class Bridge:
    """Fulfils ``gui.presenters.port.EnginePort``. GUI thread alone, and nothing here waits.

    What lasts follows the store: each change there is carried out at once. What happened meanwhile is taken up by
    ``settle``, which the clock calls at display rate. A command for a tile or model that is gone does nothing: dialogs
    and buttons may outlive what they are about by a moment.

    Args:
        store: What the person has set up.
        settings: How models are loaded.
        problems: Told what goes wrong.
        secrets: Completes addresses of sources.
        session: The engine's; made by whoever makes the bridge.
    """

    def __init__(
        self, store: WorkspaceStore, settings: Settings, problems: Problems, secrets: Secrets, session: Session
    ) -> None:
        self.tasks = BackgroundTasks(session)
        self._store = store
        self._settings = settings
        self._problems = problems
        self._secrets = secrets
        self._session = session
        self._tiles: dict[str, RunningTile] = {}
        self._serving = Serving(store, session, self._wishes, connect=self._connect, report=self._report)
        self._backends: tuple[BackendState, ...] = ()
        self._recording = Recording(session, self._stream_of)
        self._started = False
        # Before any presenter does: what they ask in their turn is of the workspace as it is now.
        store.subscribe(lambda _before, now: self._follow(now))

    def start(self) -> None:
        """Take up the workspace as it is, follow it from now on, and ask the runtimes what they can."""
        self._started = True
        self._follow(self._store.now)
        self.tasks.start("backends", _ask_backends, self._take_backends, lambda error: self._report("", error))

    def settle(self) -> None:
        """Take up what has happened: answers of tasks, sources that may be opened, models that are ready or failed."""
        self.tasks.settle()
        for tile in self._tiles.values():
            tile.settle()
        self._serving.settle()
        while (failure := self._session.failures.take(0.0)) is not None:
            if failure.kind != "recording":  # that one is told with the recording's state
                self._report(self._name_of(failure.subject), failure.error)

    @property
    def streaming(self) -> bool:
        """Whether any tile gives pictures."""
        return any(tile.stream is not None and not tile.stream.finished for tile in self._tiles.values())

    def close(self) -> list[str]:
        """Stop everything; names of threads that are inside a native call still."""
        return self._session.close()

    # The workspace ------------------------------------------------------------------------------------------------

    def _follow(self, now: Workspace) -> None:
        if not self._started:
            return
        for tile_id in self._tiles.keys() - {t.tile_id for t in now.tiles}:
            self._tiles.pop(tile_id).close()
        for tile in now.tiles:
            if tile.tile_id in self._tiles:
                self._tiles[tile.tile_id].follow(tile)
            else:
                self._tiles[tile.tile_id] = self._make_tile(tile)
        self._serving.follow(now)

    def _make_tile(self, tile: Tile) -> RunningTile:
        model = partial(self._serving.model_for, tile.tile_id)
        return RunningTile(tile, self._session, self.tasks, self._secrets, model)

    def _wishes(self) -> Wishes:
        return Wishes(Profile(self._settings.text("profile")), self._settings.flag("trial"))

    def _connect(self, tile_id: str, model: LoadedModel | None) -> None:
        self._tiles[tile_id].serve(model)

    def _report(self, about: str, error: InferoscopeError) -> None:
        self._problems.add(about, error)

    def _name_of(self, subject: str) -> str:
        """What the person calls a stream; models are named already."""
        running = self._tiles.get(subject)
        return subject if running is None else running.tile.name or running.tile.source

    # EnginePort ---------------------------------------------------------------------------------------------------

    def tile_state(self, tile_id: str) -> TileState:
        """The stream of a tile."""
        running = self._tiles.get(tile_id)
        return TileState() if running is None else running.state()

    def model_state(self, model_id: str) -> ModelState:
        """A model of the workspace."""
        return self._serving.state(model_id)

    def backends(self) -> tuple[BackendState, ...]:
        """The runtimes and their devices; empty until they have been asked."""
        return self._backends

    def picture(self, tile_id: str) -> Picture | None:
        """What to show now."""
        running = self._tiles.get(tile_id)
        return None if running is None else running.picture()

    def take_timings(self, tile_id: str) -> tuple[Timing, ...]:
        """The results published since the last call."""
        running = self._tiles.get(tile_id)
        return () if running is None else running.take_timings()

    def drawn(self, tile_id: str, _picture: Picture, draw_ms: float) -> None:
        """A new picture was painted."""
        if tile_id in self._tiles:
            self._tiles[tile_id].drawn(draw_ms)

    def play(self, tile_id: str) -> None:
        """Go on."""
        if tile_id in self._tiles:
            self._tiles[tile_id].hold(paused=False)

    def pause(self, tile_id: str) -> None:
        """Hold the picture."""
        if tile_id in self._tiles:
            self._tiles[tile_id].hold(paused=True)

    def step(self, tile_id: str, frames: int) -> None:
        """Hold the picture and show the frame that many further. Files alone."""
        stream = self._stream_of(tile_id)
        if stream is not None and not stream.source.live:
            stream.step(frames)

    def seek_frame(self, tile_id: str, index: int) -> None:
        """Go to a frame of a file."""
        stream = self._stream_of(tile_id)
        if stream is not None and not stream.source.live:
            stream.seek_frame(index)

    def cancel_load(self, model_id: str) -> None:
        """Stop loading; the workspace says again what ran before, or that there is no model."""
        self._serving.cancel_load(model_id)

    def reload(self, model_id: str) -> None:
        """Identify and compile again."""
        self._serving.reload(model_id)

    def restart(self, tile_id: str) -> None:
        """Open the source again."""
        if tile_id in self._tiles:
            self._tiles[tile_id].restart()

    def try_now(self, tile_id: str) -> None:
        """Do not wait for the next attempt to find a lost source."""
        if tile_id in self._tiles:
            self._tiles[tile_id].try_now()

    def start_recording(self, plan: RecordingPlan) -> None:
        """Record from now on; where it cannot begin, ``recording`` says why."""
        self._recording.start(plan)

    def stop_recording(self) -> None:
        """End the recording, and finish its files in the background."""
        self._recording.stop()

    def recording(self) -> RecordingState:
        """The recording, or how the last one went."""
        return self._recording.state()

    def analyse(self, card: ModelCard, frame: Frame, thresholds: Thresholds) -> Callable[[TaskControl], FrameResult]:
        """Work for ``tasks``: one frame through a model as ``card`` has it."""
        return partial(analyse_once, card, frame, thresholds)

    def try_source(self, source: str, options: SourceOptions) -> Callable[[TaskControl], TryOut]:
        """Work for ``tasks``: open a source until its first picture."""
        return partial(try_source, source, options)

    def _stream_of(self, tile_id: str) -> Stream | None:
        running = self._tiles.get(tile_id)
        return None if running is None else running.stream

    def _take_backends(self, backends: tuple[BackendState, ...]) -> None:
        self._backends = backends


def _ask_backends(control: TaskControl) -> tuple[BackendState, ...]:
    """Every runtime; one that cannot be loaded is listed with its reason."""
    states = []
    for name in BACKENDS:
        control.progress(text("Loading", "Looking for devices"))
        try:
            backend = load_backend(name)
            states.append(BackendState(name, backend.title, backend.devices()))
        except InferoscopeError as error:
            states.append(BackendState(name, name, error=error))
    return tuple(states)
