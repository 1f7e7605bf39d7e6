"""What of a model's finds is kept: the numbers that a person may change while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.cards import ModelCard, Thresholds
from engine.decoders.table import thresholds_used

LIMITS: Mapping[str, tuple[float, float]] = {
    "confidence": (0.0, 1.0),
    "iou": (0.0, 1.0),
    "max_detections": (1.0, 1000.0),
}
"""Fields of ``Thresholds`` in the order of the panel -> smallest and largest value."""

_DEFAULT = Thresholds()


@dataclass(frozen=True, slots=True)
class ThresholdsState:
    """The thresholds that make a difference -> value. Empty where none does."""

    values: Mapping[str, float]


def thresholds_state(card: ModelCard | None, thresholds: Thresholds) -> ThresholdsState:
    """What to show for a tile."""
    used = thresholds_used(card) if card is not None else frozenset()
    return ThresholdsState({key: float(getattr(thresholds, key)) for key in LIMITS if key in used})


def with_threshold(thresholds: Thresholds, key: str, value: float | None) -> Thresholds:
    """The thresholds with one of them changed; None takes its default.

    Raises:
        KeyError: There is no such threshold.
    """
    least, most = LIMITS[key]
    kind = type(getattr(_DEFAULT, key))
    wanted = getattr(_DEFAULT, key) if value is None else kind(min(most, max(least, value)))
    return replace(thresholds, **{key: wanted})
