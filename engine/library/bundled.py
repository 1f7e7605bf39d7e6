"""Files of models/ that come with the program: found in the source tree, in an installed wheel and frozen alike."""

from __future__ import annotations

import sys
from pathlib import Path

from engine.errors import ModelError

DEMO_MODEL = Path("demo")
"""What the model that comes with the program is called: where its file is depends on the installation."""


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


def demo_model() -> Path:
    """The model that comes with the program, under the name ``demo``.

    Raises:
        ModelError: It is not there.
    """
    try:
        return bundled("demo.onnx")
    except FileNotFoundError as error:
        raise ModelError(
            "The demo model is missing from this installation",
            subject="demo",
            remedy="Install Inferoscope again, or use a model of your own",
            detail=str(error),
        ) from error


def model_file(path: Path) -> Path:
    """Where a model's file is: the path itself, but for ``DEMO_MODEL``.

    Raises:
        ModelError: The demo model is not there.
    """
    return demo_model() if path == DEMO_MODEL else path
