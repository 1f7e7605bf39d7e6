"""Sees what the original finds on frames, once, and compares others with it."""

from __future__ import annotations

from contextlib import closing

from engine.capture.picture import read_picture
from engine.cards import ModelCard
from engine.errors import BackendError
from engine.frames import Image
from engine.optimise.alike import FAINT, Likeness, compare
from engine.optimise.calibration import Calibration
from engine.optimise.candidate import Candidate
from engine.optimise.one_lane import OneLane
from engine.optimise.report import WorstFrame
from engine.optimise.variant import BuildControl
from engine.optimise.worst import worst_frames
from engine.results import Result


class Witness:
    """Only for what a child process has run before: it runs here.

    Args:
        original: Card of the model that others are held against.
        reference: How it is run.
        calibration: Holds the frames.
        control: Told how far it is; can stop it.
    """

    def __init__(
        self, original: ModelCard, reference: Candidate, calibration: Calibration, control: BuildControl
    ) -> None:
        self.worst: list[WorstFrame] = []
        """Of all that were compared."""
        self._calibration = calibration
        self._control = control
        self._original = original
        self._reference = reference
        self._expected: list[Result] = []

    def likeness(self, card: ModelCard, candidate: Candidate) -> Likeness | None:
        """Compare a candidate; None where it does not run on one lane.

        Raises:
            BackendError: The original does not run.
            CancelledError: Nobody wants it any more.
        """
        self._expected = self._expected or self._found(self._original, self._reference)
        try:
            found = self._found(card, candidate)
        except BackendError:
            return None
        likeness = compare(found, self._expected)
        pairs = list(zip(found, self._expected, strict=True))
        self.worst += worst_frames(self._original, candidate, likeness, self._picture, pairs)
        return likeness

    def _picture(self, number: int) -> Image:
        return read_picture(self._calibration.held_out[number]).image

    def _found(self, card: ModelCard, candidate: Candidate) -> list[Result]:
        lane = OneLane(
            card,
            self._control.cancelled,
            backend=candidate.backend,
            device=candidate.device,
            precision=candidate.precision,
        )
        with closing(lane):
            results = []
            for number, picture in enumerate(self._calibration.pictures()):
                self._control.progress(f"Comparing {candidate.title}", number / len(self._calibration.held_out))
                results.append(lane.look(picture, FAINT))
            return results
