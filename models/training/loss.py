"""What the detector is trained to: classes by their alignment with the truth, boxes by overlap and by distribution.

Truth is assigned to cells by task alignment (Feng et al., TOOD, 2021) with the constants of YOLOv8. Everything works on
pairs of an object and a cell inside its box, a few thousand a batch, so it costs little beside the convolutions.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from network import Prediction, expected_distance

SCORE_POWER, OVERLAP_POWER, CELLS_PER_OBJECT = 0.5, 6.0, 10
BOX_WEIGHT, SCORE_WEIGHT, DISTRIBUTION_WEIGHT = 7.5, 0.5, 1.5
_TINY = 1e-9
_LEAST_OVERLAP = 1e-3  # Its sixth power still orders the cells of an object that nothing overlaps yet.


class Truth(NamedTuple):
    """Objects of all pictures of a batch, one after the other.

    Attributes:
        boxes: float32 (N, 4), left, top, right, bottom in pixels of the input.
        classes: int64 (N,).
        images: int64 (N,), index of the object's picture in the batch.
    """

    boxes: Tensor
    classes: Tensor
    images: Tensor

    def to(self, device: torch.device) -> Truth:
        """The same on another device."""
        return Truth(*(tensor.to(device, non_blocking=True) for tensor in self))


class Losses(NamedTuple):
    """Scalars: the weighted sum, and its parts before weighting."""

    total: Tensor
    box: Tensor
    score: Tensor
    distribution: Tensor


class Assignment(NamedTuple):
    """Cells that answer for an object.

    Attributes:
        objects: int64 (P,), index into the truth.
        cells: int64 (P,), index into the cells of all pictures: picture * A + cell.
        targets: float32 (P,), the class score that the cell should give, 0 to 1.
    """

    objects: Tensor
    cells: Tensor
    targets: Tensor


class DetectionLoss:
    """Compares predictions with the truth.

    Args:
        centres: Centres (A, 2) of the cells in pixels.
        strides: Strides (A,) of the cells in pixels.
    """

    def __init__(self, centres: Tensor, strides: Tensor) -> None:
        self._centres, self._strides = centres, strides

    def __call__(self, prediction: Prediction, truth: Truth) -> Losses:
        """Losses of a batch; pictures without objects teach silence, and a batch may have no object at all."""
        scores, sides = prediction.scores.float(), prediction.sides.float()
        assigned = self._assign(scores.detach(), sides.detach(), truth)
        wanted = torch.zeros_like(scores).flatten(0, 1)
        wanted[assigned.cells, truth.classes[assigned.objects]] = assigned.targets
        mass = assigned.targets.sum().clamp(min=1)
        score = functional.binary_cross_entropy_with_logits(scores.flatten(0, 1), wanted, reduction="sum") / mass
        box, distribution = self._box_losses(sides, truth, assigned)
        box, distribution = (box * assigned.targets).sum() / mass, (distribution * assigned.targets).sum() / mass
        total = BOX_WEIGHT * box + SCORE_WEIGHT * score + DISTRIBUTION_WEIGHT * distribution
        return Losses(total, box.detach(), score.detach(), distribution.detach())

    def _box_losses(self, sides: Tensor, truth: Truth, assigned: Assignment) -> tuple[Tensor, Tensor]:
        """One overlap loss and one distribution loss for each assigned cell."""
        sides, boxes = sides.flatten(0, 1)[assigned.cells], truth.boxes[assigned.objects]
        local = assigned.cells % len(self._centres)
        centres, strides = self._centres[local], self._strides[local, None]
        overlap = complete_iou(self._boxes(sides, local), boxes)
        distances = torch.cat((centres - boxes[:, :2], boxes[:, 2:] - centres), 1) / strides
        return 1 - overlap, distribution_loss(sides, distances)

    def _boxes(self, sides: Tensor, cells: Tensor) -> Tensor:
        """Predicted boxes (P, 4) in pixels, corners, of cells whose side logits are (P, 4, bins)."""
        distances = expected_distance(sides) * self._strides[cells, None]
        centres = self._centres[cells]
        return torch.cat((centres - distances[:, :2], centres + distances[:, 2:]), 1)

    @torch.no_grad()
    def _assign(self, scores: Tensor, sides: Tensor, truth: Truth) -> Assignment:
        """Each object's best-aligned cells; a cell that several objects want goes to the one it overlaps most."""
        count = len(self._centres)
        objects, local = self._inside(truth.boxes).nonzero(as_tuple=True)
        cells = truth.images[objects] * count + local
        overlap = complete_iou(self._boxes(sides.flatten(0, 1)[cells], local), truth.boxes[objects])
        overlap = overlap.clamp(min=_LEAST_OVERLAP)
        score = scores.flatten(0, 1)[cells, truth.classes[objects]].sigmoid()
        alignment = score.pow(SCORE_POWER) * overlap.pow(OVERLAP_POWER)

        kept = _best_of_each(objects, local, alignment, (len(truth.boxes), count))
        objects, cells, overlap, alignment = objects[kept], cells[kept], overlap[kept], alignment[kept]
        kept = overlap >= _largest(cells, overlap, scores.shape[0] * count)[cells]
        objects, cells, overlap, alignment = objects[kept], cells[kept], overlap[kept], alignment[kept]
        best_alignment = _largest(objects, alignment, len(truth.boxes))[objects]
        best_overlap = _largest(objects, overlap, len(truth.boxes))[objects]
        return Assignment(objects, cells, alignment / (best_alignment + _TINY) * best_overlap)

    def _inside(self, boxes: Tensor) -> Tensor:
        """Whether a cell's centre lies in an object's box, bool (N, A)."""
        before = self._centres[None] - boxes[:, None, :2]
        after = boxes[:, None, 2:] - self._centres[None]
        return torch.minimum(before, after).amin(2) > 0


