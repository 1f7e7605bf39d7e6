"""From a network's raw numbers to scores: sigmoid, its inverse, softmax."""

from __future__ import annotations

import math

import numpy as np

from engine.results import Float32


def sigmoid(logits: Float32) -> Float32:
    """Logistic function, element by element: float32 -> float32, 0 to 1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -80, 80))), np.float32)


def logit(score: float) -> float:
    """The number whose sigmoid is ``score``: thresholds are compared with logits before the sigmoid is paid for."""
    if score <= 0:
        return -math.inf
    return math.log(score / (1 - score)) if score < 1 else math.inf


def softmax(logits: Float32) -> Float32:
    """Shares along the last axis: float32 -> float32 of the same shape, 0 to 1, summing to 1.

    Rows with an infinite logit (FP16 overflows) become NaN, which no threshold lets through.
    """
    with np.errstate(invalid="ignore"):
        shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return np.asarray(shares, np.float32)
