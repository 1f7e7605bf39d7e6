"""From the command line to the running window, and to its end."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import time
from collections.abc import Callable
from types import TracebackType

import psutil
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from engine.diagnostics.watch import MOST, WINDOW, Watch
from engine.errors import InferoscopeError
from engine.folders import data_folder
from engine.pipeline.worker import on_uncaught
from gui import theme
from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted
from gui.log import Hook, start_log
from gui.presenters.problems import Problems
from gui.resources import asset
from gui.settings import Settings
from gui.texts import text
from gui.translation import load_translation, locale_of

_log = logging.getLogger(__name__)

_UNSEEN_MS = 500


def run(wanted: Wanted, watch: Watch) -> int:
    """Open the window and stay until it is closed.

    Args:
        wanted: What it begins with.
        watch: Told of what nobody caught.

    Returns:
        Exit status.
    """
    no_log = begin_log(watch)
    watch_python(watch)
    application = make_application()
    ground = Ground(wanted)
    if no_log is not None:
        ground.problems.add("Inferoscope", without_log(no_log))
    sys.excepthook = telling_hook(sys.excepthook, ground.problems)
    theme.apply(application, ground.settings.text("theme"))
    program = Program(application, ground)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: program.window.close())
    first_paint = FirstPaint(program.window, lambda: program.start(wanted))
    program.window.show()
    status = application.exec()
    first_paint.forget()
    program.close()
    for name in ground.close():
        _log.warning("%s is inside a native call still and is left there", name)
    return status


def telling_hook(before: Hook, problems: Problems) -> Hook:
    """An exception hook that does what was done before, and then tells the person.

    Else a mistake of the program's own would be a button that does nothing.
    """

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        problems.add(
            "Inferoscope",
            InferoscopeError(
                text("Run", "The program made a mistake"),
                remedy=text("Run", "It goes on; if something no longer works, start it again. The log has the details"),
                detail=f"{kind.__name__}: {error}",
            ),
        )

    return hook


class FirstPaint(QObject):
    """Calls back once when a window has been painted, or after half a second where nobody can see it.

    From then on garbage is collected.

    Args:
        window: Not shown yet.
        then: What comes after: anything heavy.
    """

    def __init__(self, window: QWidget, then: Callable[[], None]) -> None:
        super().__init__(window)
        self._then: Callable[[], None] | None = then
        window.installEventFilter(self)
        QTimer.singleShot(_UNSEEN_MS, self._call)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Look for the first painting; it is done when the event loop is back."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._call)
        return False

    def forget(self) -> None:
        """Call nobody any more."""
        self._then = None

    def _call(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            # What is there now stays: later looks of the garbage collector need not stop the window for it.
            gc.freeze()
            gc.enable()
            _log.info("The window is there %.2f s after the start", time.time() - psutil.Process().create_time())
            then()


def make_application() -> QApplication:
    """Qt's application with the program's language and typeface."""
    application = QApplication([sys.argv[0]])
    application.setApplicationName("Inferoscope")
    application.setDesktopFileName("inferoscope")
    application.setWindowIcon(QIcon(str(asset("icons", "inferoscope.svg"))))
    locale = locale_of(Settings().text("language"))  # read before its own texts are needed in that language
    load_translation(application, locale)
    theme.load_fonts(application, locale)
    return application


def begin_log(watch: Watch) -> str | None:
    """Write the log of this window, before there is anything to tell; or the system's words for why there is none."""
    try:
        if watch.number:  # without one it would write into the log of another window
            start_log(number=watch.number)
    except OSError as error:
        return str(error)
    for _ in range(watch.killed):
        _log.warning("A window before this one was killed, or the computer lost its power")
    return None if watch.number else ""


def without_log(detail: str) -> InferoscopeError:
    """Why there is none, as a person is told."""
    return InferoscopeError(
        text("Run", "Neither a log nor a report of a crash will be written"),
        subject=str(data_folder()),
        expected=text("Run", "a folder that can be written, and {count} open windows at most").format(
            count=MOST[WINDOW]
        ),
        remedy=text("Run", "Close other windows of Inferoscope, free space on the disk, and start it again"),
        detail=detail,
    )


def watch_python(watch: Watch) -> None:
    """Let errors that nobody caught leave a report, in the GUI thread and in others."""

    def report(error: BaseException) -> None:
        _log.critical("Nobody caught this in a thread", exc_info=error)
        watch.write_down(error)

    sys.excepthook = reporting_hook(sys.excepthook, watch.write_down)
    on_uncaught(report)


def reporting_hook(before: Hook, report: Callable[[BaseException], None]) -> Hook:
    """An exception hook that does what was done before, and then has it written down; but not that the person left."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        if isinstance(error, Exception):
            report(error.with_traceback(trace))

    return hook
