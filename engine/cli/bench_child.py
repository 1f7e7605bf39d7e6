"""The child's side of timing (see ``engine.optimise.race``). Not for people, so no help shows it."""

from __future__ import annotations

import argparse

from engine.optimise.stopwatch import Answering
from engine.pipeline.conversation import converse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing that matters: questions come on standard input."""
    parser.add_argument("question")


def run(_arguments: argparse.Namespace) -> int:
    """Answer questions until there are no more."""
    converse(Answering().answer)
    return 0
