"""Files of models/ that come with the program: found in the source tree, in an installed wheel and frozen alike."""

from __future__ import annotations

import sys
from pathlib import Path


def bundled(name: str) -> Path:
    """A file of models/.

    Raises:
        FileNotFoundError: It is not there: the installation is broken.
    """
    here = Path(__file__).resolve().parents[1]
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen) / "models"] if frozen else [here / "models", here.parent / "models"]
    for folder in candidates:
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"A file of the program is missing: {candidates[-1] / name}. Install Inferoscope again.")
