"""``inferoscope export``: smaller and faster variants of a model, each with what it lost."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from engine.cards import ModelCard
from engine.cli.files import model_path
from engine.cli.interrupt import Interrupt
from engine.cli.messages import say, say_error
from engine.cli.model_options import card_of
from engine.cli.terminal import TerminalControl
from engine.cli.values import positive, share, whole
from engine.errors import CancelledError, ModelError
from engine.optimise.build import work_folder
from engine.optimise.calibration import FRAMES, Calibration, collect
from engine.optimise.export import Proven, Refused, export
from engine.optimise.guard import Goal
from engine.optimise.labelled import Labels
from engine.optimise.plan import SEARCH_S
from engine.optimise.variant import Recipe, VariantKind, parse_kind

_ALL = "all"
_PERCENT_OF_ALL = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this sub-command."""
    names = ", ".join(recipe for recipe in Recipe if recipe is not Recipe.PRUNED)
    parser.add_argument("model", type=model_path, metavar="MODEL", help="an .onnx file, an OpenVINO .xml, or demo")
    parser.add_argument(
        "--to",
        required=True,
        type=_kinds,
        metavar="VARIANT[,VARIANT..]",
        help=f"{names}, pruned-NN (NN %% of the weights zeroed), or {_ALL}",
    )
    parser.add_argument(
        "--calibrate",
        metavar="SOURCE",
        help="frames to quantise with and to compare on: a file, a folder of pictures, camera:0, rtsp://.. or demo",
    )
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="folder for the variants")
    parser.add_argument(
        "--frames", type=whole(1, 10_000), default=FRAMES, metavar="N", help="frames to quantise with (%(default)s)"
    )
    parser.add_argument(
        "--limit",
        type=share,
        default=Goal().agreement,
        metavar="F1",
        help="least agreement of a quantised variant with the original, 0 to 1 (%(default)s); 0 quantises all at once",
    )
    parser.add_argument(
        "--search",
        type=positive,
        default=SEARCH_S,
        metavar="SECONDS",
        help="longest search for each quantised variant (%(default)g)",
    )
    parser.add_argument(
        "--annotations", type=Path, metavar="FILE.json", help="labels as COCO writes them: accuracy is measured, too"
    )
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="folder of the labelled pictures (default: the one to calibrate)"
    )
    parser.add_argument("--json", action="store_true", help="print what was built as one JSON document")


def _kinds(text: str) -> tuple[VariantKind, ...]:
    """Variants as a person lists them, each once; none for all."""
    if text.strip() == _ALL:
        return ()
    try:
        return tuple(dict.fromkeys(parse_kind(name.strip()) for name in text.split(",")))
    except ModelError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


def run(arguments: argparse.Namespace) -> int:
    """Do it; 1 where a variant that was named cannot be built, or of all none can."""
    with Interrupt() as interrupt:
        control = TerminalControl(interrupt)
        try:
            outcomes = _export(arguments, control)
        except CancelledError:
            return interrupt.status
        finally:
            control.clear()
    refused = any(isinstance(outcome, Refused) for outcome in outcomes)
    built = any(isinstance(outcome, Proven) for outcome in outcomes)
    return 1 if refused and (arguments.to or not built) else 0


def _export(arguments: argparse.Namespace, control: TerminalControl) -> list[Proven | Refused]:
    labels = _labels(arguments)
    card = card_of(arguments)
    accuracy = None if labels is None else partial(labels.accuracy, control=control)
    kinds = arguments.to or _all_kinds()
    goal = Goal(arguments.limit, arguments.search) if arguments.limit else None
    outcomes: list[Proven | Refused] = []
    with work_folder() as folder:
        calibration = _collected(arguments, card, folder, control)
        original = accuracy(card) if accuracy is not None else None
        if not arguments.json:
            control.clear()
            print(_line("original", card.model_bytes, None, original), flush=True)
        for outcome in export(
            card, kinds, arguments.output, control, calibration=calibration, goal=goal, accuracy=accuracy
        ):
            outcomes.append(outcome)
            control.clear()
            _tell(outcome, quiet=arguments.json)
    if arguments.json:
        document = _document(card, original, calibration, outcomes)
        print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
    return outcomes


