"""Makes the engine agree with the workspace, and shows presenters what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.backends.table import BACKENDS, load_backend
from engine.capture.source import SourceOptions, TryOut
from engine.cards import ModelCard, Profile, Thresholds
from engine.errors import InferoscopeError
from engine.frames import Frame, FrameResult
from engine.pipeline.preview import analyse_once
from engine.pipeline.session import Session
from engine.pipeline.stream import Stream
from engine.pipeline.try_out import try_source
from gui.bridge.models import RunningModel, Wishes
from gui.bridge.recording import Recording
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
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore
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
        self._models: dict[str, RunningModel] = {}
        self._serving: dict[str, RunningModel] = {}
        """By tile: whose results it shows, which while another model loads is the one before."""
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
        for model in tuple(self._models.values()):
            model.settle()
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
        self._follow_models(now)
        self._follow_tiles(now)
        self._retire(now)

    def _follow_models(self, now: Workspace) -> None:
        for choice in now.models:
            if choice.model_id in self._models:
                self._models[choice.model_id].follow(choice)
            else:
                self._models[choice.model_id] = self._load(choice, now)

    def _load(self, choice: ModelChoice, now: Workspace) -> RunningModel:
        users = [tile.tile_id for tile in now.tiles if tile.model_id == choice.model_id]
        before = next((self._serving[i] for i in users if i in self._serving), None)
        return RunningModel(
            choice, self._session, self._wishes, before=before, on_ready=self._on_ready, on_failed=self._on_failed
        )

    def _wishes(self) -> Wishes:
        return Wishes(Profile(self._settings.text("profile")), self._settings.flag("trial"))

    def _follow_tiles(self, now: Workspace) -> None:
        for tile_id in self._tiles.keys() - {t.tile_id for t in now.tiles}:
            self._tiles.pop(tile_id).close()
            self._serving.pop(tile_id, None)
        for tile in now.tiles:
            running = self._tiles.get(tile.tile_id)
            if running is None:
                self._tiles[tile.tile_id] = RunningTile(tile, self._session, self.tasks, self._secrets, self._on_opened)
            else:
                running.follow(tile)
            self._choose_model(tile.tile_id, tile.model_id)

    def _choose_model(self, tile_id: str, model_id: str | None) -> None:
        """Let the chosen model serve a tile if it is ready; else the one before goes on until it is."""
        wanted = None if model_id is None else self._models[model_id]
        serving = self._serving.get(tile_id)
        if wanted is serving:
            return
        if wanted is None:
            self._serving.pop(tile_id)
            self._disconnect(tile_id)
        elif wanted.loaded is not None:
            self._serve(tile_id, wanted)

    def _serve(self, tile_id: str, model: RunningModel) -> None:
        self._serving[tile_id] = model
        tile = self._tiles[tile_id]
        if tile.attachment is not None and model.loaded is not None:
            self._session.use(model.loaded, tile.attachment)
            tile.refresh()

    def _disconnect(self, tile_id: str) -> None:
        attachment = self._tiles[tile_id].attachment
        if attachment is not None:
            self._session.disconnect(attachment)

    def _retire(self, now: Workspace) -> None:
        """Let go of models that neither are wanted nor serve until another one is ready."""
        wanted = {choice.model_id for choice in now.models}
        serving = {model.choice.model_id for model in self._serving.values() if model.loaded is not None}
        for model_id in self._models.keys() - wanted:
            model = self._models[model_id]
            model.stop_loading()
            if model_id not in serving:
                self._models.pop(model_id).close()

    # What happened ------------------------------------------------------------------------------------------------

    def _on_opened(self, tile: RunningTile) -> None:
        serving = self._serving.get(tile.tile.tile_id)
        if serving is not None:
            self._serve(tile.tile.tile_id, serving)

    def _on_ready(self, model: RunningModel) -> None:
        """Serve the tiles that want it, and those that have it until another model is ready: its lanes are new ones."""
        wanting = {tile.tile_id for tile in self._tiles_of(model)}
        having = {tile_id for tile_id, serving in self._serving.items() if serving is model}
        for tile_id in wanting | having:
            self._serve(tile_id, model)
        self._retire(self._store.now)

    def _on_failed(self, model: RunningModel, error: InferoscopeError) -> None:
        self._report(model.choice.path.name, error)
        self._go_back(model)

    def _go_back(self, model: RunningModel) -> None:
        """Let the workspace say again what runs on each tile; where nothing does, the wish stays, with its error."""
        if model.running_choice is not None:
            self._store.edit_model(model.choice.model_id, **_how(model.running_choice))
            return
        for tile in self._tiles_of(model):
            before = self._serving.get(tile.tile_id)
            if before is not None and before.running_choice is not None:
                self._store.put_back(tile.tile_id, before.running_choice)

    def _tiles_of(self, model: RunningModel) -> list[Tile]:
        """The tiles that want a model."""
        return [tile for tile in self._store.now.tiles if tile.model_id == model.choice.model_id]

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
        model = self._models.get(model_id)
        return ModelState() if model is None else model.state()

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
        model = self._models.get(model_id)
        if model is None:
            return
        model.stop_loading()
        self._go_back(model)
        if model.running_choice is None:
            for tile in self._tiles_of(model):
                self._store.put_back(tile.tile_id, None)

    def reload(self, model_id: str) -> None:
        """Identify and compile again."""
        if model_id in self._models:
            self._models[model_id].load()

    def restart(self, tile_id: str) -> None:
        """Open the source again."""
        if tile_id in self._tiles:
            self._tiles[tile_id].restart()

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


def _how(choice: ModelChoice) -> dict[str, object]:
    return {"path": choice.path, "backend": choice.backend, "device": choice.device, "precision": choice.precision}


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
