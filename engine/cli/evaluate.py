"""``inferoscope evaluate``: how accurate a model is on labelled pictures, through the pipeline that ``run`` uses."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.cards import Profile
from engine.cards_json import execution_json
from engine.cli.files import model_path
from engine.cli.int8_model import card_to_run
from engine.cli.interrupt import Interrupt
from engine.cli.model_options import add_model_arguments, card_of, compile_request, load
from engine.errors import CancelledError
from engine.optimise.evaluate import evaluate, read_truth
from engine.pipeline.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this sub-command."""
    parser.add_argument("model", type=model_path, metavar="MODEL", help="an .onnx file, an OpenVINO .xml, or demo")
    parser.add_argument("--images", required=True, type=Path, metavar="DIR", help="folder of the labelled pictures")
    parser.add_argument(
        "--annotations", required=True, type=Path, metavar="FILE.json", help="their labels as COCO writes them"
    )
    add_model_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status says how it ended."""
    with Interrupt() as interrupt:
        session = Session()
        try:
            document = _evaluate(arguments, session, interrupt)
        except CancelledError:
            return interrupt.status
        finally:
            session.close()
    if arguments.json:
        print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        _print(document)
    return 0


def _evaluate(arguments: argparse.Namespace, session: Session, interrupt: Interrupt) -> dict[str, Any]:
    truth = read_truth(arguments.annotations, arguments.images)
    card = card_to_run(arguments, card_of(arguments), str(arguments.images))
    request = compile_request(arguments, card, Profile.THROUGHPUT)
    model = load(session, arguments.backend, request, interrupt.happened)
    accuracy = evaluate(
        session,
        model,
        arguments.images,
        truth,
        interrupted=interrupt.happened,
        progress=_progress if sys.stderr.isatty() else _silent,
    )
    return {
        **asdict(accuracy),
        "model": {"path": str(card.path), "task": card.task.value, "family": card.family, "sha256": card.sha256},
        "execution": execution_json(model.configuration.report),
    }


def _progress(done: int, of: int) -> None:
    print(f"\r{done} of {of} pictures", end="\n" if done == of else "", file=sys.stderr, flush=True)


def _silent(_done: int, _of: int) -> None:
    """Nobody watches."""


def _print(document: dict[str, Any]) -> None:
    print(f"{document['model']['path']} on {document['execution']['badge']}")
    print(f"{document['images']} pictures, {document['boxes']} boxes")
    for key, title in (
        ("map", "mAP (IoU .50:.95)"),
        ("ap50", "AP50"),
        ("ap75", "AP75"),
        ("map_small", "mAP, small objects"),
        ("map_medium", "mAP, medium objects"),
        ("map_large", "mAP, large objects"),
    ):
        value = float(document[key])
        print(f"  {title:20s} {value:.4f}" if value >= 0 else f"  {title:20s} none there")