def _all_kinds() -> tuple[VariantKind, ...]:
    return tuple(VariantKind(recipe, _PERCENT_OF_ALL if recipe is Recipe.PRUNED else 0) for recipe in Recipe)


def _collected(
    arguments: argparse.Namespace, card: ModelCard, folder: Path, control: TerminalControl
) -> Calibration | None:
    if not arguments.calibrate:
        return None
    calibration = collect(card, arguments.calibrate, folder, control, frames=arguments.frames)
    control.clear()
    for warning in calibration.warnings:
        say(f"inferoscope: {calibration.source}: {warning}")
    return calibration


def _labels(arguments: argparse.Namespace) -> Labels | None:
    """The labelled pictures, where labels are given.

    Raises:
        ModelError: The labels cannot be read.
        SourceError: Pictures are missing.
    """
    if arguments.annotations is None:
        return None
    images: Path = arguments.images or Path(arguments.calibrate or arguments.annotations.parent).expanduser()
    return Labels.read(arguments.annotations, images)


# What is told ---------------------------------------------------------------------------------------------------------


def _line(name: str, size: int, agreement: float | None, accuracy: float | None) -> str:
    parts = [f"{name:<14}{size:>14,} bytes"]
    parts += [] if agreement is None else [f"agreement {agreement:.3f}"]
    parts += [] if accuracy is None else [f"mAP {accuracy:.4f}"]
    return "  ".join(parts)


def _tell(outcome: Proven | Refused, *, quiet: bool) -> None:
    if isinstance(outcome, Refused):
        say_error(outcome.error)
    elif not quiet:
        print("\n".join(_told(outcome)), flush=True)


def _told(proven: Proven) -> Iterator[str]:
    variant = proven.variant
    agreement = proven.likeness.agreement if proven.likeness else None
    yield _line(variant.name, variant.model_bytes, agreement, proven.map)
    yield f"  {variant.path}"
    for note in variant.notes:
        yield f"  {note}."


def _document(
    card: ModelCard, accuracy: float | None, calibration: Calibration | None, outcomes: list[Proven | Refused]
) -> dict[str, Any]:
    return {
        "model": {
            "path": str(card.path),
            "sha256": card.sha256,
            "bytes": card.model_bytes,
            "task": card.task.value,
            "family": card.family,
            "map": accuracy,
        },
        "calibration": None if calibration is None else _calibration_json(calibration),
        "variants": [_variant_json(outcome) for outcome in outcomes if isinstance(outcome, Proven)],
        "refused": [_refused_json(outcome) for outcome in outcomes if isinstance(outcome, Refused)],
    }


def _calibration_json(calibration: Calibration) -> dict[str, Any]:
    return {
        "source": calibration.source,
        "frames": calibration.frames,
        "held_out_frames": len(calibration.held_out),
        "warnings": list(calibration.warnings),
    }


def _variant_json(proven: Proven) -> dict[str, Any]:
    variant, likeness = proven.variant, proven.likeness
    return {
        "name": variant.name,
        "path": str(variant.path),
        "bytes": variant.model_bytes,
        "agreement_f1": None if likeness is None else round(likeness.agreement, 4),
        "map": proven.map,
        "closeness": None if likeness is None else round(likeness.closeness, 4),
        "mean_iou": None if likeness is None or likeness.mean_iou is None else round(likeness.mean_iou, 4),
        "score_drift": None if likeness is None else round(likeness.score_drift, 4),
        "class_flips": None if likeness is None else likeness.class_flips,
        "lost_frames": None if likeness is None else likeness.lost_frames,
        "build_s": round(variant.build_s, 3),
        "notes": list(variant.notes),
        "origin": asdict(variant.origin),
    }


def _refused_json(refused: Refused) -> dict[str, Any]:
    error = refused.error
    return {"name": refused.kind.name, "what": error.what, "expected": error.expected, "remedy": error.remedy}
