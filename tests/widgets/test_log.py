from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from gui.log import logging_hook, start_log, take_qt_message


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = list(root.handlers), root.level
    before = qInstallMessageHandler(None)
    start_log(tmp_path / "log")
    qInstallMessageHandler(before)
    yield tmp_path / "log" / "inferoscope.log"
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    sys.excepthook = hook


def test_no_secret_reaches_the_log(log: Path) -> None:
    logging.getLogger("a").warning("cannot open %s\nnext line", "rtsp://admin:hunter2@10.0.0.4/1?token=abc")
    try:
        raise ValueError("rtsp://admin:hunter2@10.0.0.4/2")
    except ValueError:
        logging.getLogger("a").exception("failed")
    written = log.read_text()
    assert "rtsp://***@10.0.0.4/1?token=***" in written
    assert "next line" in written and "Traceback" in written
    assert "hunter2" not in written


def test_the_log_never_grows_beyond_a_few_megabytes(log: Path) -> None:
    line = "\n".join(["one two three four" * 50] * 200)
    for _ in range(40):
        logging.getLogger("a").info(line)
    sizes = [path.stat().st_size for path in log.parent.iterdir()]
    assert len(sizes) == 5
    assert max(sizes) <= 1_000_000


def test_an_endless_line_is_cut(log: Path) -> None:
    logging.getLogger("a").warning("begins %s", "x" * 100_000)
    assert "begins" in log.read_text()
    assert log.stat().st_size < 3000


def test_a_password_is_hidden_before_its_line_is_cut(log: Path) -> None:
    logging.getLogger("a").warning("cannot open rtsp://ann:%s@yard", "hush " * 1000)
    assert "cannot open rtsp://***@yard" in log.read_text()
    assert "hush" not in log.read_text()


@pytest.mark.parametrize(("kind", "level"), [(QtMsgType.QtInfoMsg, "INFO"), (QtMsgType.QtWarningMsg, "WARNING")])
def test_what_qt_says_is_logged(log: Path, kind: QtMsgType, level: str) -> None:
    take_qt_message(kind, QMessageLogContext(), "the screen is gone")
    assert f"{level} qt.default: the screen is gone" in log.read_text()


def test_what_nobody_caught_is_logged_and_still_told(log: Path) -> None:
    told: list[BaseException] = []
    error = ValueError("out of range")
    logging_hook(lambda _kind, error, _trace: told.append(error))(ValueError, error, None)
    assert told == [error]
    assert "ValueError: out of range" in log.read_text()
