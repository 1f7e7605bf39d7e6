"""The child's side of building a variant (see ``engine.optimise.build``). Not for people, so no help shows it."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from engine.optimise.recipes.table import carry_out
from engine.pipeline.child import answer_line, end_with_parent


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One JSON object: ``request``, the file with the task."""
    parser.add_argument("question")


def run(arguments: argparse.Namespace) -> int:
    """Do the task; the answer is one line on standard output."""
    end_with_parent()
    request = Path(json.loads(arguments.question)["request"])
    tempfile.tempdir = str(request.parent)  # What libraries leave on the way goes with the folder.
    print(answer_line(carry_out(request)))
    return 0
