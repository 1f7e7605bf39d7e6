"""Which weights to zero: the smallest, layer by layer where it hurts least.

LAMP (Lee, Park, Mo, Ahn, Shin: Layer-adaptive sparsity for the magnitude-based pruning, ICLR 2021, arXiv 2010.07611):
a weight's score is its square over the sum of the squares in its layer that are not smaller; the lowest scores of the
whole network go first. So each layer keeps its largest weight, and small layers keep more than large ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def masks(weights: Sequence[NDArray[np.floating]], percent: int) -> list[NDArray[np.bool_]]:
    """Which weights are kept, bool of the shape of each array.

    Args:
        weights: One array for each layer.
        percent: So many of all weights are zeroed, 1 to 99.
    """
    scores = [_scores(array) for array in weights]
    together = np.concatenate([score.ravel() for score in scores]) if scores else np.empty(0)
    zeroed = len(together) * percent // 100
    limit = np.partition(together, zeroed)[zeroed] if zeroed < len(together) else np.inf
    return [score >= limit for score in scores]


def _scores(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    squares = np.square(weights.astype(np.float64)).ravel()
    order = np.argsort(squares, kind="stable")
    not_smaller = np.cumsum(squares[order][::-1])[::-1]
    scores = np.empty_like(squares)
    scores[order] = squares[order] / np.maximum(not_smaller, np.finfo(np.float64).tiny)
    return scores.reshape(weights.shape)
