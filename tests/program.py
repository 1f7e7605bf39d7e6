"""The program as tests start it as a process: from the source, or the frozen one that INFEROSCOPE_PROGRAM names."""

from __future__ import annotations

import os
import sys

FROZEN = os.environ.get("INFEROSCOPE_PROGRAM", "")
PROGRAM = (FROZEN,) if FROZEN else (sys.executable, "-m", "gui.launch")
