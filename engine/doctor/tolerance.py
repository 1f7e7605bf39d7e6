"""How far what was found lies from the stored answer, and how far it may.

Objects are paired one to one: same class, IoU at least 0.5. An object whose score is within a precision's ``margin`` of
the threshold may come or go; every other one without a partner is missing or extra.

- **FP32** computes what the reference computed, in another order: 99 of 100 boxes within half a pixel of a picture
  960 wide and 99 of 100 scores within 0.01, F1 at least 0.995. (The other one: where two boxes of one object are
  equally good, the last digit decides which of them is kept.)
- **FP16, BF16, INT8** round, and boxes decoded inside the graph are rounded as well (BF16 knows every second number
  above 256; measured: 1.8 px and 0.010). Objects must be found again, F1 at least 0.98, 0.97 and 0.95; boxes within
  2 px in FP16 and 4 px in BF16, scores within 0.03 and 0.05. INT8 moves both as it likes.
- Where the scene is drawn otherwise than when the answer was stored, no rounding can be told from that, and the bounds
  of INT8 are those of all. Another processor changes one value in 200,000 by one grey level (0.002 root mean square,
  measured with AVX switched off), which does not count.

Whatever the precision, F1 against the scene's truth may be at most 0.02 below that of the stored answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.agreement import Agreement, match
from engine.cards import Precision
from engine.doctor.answers import THRESHOLDS
from engine.results import Detections, Float32

MOST_LOST = 0.02
"""F1 against the truth, below that of the stored answer."""
SAME_RMS = 0.25
"""Frames that differ by less, in grey levels, are the same: the scene's own noise is 2.2."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a precision may cost.

    Attributes:
        least_f1: Agreement with the stored answer.
        margin: Scores this near the threshold decide nothing.
        box_px, score: Largest error of 99 of 100 pairs; infinite where it is not judged.
    """

    least_f1: float
    margin: float
    box_px: float = np.inf
    score: float = np.inf


_TOLERANCES = {
    Precision.FP32: Tolerance(0.995, 0.01, box_px=0.5, score=0.01),
    Precision.FP16: Tolerance(0.98, 0.05, box_px=2.0, score=0.03),
    Precision.BF16: Tolerance(0.97, 0.1, box_px=4.0, score=0.05),
    Precision.INT8: Tolerance(0.95, 0.1),
}


def tolerance_of(precision: Precision, frames_rms: float) -> Tolerance:
    """What is allowed in this precision, on frames that lie so far from those of the stored answer."""
    return _TOLERANCES[precision if frames_rms <= SAME_RMS else Precision.INT8]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found beside the stored answer, over all frames.

    Attributes:
        matched: Pairs.
        missing: Objects of the answer that were not found.
        extra: Objects found that are not in the answer.
        box_error_px: Largest distance of an edge from where the answer has it, in 99 of 100 pairs.
        score_error: The same for scores.
    """

    matched: int
    missing: int
    extra: int
    box_error_px: float
    score_error: float

    @property
    def f1(self) -> float:
        """Of finding what the answer has, 0 to 1."""
        return Agreement(self.matched, self.matched + self.extra, self.matched + self.missing).f1


def compare(found: Sequence[Detections], answer: Sequence[Detections], margin: float) -> Comparison:
    """Compare frame by frame."""
    matched = missing = extra = 0
    box_errors, score_errors = [np.zeros(1, np.float32)], [np.zeros(1, np.float32)]
    for one, other in zip(found, answer, strict=True):
        partners = match(one, other)
        mine = np.flatnonzero(partners >= 0)
        theirs = partners[mine]
        matched += len(mine)
        extra += _sure(np.delete(one.score, mine), margin)
        missing += _sure(np.delete(other.score, theirs), margin)
        box_errors.append(np.abs(one.xyxy[mine] - other.xyxy[theirs]).max(axis=1, initial=0.0))
        score_errors.append(np.abs(one.score[mine] - other.score[theirs]))
    return Comparison(matched, missing, extra, _most(box_errors), _most(score_errors))


def objections(compared: Comparison, tolerance: Tolerance) -> Iterator[str]:
    """What is not as it should be, each as a part of a sentence."""
    if compared.f1 < tolerance.least_f1:
        yield (
            f"{compared.missing} objects are missing and {compared.extra} are too many "
            f"(F1 {compared.f1:.3f}, at least {tolerance.least_f1:g})"
        )
    if compared.box_error_px > tolerance.box_px:
        yield f"boxes are off by {compared.box_error_px:.2f} px (at most {tolerance.box_px:g})"
    if compared.score_error > tolerance.score:
        yield f"scores are off by {compared.score_error:.3f} (at most {tolerance.score:g})"


def accuracy_objection(truth: Agreement, expected: Agreement) -> Iterator[str]:
    """Less of the truth was found than the stored answer has."""
    if truth.f1 < expected.f1 - MOST_LOST:
        yield f"it agrees less with what is on the frames (F1 {truth.f1:.3f}, the stored answer {expected.f1:.3f})"


def _sure(scores: Float32, margin: float) -> int:
    return int((scores >= THRESHOLDS.confidence + margin).sum())


def _most(errors: list[Float32]) -> float:
    return float(np.quantile(np.concatenate(errors), 0.99, method="higher"))
