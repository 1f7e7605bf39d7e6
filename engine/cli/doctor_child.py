"""The child's side of the self-test (see ``engine.doctor``). Not for people, so no help shows it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from engine.backends.table import BACKENDS
from engine.doctor.messages import INT8_TASK, Answer, Question
from engine.doctor.tasks import do_task
from engine.pipeline.child import answer_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One JSON object that names the task."""
    parser.add_argument("question")


def run(arguments: argparse.Namespace) -> int:
    """Do the task; the answer is one line on standard output."""
    question = json.loads(arguments.question)
    print(answer_line(_int8_variants(question) if question["task"] == INT8_TASK else do_task(question)))
    return 0


def _int8_variants(question: Question) -> Answer:
    """Where the INT8 variants of a model are, by backend; other tasks do not load what this takes."""
    from engine.library.corrections import Correction
    from engine.library.identify import identify
    from engine.optimise.int8_variant import find_int8

    card = identify(Path(question["model"]), correction=Correction())
    found = {backend: find_int8(card, backend) for backend in BACKENDS}
    return {"int8": {backend: str(variant.path) for backend, variant in found.items() if variant is not None}}
