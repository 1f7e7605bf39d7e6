"""Files that come with the program: found in the source tree, in an installed wheel and in a frozen program alike."""

from __future__ import annotations

import sys
from pathlib import Path


def asset(*parts: str) -> Path:
    """A file below assets/.

    Raises:
        FileNotFoundError: It is not there: the installation is broken.
    """
    path = _root().joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(f"A file of the program is missing: {path}. Install Inferoscope again.")
    return path


def licences() -> Path | None:
    """The licences of all that is shipped; None in a source tree where they have not been collected yet."""
    path = _root() / "licences.txt"
    return path if path.is_file() else None


def manual() -> Path:
    """The folder of the manual's chapters: beside the assets, in a source tree where they are written."""
    beside = _root() / "manual"
    return beside if beside.is_dir() else Path(__file__).resolve().parent.parent / "docs" / "manual"


def _root() -> Path:
    here = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen) / "assets"] if frozen else [here / "assets", here.parent / "assets"]
    return next((path for path in candidates if path.is_dir()), candidates[-1])
