"""Options of the sub-commands that measure variants of a model and report it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from engine.backends.table import BACKENDS
from engine.cards import ModelCard
from engine.cli.files import output_path, refuse_to_replace_inputs
from engine.cli.values import positive
from engine.optimise.report import Report
from engine.optimise.report_document import csv_text
from engine.optimise.report_page import page
from engine.sinks.disk import require_writable, write_whole


def add_report_arguments(parser: argparse.ArgumentParser, budget_s: float, budget_of: str) -> None:
    """Where to measure, how long, and where the report goes."""
    parser.add_argument(
        "--backends",
        type=_backends,
        default=tuple(BACKENDS),
        metavar="B[,B..]",
        help=f"where to measure: of {', '.join(BACKENDS)} (all)",
    )
    parser.add_argument(
        "--budget", type=positive, default=budget_s, metavar="SECONDS", help=f"{budget_of}, about (%(default)g)"
    )
    parser.add_argument("--csv", type=output_path, metavar="FILE.csv", help="a row for each way to run each variant")
    parser.add_argument("--html", type=output_path, metavar="FILE.html", help="a page to send to others")


def _backends(text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",")]
    if not set(names) <= set(BACKENDS):
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(BACKENDS)}")
    return tuple(dict.fromkeys(names))


def require_room(arguments: argparse.Namespace, card: ModelCard, sources: Sequence[str | None]) -> None:
    """Before anything is measured: whether the report can be written.

    Raises:
        SinkError: It cannot, or would replace what is read.
    """
    outputs: list[Path] = [path for path in (arguments.csv, arguments.html) if path]
    refuse_to_replace_inputs(outputs, [source for source in sources if source], card)
    for path in outputs:
        require_writable(path)


def write_report(arguments: argparse.Namespace, report: Report) -> None:
    """Write the files that were asked for.

    Raises:
        SinkError: The disk refuses.
    """
    if arguments.csv:
        write_whole(arguments.csv, csv_text(report).encode())
    if arguments.html:
        write_whole(arguments.html, page(report).encode())
