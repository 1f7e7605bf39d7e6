"""How far what was found agrees with what was expected: hits, and what was missed or made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.geometry import iou_matrix
from engine.results import Detections, GroundTruth


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts of objects over one frame or many; they add up.

    Attributes:
        hits: Found objects that are expected ones.
        found: All found objects.
        expected: All expected objects.
    """

    hits: int = 0
    found: int = 0
    expected: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(self.hits + other.hits, self.found + other.found, self.expected + other.expected)

    @property
    def precision(self) -> float | None:
        """Share of what was found that is expected, 0 to 1; None where nothing was found."""
        return self.hits / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of what was expected that was found, 0 to 1; None where nothing was expected."""
        return self.hits / self.expected if self.expected else None

    @property
    def f1(self) -> float:
        """Harmonic mean of the two, 0 to 1; 1 where nothing was expected and nothing found."""
        return 2 * self.hits / (self.found + self.expected) if self.found + self.expected else 1.0


def agreement(found: Detections, expected: Detections, *, least_iou: float = 0.5) -> Agreement:
    """Compare one frame.

    Best score first, each found object takes the expected one of its class that it covers best, where they share at
    least ``least_iou`` of their union and nobody has taken that one before, as COCO's evaluation does (Lin et al.,
    Microsoft COCO, 2014).
    """
    matched = match(found, expected, least_iou=least_iou)
    return Agreement(int((matched >= 0).sum()), len(found), len(expected))


def match(
    found: Detections, expected: Detections, *, least_iou: float = 0.5
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """For each found object the expected one that it is, by the rule of ``agreement``; -1 for none. intp (N,)."""
    matched = np.full(len(found), -1, np.intp)
    if not len(found) or not len(expected):
        return matched
    overlap = iou_matrix(found.xyxy, expected.xyxy)
    overlap[found.class_id[:, None] != expected.class_id[None, :]] = 0.0
    for i in np.argsort(-found.score, kind="stable"):
        best = int(overlap[i].argmax())
        if overlap[i, best] >= least_iou:
            matched[i] = best
            overlap[:, best] = 0.0
    return matched


def agreement_with_truth(
    found: Detections, class_names: Sequence[str], truth: GroundTruth, *, least_iou: float = 0.5
) -> Agreement | None:
    """Compare one frame with the source's truth; classes are told by their names.

    Only classes that both know count: a model of everyday things is not blamed for what the truth does not speak of.

    Args:
        found: What a model found.
        class_names: Names of its classes.
        truth: What is really there.
        least_iou: Share of the union from which on two boxes are the same object.

    Returns:
        None where they have no class in common.
    """
    ids = {name: class_id for class_id, name in enumerate(truth.class_names)}
    theirs = np.array([ids.get(name, -1) for name in class_names], np.int32)
    if not (theirs >= 0).any():
        return None
    known = np.isin(truth.objects.class_id, theirs)
    class_id = np.append(theirs, -1)[np.minimum(found.class_id, len(theirs))]
    told = class_id >= 0
    renamed = Detections(found.xyxy[told], found.score[told], class_id[told].astype(np.int32))
    return agreement(renamed, truth.objects[known], least_iou=least_iou)