def _best_of_each(objects: Tensor, cells: Tensor, alignment: Tensor, shape: tuple[int, int]) -> Tensor:
    """Which pairs are among the best-aligned of their object, bool (P,)."""
    table = alignment.new_zeros(shape)
    table[objects, cells] = alignment
    least = table.topk(min(CELLS_PER_OBJECT, shape[1]), 1).values[:, -1]
    return alignment >= least[objects]


def _largest(groups: Tensor, values: Tensor, count: int) -> Tensor:
    """Largest value of each of ``count`` groups, 0 where it has none."""
    return values.new_zeros(count).scatter_reduce(0, groups, values, "amax")


def complete_iou(a: Tensor, b: Tensor) -> Tensor:
    """Overlap of boxes (P, 4), less what centres and shapes differ (Zheng et al., CIoU, 2020): (P,), at most 1."""
    size_a, size_b = a[:, 2:] - a[:, :2], b[:, 2:] - b[:, :2]
    shared = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    iou = shared / (size_a.prod(1) + size_b.prod(1) - shared + _TINY)
    around = torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])
    apart = (a[:, :2] + a[:, 2:] - b[:, :2] - b[:, 2:]).square().sum(1) / 4
    angle = torch.atan2(size_a[:, 0], size_a[:, 1] + _TINY) - torch.atan2(size_b[:, 0], size_b[:, 1] + _TINY)
    shape = 4 / math.pi**2 * angle.square()
    with torch.no_grad():
        weight = shape / (1 - iou + shape + _TINY)
    return iou - apart / (around.square().sum(1) + _TINY) - weight * shape


def distribution_loss(sides: Tensor, distances: Tensor) -> Tensor:
    """Cross entropy (P,) with the two bins around each distance (Generalized Focal Loss, equation 6).

    ``sides`` are logits (P, 4, bins), ``distances`` (P, 4) in strides; those beyond the last bin count as the last.
    """
    last = sides.shape[2] - 1
    distances = distances.clamp(0, last - 0.01)
    below = distances.long()
    above_share = distances - below
    log_probability = functional.log_softmax(sides, 2)
    below_term = log_probability.gather(2, below[..., None])[..., 0] * (1 - above_share)
    above_term = log_probability.gather(2, below[..., None] + 1)[..., 0] * above_share
    return -(below_term + above_term).mean(1)
