"""What the window may be started with. Imports nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.cards import Precision
from engine.cli.main import COMMANDS

OPTIONS = ("--source", "--model", "--backend", "--device", "--precision", "--session")
"""What begins a command line that opens the window."""
_MODEL_SUFFIXES = (".onnx", ".xml")

_EPILOG = "Without a command the program opens its window. 'inferoscope --help' lists the commands."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked the window to begin with; None and "" leave it as it was.

    Attributes:
        source: A file, a folder, ``camera:0``, an address, ``screen:0``, ``demo``.
        model: A model file, or ``demo``.
        backend, device, precision: How the model is to run.
        session: The file that the session is kept in.
    """

    source: str = ""
    model: Path | None = None
    backend: str = ""
    device: str | None = None
    precision: Precision | None = None
    session: Path | None = None


def opens_window(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for the window, not for a command.

    A file manager names just the file that a person has opened with the program.
    """
    if not arguments or arguments[0].partition("=")[0] in OPTIONS:
        return True
    return arguments[0] not in COMMANDS and Path(arguments[0]).exists()


def parse(arguments: Sequence[str]) -> Wanted:
    """Read the command line of the window.

    Raises:
        SystemExit: It is wrong (status 2, told on standard error) or asks for help.
    """
    parser = argparse.ArgumentParser(prog="inferoscope", epilog=_EPILOG, allow_abbrev=False)
    parser.add_argument(
        "--source", default="", metavar="S", help="open this in the first tile, and start it; demo is the one inside"
    )
    parser.add_argument("--model", type=Path, metavar="M", help="let this model analyse it; demo is the one inside")
    parser.add_argument("--backend", default="", metavar="B", help="openvino, onnxruntime or opencv")
    parser.add_argument("--device", metavar="D", help="a device that 'inferoscope backends' lists")
    parser.add_argument("--precision", type=Precision, choices=list(Precision), metavar="P", help="auto, fp32, ..")
    parser.add_argument("--session", type=Path, metavar="FILE", help="keep tiles and models in this file")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a video, a picture or a model to open")
    named = vars(parser.parse_args(arguments))
    file = named.pop("file")
    if file is not None:
        kind = "model" if file.suffix.lower() in _MODEL_SUFFIXES else "source"
        if named[kind]:
            parser.error(f"{file} is a second {kind}")
        named[kind] = file if kind == "model" else str(file)
    return Wanted(**named)
