"""The options about a model that several sub-commands share, and what follows from them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TypeVar

from engine.backends.backend import CompileRequest
from engine.backends.table import BACKENDS
from engine.cards import ModelCard, Precision, Profile
from engine.cli.messages import say
from engine.cli.values import whole
from engine.errors import NotAvailableError
from engine.library.identify import identify
from engine.pipeline.jobs import Job, JobStatus
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.session import Session

E = TypeVar("E", Precision, Profile)

DEFAULT_BACKEND = next(iter(BACKENDS))
_MOST_LANES = 64
_MOST_THREADS = 1024
_SURE = 0.6
"""What is less sure is told before it runs."""
_LOOK_S = 0.1
_CLEAR_LINE = "\r\x1b[K"


def add_model_arguments(parser: argparse.ArgumentParser, *, tuned: bool = False) -> None:
    """How a model runs: backend, device, precision, profile, lanes, threads.

    Args:
        parser: Gets the options.
        tuned: Without any of them it runs as ``bench --tune`` found best here, so the default of the backend is "".
    """
    group = parser.add_argument_group("how the model runs")
    usual = f"what bench --tune found best here, else {DEFAULT_BACKEND}" if tuned else DEFAULT_BACKEND
    group.add_argument(
        "--backend",
        default="" if tuned else DEFAULT_BACKEND,
        metavar="B",
        help=f"{', '.join(BACKENDS)} (default: {usual})",
    )
    group.add_argument("--device", default="", metavar="D", help="a device that 'inferoscope backends' lists")
    group.add_argument(
        "--precision",
        default="auto",
        metavar="P",
        help=f"{', '.join(Precision)} (default: auto, FP32 for a float model); int8 of a float model runs the variant "
        "that export built of it",
    )
    group.add_argument(
        "--profile", default="", metavar="WHAT", help="latency or throughput (default: what suits the sources)"
    )
    group.add_argument("--lanes", type=whole(1, _MOST_LANES), metavar="N", help="inferences at the same time")
    group.add_argument(
        "--threads", type=whole(1, _MOST_THREADS), metavar="N", help="CPU threads for all lanes (default: all cores)"
    )
    group.add_argument(
        "--allow-fallback", action="store_true", help="take the next best thing where something is not to be had"
    )
    group.add_argument("--no-cache", action="store_true", help="neither use nor keep compiled models")


def card_of(arguments: argparse.Namespace) -> ModelCard:
    """Identify the model that was named.

    Raises:
        ModelError: It cannot be read or identified.
    """
    card = identify(arguments.model)
    for warning in card.warnings:
        say(f"inferoscope: {card.path.name}: {warning}")
    if card.confidence < _SURE:
        say(f"inferoscope: {card.path.name}: {card.family_title} is a guess, {card.confidence:.0%} sure (see inspect)")
    return card


def compile_request(arguments: argparse.Namespace, card: ModelCard, profile: Profile) -> CompileRequest:
    """What is to run how; ``profile`` where none was asked for.

    Raises:
        NotAvailableError: There is no such precision or profile.
    """
    return CompileRequest(
        card,
        device=arguments.device,
        precision=_choice("precision", Precision, arguments.precision),
        profile=_choice("profile", Profile, arguments.profile or profile),
        lanes=arguments.lanes,
        threads=arguments.threads,
        allow_fallback=arguments.allow_fallback,
        cache=not arguments.no_cache,
    )


def _choice(what: str, kind: type[E], text: str) -> E:
    try:
        return kind(text.lower())
    except ValueError:
        raise NotAvailableError(
            f"There is no such {what}",
            subject=text,
            expected="one of " + ", ".join(member.value for member in kind),
            remedy="Choose one of these",
        ) from None


def load(
    session: Session, backend: str, request: CompileRequest, interrupted: Callable[[], bool] = lambda: False
) -> LoadedModel:
    """Load a model while watching for an interrupt; a person at a terminal is told what takes its time.

    Raises:
        InferoscopeError: It cannot be loaded, or was interrupted.
    """
    job: Job[LoadedModel] = session.load(backend, request)
    told = sys.stderr.isatty()
    while not job.wait(_LOOK_S):
        if interrupted():
            job.cancel()
        if told:
            _tell(job.status)
    if told:
        print(_CLEAR_LINE, end="", file=sys.stderr, flush=True)
    return job.result()


def _tell(status: JobStatus) -> None:
    usual = f", {status.expected_s:.0f} s last time" if status.expected_s else ""
    print(f"{_CLEAR_LINE}{status.phase} .. {status.elapsed_s:.0f} s{usual}", end="", file=sys.stderr, flush=True)
