"""Classifiers of whole pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from engine.cards import ModelCard, Thresholds
from engine.decoders.activations import softmax
from engine.decoders.candidates import each_picture, read_output
from engine.frames import CanvasGeometry
from engine.results import Classification, Result


class ClassifierDecoder:
    """One number a class: (B, C), or (B, C, 1, 1) where the exporter kept the axes of the last pooling.

    Logits as torchvision, timm and transformers export them (``torchvision/models/resnet.py``, ``ResNet.forward``;
    ``softmax`` is set), or scores as Ultralytics does (``ultralytics/nn/modules/head.py``, ``Classify.forward``).
    Every class keeps its score; thresholds do not apply.
    """

    def __init__(self, card: ModelCard) -> None:
        self._output = card.roles["output"]
        self._softmax = bool(card.options["softmax"])

    def decode(
        self,
        outputs: Mapping[str, NDArray[Any]],
        geometries: Sequence[CanvasGeometry],
        thresholds: Thresholds,
    ) -> list[Result]:
        """See ``Decoder.decode``."""
        numbers = read_output(outputs, self._output, (None, None), (None, None, 1, 1))
        scores = numbers.reshape(numbers.shape[:2])
        if self._softmax:
            scores = softmax(scores)
        return [Classification(score.copy()) for _, score in each_picture(geometries, scores)]
