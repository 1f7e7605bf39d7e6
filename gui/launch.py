"""The console script. No Qt at its top: sub-commands go to ``engine.cli``, the rest to the window."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from engine.cli.main import COMMANDS, FAILED, has_native_calls
from engine.cli.main import main as run_command
from engine.diagnostics.watch import COMMAND, WINDOW, Watch
from gui.arguments import opens_window, parse

_NO_DISPLAY = (
    "inferoscope: There is no display to open a window on. Start it from a desktop, or use the commands: "
    "inferoscope --help"
)


def main() -> int:
    """Run the program with the arguments of the process and return its exit status."""
    arguments = sys.argv[1:]
    status = _run_window(arguments) if opens_window(arguments) else _run_command(arguments)
    if has_native_calls():
        # The interpreter would end those threads in the middle of C++ code, which aborts the process.
        sys.stdout.flush()
        os._exit(status)
    return status


def _run_window(arguments: list[str]) -> int:
    wanted = parse(arguments)
    if not _has_display():
        print(_NO_DISPLAY, file=sys.stderr)
        return FAILED
    with _watched(WINDOW) as watch:
        gc.disable()  # What is made until the window is there stays; ``FirstPaint`` turns it on again.
        from gui.app import run

        return run(wanted, watch)


def _run_command(arguments: list[str]) -> int:
    if arguments[0] not in COMMANDS:
        return run_command(arguments)
    with _watched(COMMAND):
        return run_command(arguments)


@contextmanager
def _watched(kind: str) -> Iterator[Watch]:
    """Let a crash leave a report; the program does without where its folder cannot be written."""
    watch = Watch(kind)
    try:
        watch.start()
    except OSError as error:
        if kind == WINDOW:
            print(f"inferoscope: A crash would leave no report: {error}", file=sys.stderr)
    try:
        yield watch
    finally:
        watch.end()


def _has_display() -> bool:
    """Whether Qt finds a display; it aborts the process where there is none."""
    if sys.platform != "linux":
        return True
    platform = os.environ.get("QT_QPA_PLATFORM")
    if platform not in (None, "", "xcb") or (not platform and os.environ.get("WAYLAND_DISPLAY")):
        return True
    return bool(os.environ.get("DISPLAY")) and _x_server_answers()


def _x_server_answers() -> bool:
    """Whether the display that is named is there: a name outlives its server, as in a terminal that was left open."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt says what else of the system it misses
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return answers


if __name__ == "__main__":
    sys.exit(main())
