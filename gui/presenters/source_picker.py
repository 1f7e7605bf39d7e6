"""Chooses a source for a tile: lists what there is, tries out what is chosen, and hands it over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from engine.addresses import parse_address
from engine.capture.source import SourceOptions, TryOut
from gui.presenters.cameras import plugged_in
from gui.presenters.demo import DEMO_SOURCE
from gui.presenters.history import SourceHistory
from gui.presenters.port import EnginePort, Task, TaskControl, Tasks
from gui.presenters.secrets import HIDDEN, Secrets, join_login
from gui.presenters.source_display import (
    Kind,
    Offers,
    Trying,
    TryOutDisplay,
    address_offers,
    busy_display,
    camera_offers,
    check_address,
    failed_display,
    failed_offers,
    file_offers,
    found_display,
    kind_of,
    screen_offers,
    start_folder,
)
from gui.presenters.titles import tile_title
from gui.presenters.workspace import WorkspaceStore
from gui.texts import text

if TYPE_CHECKING:
    from engine.capture.camera_list import CameraInfo
    from engine.capture.screen import ScreenInfo

OpenSource = Callable[[str, str, SourceOptions], None]
"""``open_source(tile_id, source, options)``: lets a tile stream a source."""


class SourcePickerView(Protocol):
    """The dialog."""

    def show_kinds(self, offered: tuple[Kind, ...]) -> None:
        """The kinds of sources there are."""

    def show_kind(self, kind: Kind) -> None:
        """The kind that is chosen."""

    def show_offers(self, kind: Kind, offers: Offers) -> None:
        """What there is of a kind."""

    def show_chosen(self, kind: Kind, source: str) -> None:
        """Which line of a list is chosen, "" for none."""

    def show_options(self, options: SourceOptions) -> None:
        """What was chosen about the source."""

    def show_address(self, address: str, user: str, password: str) -> None:
        """Fill the fields of an address."""

    def show_complaint(self, complaint: str) -> None:
        """What is wrong with the address, "" where nothing is."""

    def show_try_out(self, display: TryOutDisplay) -> None:
        """What was found."""

    def show_ready(self, ready: bool, can_try: bool) -> None:
        """Whether there is something to open, and whether it can be tried out."""

    def show_start_folder(self, folder: str) -> None:
        """Where the file dialog begins, "" for wherever it likes."""

    def open_for(self, title: str) -> None:
        """Show the dialog; the title names the tile, "" for an empty one."""

    def dismiss(self) -> None:
        """Hide the dialog."""


def _screens() -> Sequence[ScreenInfo]:
    from engine.capture.screen import list_screens

    return list_screens()


class SourcePickerPresenter:
    """Drives the dialog. Cameras, screens and files are tried out when they are chosen, addresses when asked for.

    Args:
        view: The dialog.
        store: Names the tiles.
        engine: Tries out sources.
        secrets: Complete addresses of the history.
        tasks: Run what takes its time.
        history: Of what was opened.
        open_source: Takes what was chosen.
        cameras: Lists the cameras, in a task.
        screens: Lists the screens, in a task.
    """

    def __init__(
        self,
        view: SourcePickerView,
        store: WorkspaceStore,
        engine: EnginePort,
        secrets: Secrets,
        tasks: Tasks,
        *,
        history: SourceHistory,
        open_source: OpenSource,
        cameras: Callable[[], Sequence[CameraInfo]] = plugged_in,
        screens: Callable[[], Sequence[ScreenInfo]] = _screens,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._secrets = secrets
        self._tasks = tasks
        self._history = history
        self._open_source = open_source
        self._cameras = cameras
        self._screens = screens
        self._tile_id = ""
        self._kind = Kind.CAMERA
        self._chosen: dict[Kind, str] = {}
        self._options = SourceOptions()
        self._trying = Trying.IDLE
        self._try_task: Task | None = None
        self._list_tasks: dict[Kind, Task] = {}
        self._generation = 0
        self._camera_held = False
        self._after_camera: Callable[[], None] | None = None

    # The dialog ---------------------------------------------------------------------------------------------------

    def ask(self, tile_id: str) -> None:
        """Let the person choose a source for a tile."""
        tile = self._store.now.tile(tile_id)
        self._tile_id = tile_id
        self._kind = kind_of(tile.source)
        self._chosen = {self._kind: tile.source} if tile.source else {}
        self._options = tile.options
        self._view.show_kinds(tuple(Kind))
        self._view.show_options(tile.options)
        address = tile.source if self._kind is Kind.ADDRESS else ""
        self._view.show_address(address, "", "")
        self._view.show_complaint("")
        self._view.show_start_folder(start_folder(self._history.files))
        named = tile.name or tile.source
        self._view.open_for(tile_title(tile, self._engine.tile_state(tile_id)) if named else "")
        self._show_kind()

    def on_kind_chosen(self, kind: Kind) -> None:
        """Another kind of source."""
        if kind is not self._kind:
            self._kind = kind
            self._show_kind()

    def on_refresh_requested(self) -> None:
        """List again what there is."""
        self._list()

    def on_offer_chosen(self, source: str) -> None:
        """A line of the list was chosen."""
        if source == self._chosen.get(self._kind):
            return
        if self._kind is Kind.ADDRESS:
            self._view.show_address(source, "", "")
            self.on_address_edited(source, "", "")
            return
        self._choose(source)
        self._try()

    def on_offer_removed(self, source: str) -> None:
        """A line of the history is no longer wanted, nor its password unless a tile has it."""
        self._history.remove(source)
        self._list()
        if HIDDEN in source and all(tile.source != source for tile in self._store.now.tiles):
            self._tasks.start(
                "keyring", lambda _control: self._secrets.forget(source), lambda _done: None, lambda _error: None
            )

    def on_file_chosen(self, path: str) -> None:
        """A file or a folder of pictures was chosen."""
        self._choose(path)
        self._view.show_chosen(Kind.FILE, path)
        self._try()

    def on_options_changed(self, options: SourceOptions) -> None:
        """Another size, rate or side."""
        if options != self._options:
            self._options = options
            if self._kind in (Kind.CAMERA, Kind.SCREEN):
                self._try()

    def on_address_edited(self, address: str, user: str, password: str) -> None:
        """The address, or user or password beside it, is being typed."""
        check = check_address(address)
        full = join_login(address, user, password) if user or password else address.strip()
        self._choose(full if check.usable else "")
        self._view.show_complaint(check.complaint)

    def on_address_finished(self, address: str, user: str, password: str) -> None:
        """The field was left: user and password that were typed into the address move to their own fields."""
        if not check_address(address).usable:
            return
        parts = parse_address(address)
        if parts.user is not None and parts.user != HIDDEN:
            moved = (parts.plain, user or parts.user, password or parts.password or "")
            self._view.show_address(*moved)
            self.on_address_edited(*moved)

    def on_try_requested(self) -> None:
        """Try out what is chosen."""
        self._try()

    def on_entered(self) -> None:
        """Return was pressed: try out first, open what was found."""
        if self._trying is Trying.FOUND or self._kind is not Kind.ADDRESS:
            self.on_accepted()
        else:
            self._try()

    def on_try_cancelled(self) -> None:
        """Nobody wants to know any more, nor to wait for a camera that does not answer."""
        self._camera_held = False
        self._stop_trying()

    def on_accepted(self) -> None:
        """Open what is chosen."""
        source = self._chosen.get(self._kind, "")
        if not self._ready(source):
            return
        if self._kind is Kind.CAMERA and self._camera_held:
            self._show(busy_display(source))
            self._after_camera = self.on_accepted
            return
        options = self._options if self._kind in (Kind.CAMERA, Kind.SCREEN) else SourceOptions()
        self.on_dismissed()
        self._open_source(self._tile_id, source, options)

    def on_dismissed(self) -> None:
        """The dialog is closed."""
        self._stop_trying()
        for task in self._list_tasks.values():
            task.cancel()
        self._list_tasks.clear()
        self._chosen = {}
        self._view.show_address("", "", "")
        self._view.dismiss()

    # Lists --------------------------------------------------------------------------------------------------------

    def _show_kind(self) -> None:
        self._view.show_kind(self._kind)
        self._stop_trying()
        self._list()
        if self._kind is not Kind.ADDRESS:
            self._choose(self._chosen.get(self._kind, DEMO_SOURCE if self._kind is Kind.DEMO else ""))
            self._try()
        self._show_ready()

    def _list(self) -> None:
        kind = self._kind
        if kind is Kind.FILE:
            self._show_offers(kind, file_offers(self._history.files))
        elif kind is Kind.ADDRESS:
            self._show_offers(kind, address_offers(self._history.addresses))
        elif kind is Kind.CAMERA:
            self._ask_for(kind, lambda: camera_offers(self._cameras()))
        elif kind is Kind.SCREEN:
            self._ask_for(kind, lambda: screen_offers(self._screens()))

    def _ask_for(self, kind: Kind, make: Callable[[], Offers]) -> None:
        """Make a list in a task."""
        if (task := self._list_tasks.pop(kind, None)) is not None:
            task.cancel()
        self._view.show_offers(kind, Offers(busy=True))
        self._list_tasks[kind] = self._tasks.start(
            f"list {kind}",
            lambda _control: make(),
            lambda offers: self._show_offers(kind, offers),
            lambda error: self._show_offers(kind, failed_offers(error)),
        )

    def _show_offers(self, kind: Kind, offers: Offers) -> None:
        self._view.show_offers(kind, offers)
        self._view.show_chosen(kind, self._chosen.get(kind, ""))

    # Trying out ---------------------------------------------------------------------------------------------------

    def _choose(self, source: str) -> None:
        """Another source is chosen: what was found of the old one no longer counts."""
        if source != self._chosen.get(self._kind, ""):
            self._chosen[self._kind] = source
            self._stop_trying()
        self._show_ready()

    def _try(self) -> None:
        source, options = self._chosen.get(self._kind, ""), self._options
        self._stop_trying()
        if not source:
            return
        if (running := self._running(source)) is not None:
            self._show(running)
            return
        self._show(busy_display(source))
        if self._kind is Kind.CAMERA and self._camera_held:
            self._after_camera = self._try
            return
        camera, generation = self._kind is Kind.CAMERA, self._generation
        self._camera_held = self._camera_held or camera
        task = self._tasks.start(
            "try out",
            lambda control: self._work(source, options, control),
            lambda found: self._on_tried(generation, camera, found_display(found)),
            lambda error: self._on_tried(generation, camera, failed_display(error)),
        )
        self._try_task = None if camera else task

    def _work(self, source: str, options: SourceOptions, control: TaskControl) -> TryOut:
        """In a task: the keyring and the source may both take their time."""
        full = self._secrets.full_address(source) if HIDDEN in source else None
        return self._engine.try_source(full or source, options)(control)

    def _running(self, source: str) -> TryOutDisplay | None:
        """A camera that streams already cannot be opened twice: what is known of it, None for any other source."""
        if kind_of(source) is not Kind.CAMERA:
            return None
        for tile in self._store.now.tiles:
            known = self._engine.tile_state(tile.tile_id).info
            if tile.running and known is not None and source in (tile.source, f"camera:{known.title}"):
                picture = self._engine.picture(tile.tile_id)
                found = TryOut(known, picture.frame if picture is not None else None)
                return found_display(found, text("SourcePicker", "It streams already"))
        return None

    def _on_tried(self, generation: int, camera: bool, display: TryOutDisplay) -> None:
        """The answer to the newest question is shown, any other only says that the camera is free again."""
        if generation == self._generation:
            self._try_task = None
            self._show(display)
        if camera:
            self._camera_held = False
            after, self._after_camera = self._after_camera, None
            if after is not None:
                after()

    def _stop_trying(self) -> None:
        """Nobody wants the answer. A camera is let go of first: nobody else could open it before."""
        self._generation += 1
        self._after_camera = None
        if self._try_task is not None:
            self._try_task.cancel()
            self._try_task = None
        self._show(TryOutDisplay())

    def _show(self, display: TryOutDisplay) -> None:
        self._trying = display.trying
        self._view.show_try_out(display)
        self._show_ready()

    def _show_ready(self) -> None:
        source = self._chosen.get(self._kind, "")
        self._view.show_ready(self._ready(source), bool(source) and self._trying is not Trying.BUSY)

    def _ready(self, source: str) -> bool:
        """Whether a source can be opened: one that is away may come back, a file that cannot be read will not."""
        return bool(source) and not (self._kind is Kind.FILE and self._trying is Trying.FAILED)
