"""pruned-NN: the least of the weights zeroed. The file keeps its size; what it packs into is told."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import numpy_helper

from engine.errors import ModelError
from engine.optimise.recipes import magnitudes, onnx_graph, openvino_graph
from engine.optimise.recipes.onnx_fused import fuse
from engine.optimise.task import Task, Told

PACKAGES = ("onnx", "onnxruntime", "openvino")


def make(task: Task, told: Told) -> tuple[str, ...]:
    """Write the pruned model, in the format of its original."""
    told("Reading the model", 0.0)
    kept = (_prune_ir if task.source.suffix == ".xml" else _prune_onnx)(task, told)
    told("Packing", 0.7)
    count, zeroed = sum(mask.size for mask in kept), sum(int((~mask).sum()) for mask in kept)
    return (
        f"{zeroed} of {count} weights zeroed",
        f"Packed (deflate) it takes {_packed(task.file):,} bytes, the original {_packed(task.source):,}",
        "It is faster only on a runtime that skips zeroes; the runtimes here compute them",
    )


def _prune_onnx(task: Task, told: Told) -> list[NDArray[np.bool_]]:
    """Write the model; which weights were kept."""
    model = fuse(onnx_graph.read(task.source), task.folder)
    weights = onnx_graph.weights_of(model)
    arrays = [numpy_helper.to_array(tensor) for tensor, _ in weights]
    kept = _chosen(arrays, [axis for _, axis in weights], task, told)
    for (tensor, _), array, mask in zip(weights, arrays, kept, strict=True):
        tensor.CopyFrom(numpy_helper.from_array(_zeroed(array, mask), tensor.name))
    onnx_graph.write(model, task)
    return kept


def _prune_ir(task: Task, told: Told) -> list[NDArray[np.bool_]]:
    """Write the IR; which weights were kept."""
    model = openvino_graph.read(task.source)
    weights = openvino_graph.weights_of(model)
    arrays = [openvino_graph.by_result(constant, reader) for constant, reader in weights]
    kept = _chosen(arrays, [openvino_graph.result_axis(reader) for _, reader in weights], task, told)
    for (constant, _), array, mask in zip(weights, arrays, kept, strict=True):
        openvino_graph.replace_constant(constant, _zeroed(array, mask))
    openvino_graph.write(model, task, half=False)
    return kept


def _chosen(
    arrays: Sequence[NDArray[np.floating]], axes: Sequence[int], task: Task, told: Told
) -> list[NDArray[np.bool_]]:
    """Which weights are kept.

    Raises:
        ModelError: There are none.
    """
    if not arrays:
        raise ModelError(
            "There are no stored weights of convolutions or matrix products to prune", remedy="Choose another variant"
        )
    told("Choosing weights", 0.3)
    return magnitudes.masks(list(zip(arrays, axes, strict=True)), task.kind.percent)


def _zeroed(array: NDArray[np.floating], mask: NDArray[np.bool_]) -> NDArray[np.floating]:
    return np.where(mask, array, array.dtype.type(0))


def _packed(path: Path) -> int:
    files = (path, path.with_suffix(".bin")) if path.suffix == ".xml" else (path,)
    return sum(len(zlib.compress(file.read_bytes(), 6)) for file in files)
