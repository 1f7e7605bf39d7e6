"""``--precision int8`` of a float model: another file is to run."""

from __future__ import annotations

import argparse
import shlex

from engine.addresses import redact
from engine.backends.table import BACKENDS
from engine.cards import ModelCard, Precision
from engine.cli.messages import say
from engine.errors import NotAvailableError
from engine.optimise.int8_variant import find_int8, int8_kinds


def card_to_run(arguments: argparse.Namespace, card: ModelCard, frames: str) -> ModelCard:
    """What is to run: where INT8 is asked of a float model, its INT8 variant.

    Args:
        arguments: Backend, precision, and whether a fall-back is allowed.
        card: The model that was named.
        frames: A source that a variant could be calibrated with.

    Raises:
        NotAvailableError: There is none, with the command that builds it.
    """
    wanted = arguments.precision.lower() == Precision.INT8 and card.stored_precision is not Precision.INT8
    if not wanted or arguments.backend not in BACKENDS:
        return card
    found = find_int8(card, arguments.backend)
    if found is not None:
        say(f"inferoscope: {card.path.name}: runs its INT8 variant {found.path}")
        return found
    if arguments.allow_fallback:
        return card
    raise NotAvailableError(
        "There is no INT8 variant of this model here",
        subject=card.path.name,
        remedy=f"Build it: {_command(card, arguments.backend, frames)} (then try again)",
    )


def _command(card: ModelCard, backend: str, frames: str) -> str:
    """What a person would type to build the variant."""
    words = ["inferoscope", "export", str(card.path), "--to", int8_kinds(backend)[0].name]
    return shlex.join([*words, "--calibrate", redact(frames), "--output", "variants"])
