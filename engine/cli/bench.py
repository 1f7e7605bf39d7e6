"""``inferoscope bench``: how fast a model is in every way that this machine can run it, and which one is best."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from engine.backends.processor import machine
from engine.cards import ModelCard, Profile
from engine.cli.files import model_path
from engine.cli.interrupt import Interrupt
from engine.cli.messages import say
from engine.cli.model_options import card_of
from engine.cli.report_options import add_report_arguments, require_room, write_report
from engine.cli.terminal import TerminalControl
from engine.cli.values import share, whole
from engine.errors import CancelledError
from engine.library.preferences import Preference, forget_preference, store_preference
from engine.optimise.build import work_folder
from engine.optimise.calibration import collect
from engine.optimise.candidate import Candidate
from engine.optimise.proving import Demand, Ground, Proving, devices_of
from engine.optimise.report import Report
from engine.optimise.report_document import document
from engine.optimise.report_text import lines
from engine.optimise.timing import Effort
from engine.optimise.tune import BUDGET_S, tune

_FRAMES = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this sub-command."""
    parser.add_argument("model", type=model_path, metavar="MODEL", help="an .onnx file, an OpenVINO .xml, or demo")
    parser.add_argument(
        "--source",
        metavar="S",
        help="frames to compare what is found on them: a file, a folder of pictures, camera:0, rtsp://.. or demo",
    )
    parser.add_argument("--frames", type=whole(1, 10_000), default=_FRAMES, metavar="N", help="of them (%(default)s)")
    parser.add_argument(
        "--limit", type=share, default=0.95, metavar="F1", help="least agreement with the original (%(default)s)"
    )
    parser.add_argument(
        "--wish",
        choices=[profile.value for profile in Profile],
        default=Profile.THROUGHPUT.value,
        help="many frames a second, or quick answers (%(default)s)",
    )
    add_report_arguments(parser, BUDGET_S, "for measuring")
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--tune", action="store_true", help="try numbers of lanes and threads, too, and run the model so from now on"
    )
    group.add_argument("--forget", action="store_true", help="forget what --tune found")
    parser.add_argument("--json", action="store_true", help="print one JSON document (docs/json.md)")


def run(arguments: argparse.Namespace) -> int:
    """Do it; 1 where nothing can be run."""
    card = card_of(arguments)
    if arguments.forget:
        forgotten = forget_preference(card.sha256)
        say(f"inferoscope: {card.path.name}: {'forgotten' if forgotten else 'nothing was stored'}")
        return 0
    require_room(arguments, card, [arguments.source])
    with Interrupt() as interrupt:
        control = TerminalControl(interrupt)
        try:
            report, winner = _measure(arguments, card, control)
        except CancelledError:
            return interrupt.status
        finally:
            control.clear()
    stored = _store(card, winner, Profile(arguments.wish)) if winner else None
    write_report(arguments, report)
    _print(arguments, report, stored)
    return 0 if report.original.ways else 1


def _measure(
    arguments: argparse.Namespace, card: ModelCard, control: TerminalControl
) -> tuple[Report, Candidate | None]:
    """The report, and what won where that was asked for."""
    demand = Demand(arguments.limit, Profile(arguments.wish), Effort.within(arguments.budget))
    with work_folder() as folder:
        backends, missing = devices_of(arguments.backends)
        ground = Ground(backends, folder)
        if arguments.source:
            ground = replace(
                ground, calibration=collect(card, arguments.source, folder, control, frames=arguments.frames)
            )
            for warning in ground.calibration.warnings if ground.calibration else ():
                control.clear()
                say(f"inferoscope: {warning}")
        if arguments.tune:
            tuned = tune(card, ground, control, demand)
            report, winner = tuned.report, tuned.winner
        else:
            proving = Proving(card, ground, control, demand)
            proving.original()
            report, winner = proving.report(), None
        return replace(report, refused=(*missing, *report.refused)), winner


def _store(card: ModelCard, winner: Candidate, wish: Profile) -> Preference:
    preference = Preference(
        machine(), winner.backend, winner.device, winner.precision, wish, winner.lanes, winner.threads
    )
    store_preference(card.sha256, preference)
    return preference


def _print(arguments: argparse.Namespace, report: Report, stored: Preference | None) -> None:
    if arguments.json:
        told = {**document(report), "stored": stored is not None}
        print(json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False))
        return
    print("\n".join(lines(report)))
    if stored:
        print("This is how the model runs from now on, where no backend, device or precision is named (--forget).")
