"""The child's side of the self-test (see ``engine.doctor``). Not for people, so no help shows it."""

from __future__ import annotations

import argparse
import json

from engine.doctor.tasks import do_task
from engine.pipeline.child import answer_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One JSON object that names the task."""
    parser.add_argument("question")


def run(arguments: argparse.Namespace) -> int:
    """Do the task; the answer is one line on standard output."""
    print(answer_line(do_task(json.loads(arguments.question))))
    return 0
