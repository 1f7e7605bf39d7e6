"""Which layers only decode what a network has computed, and so always stay in float."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.optimise.variant import Layer

_SPARE = 0.001
"""Share of all multiply-adds that may lie in the tail: the few of a decoder (the expectation over a distribution in
YOLOv8 is a convolution) do not make what comes before it a part of the network proper."""


def with_tail(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Mark the layers behind which hardly anything is multiplied any more.

    256 steps over the width of a picture would move the sides of boxes by pixels, and float costs next to nothing here.

    Args:
        layers: In the order of computation.
    """
    spare = _SPARE * sum(layer.multiply_adds for layer in layers)
    needed: set[str] = set()
    tail: set[str] = set()
    for layer in reversed(layers):
        if layer.name not in needed and layer.multiply_adds <= spare:
            spare -= layer.multiply_adds
            tail.add(layer.name)
        else:
            needed.update((layer.name, *layer.inputs))
    return tuple(replace(layer, in_tail=layer.name in tail) for layer in layers)


def in_integers(layers: Sequence[Layer], keep_float: frozenset[str]) -> str:
    """How much of a network a quantiser was given, as a sentence."""
    linear = [layer for layer in layers if layer.multiply_adds]
    given = [layer for layer in linear if not layer.in_tail and layer.name not in keep_float]
    share = sum(layer.multiply_adds for layer in given) / max(1, sum(layer.multiply_adds for layer in linear))
    return f"{len(given)} of {len(linear)} convolutions and matrix products in INT8 ({share:.1%} of multiply-adds)"
