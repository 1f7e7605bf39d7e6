"""From the command line to the running window, and to its end."""

from __future__ import annotations

import logging
import signal
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted
from gui.log import start_log
from gui.translation import load_translation

_log = logging.getLogger(__name__)


def run(wanted: Wanted) -> int:
    """Open the window and stay until it is closed.

    Returns:
        Exit status.
    """
    application = make_application()
    ground = Ground(wanted)
    theme.apply(application, ground.settings.text("theme"))
    program = Program(application, ground)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: program.window.close())
    program.window.show()
    # The first picture of the window comes before anything heavy.
    QTimer.singleShot(0, lambda: program.start(wanted))
    status = application.exec()
    program.close()
    for name in ground.close():
        _log.warning("%s is inside a native call still and is left there", name)
    return status


def make_application() -> QApplication:
    """Qt's application with the program's log, language and typeface."""
    try:
        start_log()
    except OSError as error:
        print(f"inferoscope: There will be no log: {error}", file=sys.stderr)  # noqa: T201 - there is no window yet
    application = QApplication([sys.argv[0]])
    application.setApplicationName("Inferoscope")
    application.setDesktopFileName("inferoscope")
    load_translation(application)
    theme.load_fonts(application)
    return application
