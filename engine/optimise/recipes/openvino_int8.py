"""openvino-int8: static quantisation by NNCF, written as an IR.

Processors without VNNI add pairs of 8-bit products in 16 bits, which cuts off large sums. NNCF keeps the weights of
first layers, where these are likeliest, to 7 bits, and that is left so: of a detector of 64 convolutions the mAP was
0.460 with VNNI and 0.450 without, at the same agreement. 7 bits for all weights came out the same on both, but agreed
less with the original on either: 0.93 instead of 0.96. A guard sees what is cut off on the machine that it runs on; the
origin names the processor.
"""

from __future__ import annotations

from collections.abc import Iterator

import nncf
from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters
from nncf.quantization.range_estimator import RangeEstimatorParametersSet

from engine.optimise.recipes import openvino_graph
from engine.optimise.recipes.frames import Feed, Feeds
from engine.optimise.recipes.tail import in_integers
from engine.optimise.task import Task, Told
from engine.optimise.variant import Layer

PACKAGES = ("openvino", "nncf")

_RANGES = {"usual": None, "widest": RangeEstimatorParametersSet.MINMAX}
"""NNCF's usual ranges are the means of each frame's extremes, but for depthwise convolutions."""


def make(task: Task, told: Told) -> tuple[str, ...]:
    """Write the quantised model."""
    told("Reading the model", 0.0)
    model = openvino_graph.read(task.source)
    openvino_graph.refuse_control_flow(model)
    layers = openvino_graph.layers_of(model, task.input)
    kept = [layer.name for layer in layers if layer.in_tail or layer.name in task.quantisation.keep_float]
    feeds = Feeds(task)
    quantised = nncf.quantize(
        model,
        nncf.Dataset(_Told(feeds, told)),
        preset=nncf.QuantizationPreset(task.quantisation.preset),
        subset_size=len(feeds),
        ignored_scope=nncf.IgnoredScope(names=kept, validate=False),
        advanced_parameters=AdvancedQuantizationParameters(
            activations_range_estimator_params=_RANGES[task.quantisation.ranges]
        ),
    )
    told("Writing", 0.95)
    openvino_graph.write(quantised, task, half=False)
    return (in_integers(layers, task.quantisation.keep_float),)


def layers(task: Task) -> tuple[Layer, ...]:
    """What there is to quantise."""
    model = openvino_graph.read(task.source)
    openvino_graph.refuse_control_flow(model)
    return openvino_graph.layers_of(model, task.input)


class _Told:
    """Feeds that tell how far calibration is; NNCF goes through them once to measure ranges, then to correct biases."""

    def __init__(self, feeds: Feeds, told: Told) -> None:
        self._feeds = feeds
        self._told = told
        self._share = 0.0

    def __len__(self) -> int:
        return len(self._feeds)

    def __iter__(self) -> Iterator[Feed]:
        for number, feed in enumerate(self._feeds):
            self._share = max(self._share, 0.1 + 0.5 * number / len(self._feeds))
            self._told("Calibrating", self._share)
            yield feed
