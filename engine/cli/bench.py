"""``inferoscope bench``: how fast a model is in every way that this machine can run it, and which one is best."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from engine.backends.backend import DeviceInfo
from engine.backends.processor import machine
from engine.backends.table import BACKENDS, load_backend
from engine.cards import ModelCard, Profile
from engine.cli.files import model_path, output_path, refuse_to_replace_inputs
from engine.cli.interrupt import Interrupt
from engine.cli.messages import say
from engine.cli.model_options import card_of
from engine.cli.terminal import TerminalControl
from engine.cli.values import positive, share, whole
from engine.errors import BackendError, CancelledError
from engine.library.preferences import Preference, forget_preference, store_preference
from engine.optimise.build import work_folder
from engine.optimise.calibration import collect
from engine.optimise.candidate import Candidate
from engine.optimise.prove import Demand, Ground, prove
from engine.optimise.report import Report
from engine.optimise.report_document import csv_text, document
from engine.optimise.report_page import page
from engine.optimise.report_text import lines
from engine.optimise.timing import Effort
from engine.optimise.tune import BUDGET_S, tune
from engine.sinks.disk import require_writable, write_whole

_FRAMES = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this sub-command."""
    parser.add_argument("model", type=model_path, metavar="MODEL", help="an .onnx file, an OpenVINO .xml, or demo")
    parser.add_argument(
        "--backends", type=_backends, default=list(BACKENDS), metavar="B[,B..]", help=f"of {', '.join(BACKENDS)}"
    )
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
    parser.add_argument(
        "--budget", type=positive, default=BUDGET_S, metavar="SECONDS", help="for measuring, about (%(default)g)"
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--tune", action="store_true", help="try numbers of lanes and threads, too, and run the model so from now on"
    )
    group.add_argument("--forget", action="store_true", help="forget what --tune found")
    parser.add_argument("--csv", type=output_path, metavar="FILE.csv", help="a row for each way to run it")
    parser.add_argument("--html", type=output_path, metavar="FILE.html", help="a page to send to others")
    parser.add_argument("--json", action="store_true", help="print one JSON document (docs/json.md)")


def _backends(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not set(names) <= set(BACKENDS):
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(BACKENDS)}")
    return list(dict.fromkeys(names))


def run(arguments: argparse.Namespace) -> int:
    """Do it; 1 where nothing can be run."""
    card = card_of(arguments)
    if arguments.forget:
        forgotten = forget_preference(card.sha256)
        say(f"inferoscope: {card.path.name}: {'forgotten' if forgotten else 'nothing was stored'}")
        return 0
    outputs = [path for path in (arguments.csv, arguments.html) if path]
    refuse_to_replace_inputs(outputs, [arguments.source] if arguments.source else [], card)
    for path in outputs:
        require_writable(path)
    with Interrupt() as interrupt:
        control = TerminalControl(interrupt)
        try:
            report, winner = _measure(arguments, card, control)
        except CancelledError:
            return interrupt.status
        finally:
            control.clear()
    stored = _store(card, winner, Profile(arguments.wish)) if winner else None
    _write(arguments, report)
    _print(arguments, report, stored)
    return 0 if report.original.ways else 1


def _measure(
    arguments: argparse.Namespace, card: ModelCard, control: TerminalControl
) -> tuple[Report, Candidate | None]:
    """The report, and what won where that was asked for."""
    demand = Demand(arguments.limit, Profile(arguments.wish), Effort(budget_s=arguments.budget))
    with work_folder() as folder:
        ground = Ground(_devices(arguments.backends), folder)
        if arguments.source:
            ground = replace(
                ground, calibration=collect(card, arguments.source, folder, control, frames=arguments.frames)
            )
            for warning in ground.calibration.warnings if ground.calibration else ():
                control.clear()
                say(f"inferoscope: {warning}")
        if not arguments.tune:
            return prove(card, (), ground, control, demand=demand), None
        tuned = tune(card, ground, control, demand)
        return tuned.report, tuned.winner


def _devices(names: list[str]) -> list[tuple[str, tuple[DeviceInfo, ...]]]:
    """What each backend has; a backend that is not there is passed over, with the reason."""
    found = []
    for name in names:
        try:
            found.append((name, load_backend(name).devices()))
        except BackendError as error:
            say(f"inferoscope: {error}")
    return found


def _store(card: ModelCard, winner: Candidate, wish: Profile) -> Preference:
    preference = Preference(
        machine(), winner.backend, winner.device, winner.precision, wish, winner.lanes, winner.threads
    )
    store_preference(card.sha256, preference)
    return preference


def _write(arguments: argparse.Namespace, report: Report) -> None:
    if arguments.csv:
        write_whole(arguments.csv, csv_text(report).encode())
    if arguments.html:
        write_whole(arguments.html, page(report).encode())


def _print(arguments: argparse.Namespace, report: Report, stored: Preference | None) -> None:
    if arguments.json:
        told = {**document(report), "stored": stored is not None}
        print(json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False))
        return
    print("\n".join(lines(report)))
    if stored:
        print("run uses this for the model from now on, where no backend, device or precision is named (--forget).")
