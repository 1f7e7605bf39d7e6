"""Builds variants of a model, each in a child process: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from engine.cards import ModelCard
from engine.optimise.calibration import Calibration
from engine.optimise.variant import BuildControl, Layer, Quantisation, Variant, VariantKind


def quantise(
    card: ModelCard,
    kind: VariantKind,
    quantisation: Quantisation,
    calibration: Calibration,
    *,
    output: Path,
    control: BuildControl,
) -> Variant:
    """Build one quantised variant.

    Args:
        card: The original.
        kind: onnx-int8 or openvino-int8.
        quantisation: What stays in float.
        calibration: Frames to calibrate with.
        output: File to write, .onnx or .xml as the kind has it.
        control: Told how far it is; can stop it.

    Raises:
        ModelError: It cannot be quantised, with the reason.
        SinkError: The file cannot be written.
        CancelledError: Nobody wants it any more.
    """
    raise NotImplementedError


def layers(card: ModelCard, kind: VariantKind, control: BuildControl) -> tuple[Layer, ...]:
    """What there is to quantise or to keep, in the order of computation.

    Raises:
        ModelError: It cannot be quantised, with the reason.
        CancelledError: Nobody wants it any more.
    """
    raise NotImplementedError
