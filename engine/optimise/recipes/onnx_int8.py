"""onnx-int8: static quantisation by ONNX Runtime, as QuantizeLinear and DequantizeLinear, weights per channel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from onnx import ModelProto
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from engine.optimise.recipes import onnx_graph
from engine.optimise.recipes.frames import Feed, Feeds
from engine.optimise.recipes.onnx_fused import fuse
from engine.optimise.recipes.tail import in_integers
from engine.optimise.task import Task, Told
from engine.optimise.variant import Layer

PACKAGES = ("onnx", "onnxruntime")

_OLDEST_OPSET = 13
"""From which on a DequantizeLinear knows channels."""


def make(task: Task, told: Told) -> tuple[str, ...]:
    """Write the quantised model."""
    told("Reading the model", 0.0)
    prepared = prepare(task)
    layers = onnx_graph.layers_of(prepared, task.input)
    kept = [layer.name for layer in layers if layer.in_tail or layer.name in task.quantisation.keep_float]
    source, quantised = task.folder / "prepared.onnx", task.folder / "quantised.onnx"
    source.write_bytes(prepared.SerializeToString())
    quantize_static(
        source,
        quantised,
        _Reader(Feeds(task), told),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=kept,
        extra_options={
            "ActivationSymmetric": task.quantisation.preset == "performance",
            # The mean over frames of their extremes: one odd frame must not take steps from all others.
            "CalibMovingAverage": True,
        },
        calibration_cache_path=_ranges_file(task),
    )
    told("Writing", 0.95)
    result = onnx.load(quantised)
    del result.metadata_props[:]
    result.metadata_props.extend(prepared.metadata_props)
    onnx_graph.write(result, task)
    return (in_integers(layers, task.quantisation.keep_float),)


def layers(task: Task) -> tuple[Layer, ...]:
    """What there is to quantise."""
    return onnx_graph.layers_of(prepare(task), task.input)


def prepare(task: Task) -> ModelProto:
    """The model as it is quantised: fused, and of an opset that knows scales per channel."""
    fused = fuse(onnx_graph.read(task.source), task.folder)
    onnx_graph.refuse_control_flow(fused)
    opset = next(entry.version for entry in fused.opset_import if entry.domain in ("", "ai.onnx"))
    if opset >= _OLDEST_OPSET:
        return fused
    newer = onnx.version_converter.convert_version(fused, _OLDEST_OPSET)
    newer.metadata_props.extend(fused.metadata_props)
    for node in newer.graph.node:
        if node.op_type == "Resize" and len(node.input) == 4:
            node.input[2] = ""  # Before opset 13 an empty tensor stood for scales where sizes are given.
    onnx_graph.name_nodes(newer)
    return newer


def _ranges_file(task: Task) -> Path | None:
    """Ranges of all tensors, measured once for all variants that are calibrated with the same frames."""
    if task.canvases is None:
        return None
    preset, frames = task.quantisation.preset, task.quantisation.frames
    return task.canvases.with_name(f"onnx-ranges-{task.origin.source_sha256[:16]}-{preset}-{frames}.json")


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # untyped
    """Feeds, as ONNX Runtime asks for them."""

    def __init__(self, feeds: Feeds, told: Told) -> None:
        self._count = len(feeds)
        self._feeds: Iterator[tuple[int, Feed]] = enumerate(feeds)
        self._told = told

    def get_next(self) -> dict[str, Any] | None:
        """The next feed; None after the last."""
        number, feed = next(self._feeds, (self._count, None))
        self._told("Calibrating", 0.1 + 0.6 * number / self._count)
        return feed
