"""What the window may be started with. Imports nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.cards import Precision

OPTIONS = ("--source", "--model", "--backend", "--device", "--precision", "--session")
"""What begins a command line that opens the window."""

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
    """Whether a command line asks for the window, not for a command."""
    return not arguments or arguments[0].partition("=")[0] in OPTIONS


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
    return Wanted(**vars(parser.parse_args(arguments)))
