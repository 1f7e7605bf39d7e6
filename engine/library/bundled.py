"""Files of models/ that come with the program: found in the source tree, in an installed wheel and frozen alike."""

from __future__ import annotations

import sys
from pathlib import Path

from engine.errors import ModelError

DEMO_MODEL = Path("demo")
"""What the demo's model is called: where its file is depends on the installation."""
_INSIDE = "inside"
"""Folder of the models that an installer brings."""


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


def inside_models() -> tuple[Path, ...]:
    """What the models that come with this installation are called; ``DEMO_MODEL`` first, if its file is there or not.

    An installer brings others from the catalogue, under their keys.
    """
    try:
        others = sorted(bundled(_INSIDE).glob("*.onnx"))
    except FileNotFoundError:
        others = []
    return (DEMO_MODEL, *(Path(file.stem) for file in others))


def is_inside(path: Path) -> bool:
    """Whether this is the name of a model that comes with the program, not the path of a file."""
    return str(path) == path.name and not path.suffix and bool(path.name)


def model_file(path: Path) -> Path:
    """Where a model's file is: the path itself, or where this installation has the one of that name.

    Raises:
        ModelError: It does not come with this installation.
    """
    if not is_inside(path):
        return path
    try:
        return bundled("demo.onnx" if path == DEMO_MODEL else f"{_INSIDE}/{path}.onnx")
    except FileNotFoundError as error:
        what = "The demo model" if path == DEMO_MODEL else "This model"
        raise ModelError(
            f"{what} is missing from this installation",
            subject=str(path),
            remedy="Install Inferoscope again, or use a model of your own",
            detail=str(error),
        ) from error
