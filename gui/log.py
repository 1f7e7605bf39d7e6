"""The log: a few files that never grow beyond a few megabytes, and never hold a password."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from engine.addresses import redact
from engine.diagnostics.logs import FILE_BYTES, OLDER_FILES, log_folder, log_name

_LINE_CHARACTERS = 2000
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def start_log(folder: Path | None = None, number: int = 1) -> None:
    """Write the log from now on: the program's own words, Qt's, and errors that nobody caught.

    Args:
        folder: Where to; None for the program's own.
        number: Which of the windows that run this one is, from 1: each writes a log of its own.

    Raises:
        OSError: The folder cannot be written. The program can go on without a log.
    """
    folder = folder or log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / log_name(number), maxBytes=FILE_BYTES, backupCount=OLDER_FILES[number - 1], encoding="utf-8"
    )
    handler.setFormatter(Redacting(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("wakepy").setLevel(logging.WARNING)  # it tells at length what a server does not have
    qInstallMessageHandler(take_qt_message)
    sys.excepthook = logging_hook(sys.excepthook)


class Redacting(logging.Formatter):
    """Takes secrets out of the whole record, tracebacks included.

    A filter would see a traceback only before it is text.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One record without secrets; line by line, so that an address hides no more than its own line."""
        return "\n".join(_bounded(redact(line)) for line in super().format(record).splitlines())


def _bounded(line: str) -> str:
    """A line that fills no file alone. Cut after its secrets are out: they are found by what comes after them."""
    return line if len(line) <= _LINE_CHARACTERS else f"{line[:_LINE_CHARACTERS]} …"


def take_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """What Qt has to say goes into the log."""
    category = getattr(context, "category", None) or "default"
    logging.getLogger(f"qt.{category}").log(_LEVELS.get(kind, logging.WARNING), "%s", message)


Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


def logging_hook(before: Hook) -> Hook:
    """An exception hook that logs what nobody caught, and then does what was done before."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger("inferoscope").critical("Nobody caught this", exc_info=(kind, error, trace))
        before(kind, error, trace)

    return hook
