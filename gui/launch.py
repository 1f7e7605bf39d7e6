"""The console script. No Qt at its top: sub-commands go to ``engine.cli``, the rest to the window."""

from __future__ import annotations

import os
import sys
import threading

from engine.cli.main import WRONG_USAGE
from engine.cli.main import main as run_command

_NO_WINDOW = """\
This version has no window yet; everything works from the command line. For example:

    inferoscope run --source VIDEO --model MODEL.onnx --video out.mp4
    inferoscope --help
"""


def main() -> int:
    """Run the program with the arguments of the process and return its exit status."""
    arguments = sys.argv[1:]
    if not arguments:
        print(_NO_WINDOW, file=sys.stderr, end="")
        return WRONG_USAGE
    status = run_command(arguments)
    _leave_native_calls_behind(status)
    return status


def _leave_native_calls_behind(status: int) -> None:
    """End now where a thread is still inside a native call, such as a compilation that cannot be cancelled.

    The interpreter would end that thread in the middle of C++ code, which aborts the process.
    """
    if threading.active_count() > 1:
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
