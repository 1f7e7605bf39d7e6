"""``inferoscope export``: smaller and faster variants of a model, each with what it lost."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from engine.cards import ModelCard
from engine.cli.files import model_path
from engine.cli.interrupt import Interrupt
from engine.cli.messages import say, say_error
from engine.cli.model_options import card_of
from engine.cli.report_options import add_report_arguments, require_room, write_report
from engine.cli.terminal import TerminalControl
from engine.cli.values import positive, share, whole
from engine.errors import CancelledError, ModelError
from engine.optimise.calibration import FRAMES, Calibration
from engine.optimise.candidate import ORIGINAL
from engine.optimise.guard import Goal
from engine.optimise.job import OptimiseJob
from engine.optimise.plan import BUDGET_S, FRAMES_STEP, Plan, Progress, Step, StepState
from engine.optimise.report import Entry, Report
from engine.optimise.report_document import document
from engine.optimise.report_text import lines
from engine.optimise.timing import Effort
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
        default=Goal().seconds,
        metavar="SECONDS",
        help="longest search for each quantised variant (%(default)g)",
    )
    parser.add_argument(
        "--annotations", type=Path, metavar="FILE.json", help="labels as COCO writes them: accuracy is measured, too"
    )
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="folder of the labelled pictures (default: the one to calibrate)"
    )
    add_report_arguments(parser, BUDGET_S, "for timing each variant")
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
    card = card_of(arguments)
    require_room(arguments, card, [arguments.calibrate])
    with Interrupt() as interrupt:
        control = TerminalControl(interrupt)
        teller = _Teller(control, quiet=arguments.json)
        job = OptimiseJob(_plan(arguments, card), lambda step: teller.tell(step, job.now))
        try:
            progress = job.run(control)
        except CancelledError:
            return interrupt.status
        finally:
            control.clear()
    assert progress.report is not None  # a job that has run to its end has one
    write_report(arguments, progress.report)
    if arguments.json:
        print(json.dumps(_document(card, progress, progress.report), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        print("\n".join(("", *lines(progress.report))))
    refused = any(step.state is StepState.REFUSED for step in progress.steps)
    return 1 if refused and (arguments.to or not progress.report.variants) else 0


def _plan(arguments: argparse.Namespace, card: ModelCard) -> Plan:
    return Plan(
        card,
        arguments.to or _all_kinds(),
        arguments.output,
        arguments.calibrate or "",
        limit=arguments.limit,
        backends=arguments.backends,
        annotations=arguments.annotations,
        images=_images(arguments),
        frames=arguments.frames,
        search_s=arguments.search,
        effort=Effort.within(arguments.budget),
    )


def _all_kinds() -> tuple[VariantKind, ...]:
    return tuple(VariantKind(recipe, _PERCENT_OF_ALL if recipe is Recipe.PRUNED else 0) for recipe in Recipe)


def _images(arguments: argparse.Namespace) -> Path | None:
    """Folder of the labelled pictures, where labels are given."""
    if arguments.annotations is None:
        return None
    images: Path = arguments.images or Path(arguments.calibrate or arguments.annotations.parent)
    return images.expanduser()


# What is told ---------------------------------------------------------------------------------------------------------


class _Teller:
    """Tells each step as it ends.

    Args:
        control: Its line is cleared first.
        quiet: Only what is wrong.
    """

    def __init__(self, control: TerminalControl, *, quiet: bool) -> None:
        self._control = control
        self._quiet = quiet

    def tell(self, step: Step, now: Progress) -> None:
        """One step is done or refused."""
        self._control.clear()
        if step.error is not None:
            say_error(step.error, about=step.name)
        elif step.name == FRAMES_STEP and now.calibration is not None:
            for warning in now.calibration.warnings:
                say(f"inferoscope: {now.calibration.source}: {warning}")
        elif now.report is not None and not self._quiet:
            (entry,) = (entry for entry in now.report.entries if entry.name == step.name)
            print(_told(entry), flush=True)


def _told(entry: Entry) -> str:
    parts = [f"{entry.name:<14}{entry.model_bytes:>14,} bytes"]
    if entry.name != ORIGINAL and entry.likeness is not None and entry.likeness.expected:
        parts.append(f"agreement {entry.likeness.agreement:.3f}")
    if entry.map is not None:
        parts.append(f"mAP {entry.map:.4f}")
    notes = [] if entry.name == ORIGINAL else [f"  {entry.path}", *(f"  {note}." for note in entry.notes)]
    return "\n".join(["  ".join(parts), *notes])


def _document(card: ModelCard, progress: Progress, report: Report) -> dict[str, Any]:
    model = {
        "path": str(card.path),
        "sha256": card.sha256,
        "bytes": card.model_bytes,
        "task": card.task.value,
        "family": card.family,
        "map": report.original.map,
    }
    return {
        **document(report),
        "model": model,
        "calibration": _calibration(progress.calibration),
        "refused": [_refused(step) for step in progress.steps if step.error is not None],
        "not_run": [
            {"name": each.name, "place": each.place, "reason": each.reason} for each in report.refused if each.place
        ],
    }


def _calibration(calibration: Calibration | None) -> dict[str, Any] | None:
    if calibration is None:
        return None
    return {
        "source": calibration.source,
        "frames": calibration.frames,
        "held_out_frames": len(calibration.held_out),
        "warnings": list(calibration.warnings),
    }


def _refused(step: Step) -> dict[str, Any]:
    assert step.error is not None
    return {
        "name": step.name,
        "what": step.error.what,
        "expected": step.error.expected,
        "remedy": step.error.remedy,
    }
