"""Which cameras are plugged in, known before anybody asks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.errors import InferoscopeError
from gui.presenters.port import Tasks
from gui.presenters.source_display import Offers, camera_offers

if TYPE_CHECKING:
    from engine.capture.camera_list import CameraInfo

_log = logging.getLogger(__name__)


def plugged_in() -> Sequence[CameraInfo]:
    """Ask the system for its cameras, which may take a moment."""
    from engine.capture.camera_list import list_cameras

    return list_cameras()


class Cameras:
    """Looks for cameras in the background; ``look`` is called now and then.

    Args:
        tasks: Run the search.
        cameras: Lists the cameras, in a task.
    """

    def __init__(self, tasks: Tasks, cameras: Callable[[], Sequence[CameraInfo]] = plugged_in) -> None:
        self._tasks = tasks
        self._cameras = cameras
        self._looking = False
        self.sources: tuple[str, ...] = ()
        """What opens each of them, as of the last look."""

    def look(self) -> None:
        """Look again, unless the look before has not ended."""
        if not self._looking:
            self._looking = True
            self._tasks.start("cameras", lambda _control: camera_offers(self._cameras()), self._found, self._failed)

    def _found(self, offers: Offers) -> None:
        self._looking = False
        self.sources = tuple(offer.source for offer in offers.items)

    def _failed(self, error: InferoscopeError) -> None:
        """The dialog that chooses a source says so to who wants a camera."""
        self._looking, self.sources = False, ()
        _log.warning("Cameras cannot be listed: %s", error)
