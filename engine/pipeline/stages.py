"""What happens to pictures inside a lane: fitted onto its canvas, inferred, decoded."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.backends.backend import InferenceLane, Outputs
from engine.cards import InputSpec, Thresholds
from engine.decoders.decoder import Decoder
from engine.frames import CanvasGeometry, Image
from engine.geometry import fit_onto_canvas
from engine.results import Result


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run of a lane.

    Attributes:
        results: One for each picture, in order.
        geometries: Where each picture lay on its canvas.
        stage_ns: What preprocess, infer and decode took for all of them.
    """

    results: list[Result]
    geometries: list[CanvasGeometry]
    stage_ns: tuple[int, int, int]


def run_stages(
    lane: InferenceLane, spec: InputSpec, decoder: Decoder, images: Sequence[Image], thresholds: Sequence[Thresholds]
) -> Run:
    """Take pictures through all stages, in the thread that owns the lane.

    Args:
        lane: Whose canvas is written and run.
        spec: How a picture becomes the input.
        decoder: Reads the outputs.
        images: uint8 (h, w, 3), BGR; at most as many as the canvas has places.
        thresholds: What is kept of each picture.

    Raises:
        BackendError: The runtime failed.
        ModelError: The outputs do not have the layout that the card promised.
    """
    begun = time.monotonic_ns()
    geometries = [fit_onto_canvas(image, lane.canvas[i], spec) for i, image in enumerate(images)]
    fitted = time.monotonic_ns()
    outputs = lane.infer()
    inferred = time.monotonic_ns()
    results = _decode(decoder, outputs, geometries, thresholds)
    decoded = time.monotonic_ns()
    return Run(results, geometries, (fitted - begun, inferred - fitted, decoded - inferred))


def _decode(
    decoder: Decoder, outputs: Outputs, geometries: list[CanvasGeometry], thresholds: Sequence[Thresholds]
) -> list[Result]:
    """All pictures in one go, one after the other only where streams want different things."""
    if len(set(thresholds)) == 1:
        return decoder.decode(outputs, geometries, thresholds[0])
    results: list[Result] = []
    for i, wanted in enumerate(thresholds):
        picture = {name: array[i : i + 1] for name, array in outputs.items()}
        results += decoder.decode(picture, geometries[i : i + 1], wanted)
    return results
