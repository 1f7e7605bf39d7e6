"""Saves what is seen: a snapshot, or a recording that ends before the disk is full."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from engine.errors import InferoscopeError, SinkError
from engine.overlay import Style
from gui.engine_words import as_sentence, translated
from gui.presenters.port import EnginePort, RecordingPlan, RecordingState, Task, TaskControl, Tasks, TileRecording
from gui.presenters.problems import Problems
from gui.presenters.quantities import bytes_words, length_words
from gui.presenters.saving.disk_watch import DiskWatch
from gui.presenters.saving.display import SavingDisplay, SavingView
from gui.presenters.saving.names import FolderError, stem
from gui.presenters.saving.work import Snapshot, checked
from gui.presenters.titles import tile_title
from gui.presenters.workspace import Tile, WorkspaceStore
from gui.settings import Settings
from gui.texts import text

_SAID_FOR_S = 20.0
_WARN_AT = 2.0
"""Times the space that is kept free."""
_STOP_ABOVE_BYTES = 50_000_000
"""Room for the ends of files, above the space that is kept free."""


class SavingPresenter:
    """Snapshots and recordings. ``refresh`` is called four times a second.

    Args:
        view: Tells about them.
        store: What is selected.
        engine: Has the pictures, and records.
        settings: What is saved, and where; the folder is kept there.
        tasks: Write files.
        problems: What could not be saved.
        clock: Monotonic seconds.
        wall: Seconds since 1970.
    """

    def __init__(
        self,
        view: SavingView,
        store: WorkspaceStore,
        engine: EnginePort,
        settings: Settings,
        *,
        tasks: Tasks,
        problems: Problems,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._settings = settings
        self._tasks = tasks
        self._problems = problems
        self._clock = clock
        self._wall = wall
        self._disk = DiskWatch(tasks)
        self._after_folder: list[Callable[[Path], None]] = []
        self._preparing: Task | None = None
        self._was_active = False
        self._told_error: InferoscopeError | None = None
        self._said: tuple[str, Path | None, float] = ("", None, 0.0)
        self._display: SavingDisplay | None = None

    # Snapshot ------------------------------------------------------------------------------------------------------

    def on_snapshot(self) -> None:
        """Save the picture of the selected tile, as it is at this moment."""
        tile = self._store.now.tile(self._store.now.selected)
        picture = self._engine.picture(tile.tile_id)
        if picture is None:
            self._say(text("Saving", "There is no picture to save yet."))
            return
        snapshot = Snapshot(
            picture,
            self._stem(tile),
            f".{self._settings.text('picture_format')}",
            self._style(tile),
            with_record=self._settings.text("records") != "none",
        )
        self._with_folder(lambda folder: self._save(snapshot, folder))

    def _save(self, snapshot: Snapshot, folder: Path) -> None:
        self._tasks.start(
            text("Saving", "Saving a snapshot"),
            lambda _control: snapshot.save(folder),
            self._say_saved,
            lambda error: self._on_failure(error, lambda other: self._save(snapshot, other)),
        )

    # Recording -----------------------------------------------------------------------------------------------------

    def on_record(self) -> None:
        """Begin to record the tiles that the top bar acts on, or end the recording."""
        if self._preparing is not None:
            self._preparing.cancel()
            self._preparing = None
        elif self._engine.recording().active:
            self._engine.stop_recording()
        else:
            self._begin()

    def _begin(self) -> None:
        tiles = [tile for tile in self._store.now.targets if self._engine.tile_state(tile.tile_id).open]
        if not tiles:
            self._say(text("Saving", "Start a stream, then record it."))
            return
        recordings = tuple(TileRecording(tile.tile_id, self._stem(tile), self._style(tile)) for tile in tiles)
        self._with_folder(lambda folder: self._prepare(recordings, folder))

    def _prepare(self, tiles: tuple[TileRecording, ...], folder: Path) -> None:
        plan = RecordingPlan(
            tiles,
            folder,
            f".{self._settings.text('video_format')}",
            self._settings.text("records"),
            self._kept_free_bytes,
        )

        def work(_control: TaskControl) -> RecordingPlan:
            return checked(plan)

        def failed(error: InferoscopeError) -> None:
            self._preparing = None
            self._on_failure(error, lambda other: self._prepare(tiles, other))

        self._preparing = self._tasks.start(text("Saving", "Preparing a recording"), work, self._on_prepared, failed)

    def _on_prepared(self, plan: RecordingPlan) -> None:
        self._preparing = None
        self._engine.start_recording(plan)
        self.refresh()

    # Folder --------------------------------------------------------------------------------------------------------

    def on_change_folder(self) -> None:
        """Ask for another folder."""
        self._view.ask_folder("", self._settings.text("save_folder"))

    def on_folder_chosen(self, folder: Path) -> None:
        """Files go there from now on, and what waited for it goes on."""
        try:
            self._settings.put("save_folder", str(folder))
        except OSError as error:
            self._problems.add(
                text("Saving", "Settings"),
                InferoscopeError(
                    text("Saving", "The folder is used but not remembered"),
                    remedy=text("Saving", "Free some space, and choose it again at the next start"),
                    detail=str(error),
                ),
            )
        waiting, self._after_folder = self._after_folder, []
        for then in waiting:
            then(folder)
        self.refresh()

    def on_folder_not_chosen(self) -> None:
        """What waited for a folder is given up."""
        self._after_folder = []

    def _with_folder(self, then: Callable[[Path], None]) -> None:
        folder = self._folder
        if folder is not None:
            then(folder)
            return
        self._after_folder.append(then)
        self._view.ask_folder(text("Saving", "Choose where snapshots and recordings go. You are asked only once."), "")

    def _on_failure(self, error: InferoscopeError, again: Callable[[Path], None]) -> None:
        """A folder that is gone is asked for; everything else is told."""
        if isinstance(error, FolderError):
            self._after_folder.append(again)
            self._view.ask_folder(f"{translated(error.what)}: {error.subject}", "")
        else:
            self._problems.add(text("Saving", "Saving"), error)

    # Opening -------------------------------------------------------------------------------------------------------

    def on_open(self) -> None:
        """Open what was saved last."""
        self._open(self._said[1])

    def on_show_in_folder(self) -> None:
        """Open the folder of what was saved last, or the one where files go."""
        last = self._said[1]
        self._open(last.parent if last is not None else self._folder)

    def _open(self, path: Path | None) -> None:
        if path is not None and not self._view.open_path(path):
            what = text("Saving", "The system has no program that opens it")
            self._problems.add(
                text("Saving", "Saving"),
                InferoscopeError(what, subject=str(path), remedy=text("Saving", "Open its folder yourself")),
            )

    # Four times a second -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look after the recording and the disk, and show how they are."""
        state = self._engine.recording()
        self._disk.refresh(self._folder, self._clock(), recording=state.active)
        self._look_after(state)
        self._show(state)

    def _show(self, state: RecordingState) -> None:
        display = self._made(state)
        if display != self._display:
            self._display = display
            self._view.show_saving(display)

    def _look_after(self, state: RecordingState) -> None:
        free = self._disk.free_bytes
        if _is_recording(state) and free is not None and free < self._kept_free_bytes + _STOP_ABOVE_BYTES:
            self._engine.stop_recording()
            self._problems.add(text("Saving", "Recording"), self._disk_is_full(free))
        if state.error is not None and state.error is not self._told_error:
            self._told_error = state.error
            self._problems.add(text("Saving", "Recording"), state.error)
        was_active, self._was_active = self._was_active, state.active
        if was_active and not state.active:
            self._tell_files(state.files)

    def _tell_files(self, files: tuple[Path, ...]) -> None:
        """Of those that were planned, the ones that are there: a recording that failed early has none."""

        def told(there: list[Path]) -> None:
            if there:
                self._say_saved(there[0], len(there) - 1)

        name = text("Saving", "Looking for the recording")
        self._tasks.start(name, lambda _control: [f for f in files if f.exists()], told, self._on_not_found)

    def _on_not_found(self, error: InferoscopeError) -> None:
        self._problems.add(text("Saving", "Recording"), error)

    def _disk_is_full(self, free: int) -> SinkError:
        return SinkError(
            text("Saving", "The recording has ended, with all files whole, because {free} are left on the disk").format(
                free=bytes_words(free)
            ),
            subject=str(self._folder),
            remedy=text("Saving", "Free some space, or choose another folder, and record again"),
        )

    def _made(self, state: RecordingState) -> SavingDisplay:
        words, last_file, said_s = self._said
        is_fresh = self._clock() - said_s < _SAID_FOR_S
        free = self._disk.free_bytes
        return SavingDisplay(
            recording=_is_recording(state),
            finishing=state.finishing if state.active else None,
            elapsed=length_words(state.elapsed_s) if state.active else "",
            frames=text("Saving", "{count} frames").format(count=f"{state.frames:,}") if _is_recording(state) else "",
            warning=self._warning(state),
            said=words if is_fresh else "",
            last_file=last_file if is_fresh else None,
            folder=self._settings.text("save_folder"),
            free="" if free is None else text("Saving", "{size} free").format(size=bytes_words(free)),
        )

    def _warning(self, state: RecordingState) -> str:
        free = self._disk.free_bytes
        if self._disk.error is not None:
            return as_sentence(self._disk.error.what)
        if free is not None and free < _WARN_AT * self._kept_free_bytes:
            sentence = text("Saving", "Only {free} are free; a recording ends at {kept}.")
            return sentence.format(free=bytes_words(free), kept=bytes_words(self._kept_free_bytes))
        if state.active and state.not_recorded:
            sentence = text("Saving", "{count} frames were not recorded: the disk or the video encoder is too slow.")
            return sentence.format(count=f"{state.not_recorded:,}")
        return ""

    def _say_saved(self, path: Path, others: int = 0) -> None:
        words = text("Saving", "Saved {name}").format(name=path.name)
        if others:
            words = text("Saving", "Saved {name} and {count} more").format(name=path.name, count=others)
        self._say(words, path)

    def _say(self, words: str, path: Path | None = None) -> None:
        self._said = (words, path, self._clock())
        self._show(self._engine.recording())

    # Facts ---------------------------------------------------------------------------------------------------------

    @property
    def _folder(self) -> Path | None:
        chosen = self._settings.text("save_folder")
        return Path(chosen) if chosen else None

    @property
    def _kept_free_bytes(self) -> int:
        return round(self._settings.number("free_gb") * 1e9)

    def _stem(self, tile: Tile) -> str:
        moment = datetime.fromtimestamp(self._wall(), UTC).astimezone()
        return stem(tile_title(tile, self._engine.tile_state(tile.tile_id)), moment)

    def _style(self, tile: Tile) -> Style | None:
        if not self._settings.flag("annotated"):
            return None
        return Style(hidden_classes=tile.hidden_classes, class_colours=tile.class_colours)


def _is_recording(state: RecordingState) -> bool:
    return state.active and state.finishing is None
