"""pruned-NN: the least of the weights zeroed. The file keeps its size; what it packs into is told."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from onnx import numpy_helper

from engine.errors import ModelError
from engine.optimise.recipes import magnitudes, onnx_graph
from engine.optimise.recipes.onnx_fused import fuse
from engine.optimise.task import Task, Told

PACKAGES = ("onnx", "onnxruntime")


def make(task: Task, told: Told) -> tuple[str, ...]:
    """Write the pruned model."""
    told("Reading the model", 0.0)
    model = fuse(onnx_graph.read(task.source), task.folder)
    weights = onnx_graph.weights_of(model)
    if not weights:
        raise ModelError("There are no stored weights of convolutions or matrix products to prune")
    told("Choosing weights", 0.3)
    arrays = [numpy_helper.to_array(tensor) for tensor, _ in weights]
    axes = [axis for _, axis in weights]
    kept = magnitudes.masks(list(zip(arrays, axes, strict=True)), task.kind.percent)
    for (tensor, _), array, mask in zip(weights, arrays, kept, strict=True):
        tensor.CopyFrom(numpy_helper.from_array(np.where(mask, array, array.dtype.type(0)), tensor.name))
    onnx_graph.write(model, task)
    told("Packing", 0.7)
    count, zeroed = sum(mask.size for mask in kept), sum(int((~mask).sum()) for mask in kept)
    return (
        f"{zeroed} of {count} weights zeroed",
        f"Packed (deflate) it takes {_packed(task.file):,} bytes, the original {_packed(task.source):,}",
        "It is faster only on a runtime that skips zeroes; the runtimes here compute them",
    )


def _packed(path: Path) -> int:
    return len(zlib.compress(path.read_bytes(), 6))
