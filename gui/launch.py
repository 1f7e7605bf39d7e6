"""The console script. No Qt at its top: sub-commands go to ``engine.cli``, the rest to the window."""

from __future__ import annotations

import os
import sys

from engine.cli.main import WRONG_USAGE, has_native_calls
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
    if has_native_calls():
        # The interpreter would end those threads in the middle of C++ code, which aborts the process.
        os._exit(status)
    return status


if __name__ == "__main__":
    sys.exit(main())
