"""The child's side of a trial run (see ``engine.pipeline.trial``). Not for people, so no help shows it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from engine.library.corrections import Correction
from engine.library.identify import identify
from engine.pipeline.trial import run_child


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One JSON object: model, settings (of a ``Correction``), backend, device, precision, allow_fallback."""
    parser.add_argument("request")


def run(arguments: argparse.Namespace) -> int:
    """Try the model; the answer is one line on standard output."""
    wanted = json.loads(arguments.request)
    card = identify(Path(wanted["model"]), correction=Correction(wanted["settings"]))
    print(run_child(wanted, card))
    return 0
