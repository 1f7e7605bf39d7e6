"""What the pipeline knows of a decoder: outputs of a run in, results in source pixels out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from engine.cards import Thresholds
from engine.frames import CanvasGeometry
from engine.results import Result


class Decoder(Protocol):
    """Reads one family of output layouts. Stateless between calls, so that lanes may share it.

    Made from a ``ModelCard`` alone, which gives roles (decoder's word -> output name) and options.
    """

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """One result for each geometry, in order. What is returned shares no memory with ``outputs``.

        Args:
            outputs: Output name -> array of any float type, batch first; there may be more pictures in the batch
                than geometries.
            geometries: Where each picture lies on its canvas.
            thresholds: What is kept.

        Raises:
            ModelError: The arrays do not have the layout the card promised.
        """
