"""onnx-fused: the graph cleaned up and fused as far as plain ONNX can say it."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime as ort
from onnx import ModelProto

from engine.optimise.recipes import onnx_graph
from engine.optimise.task import Task, Told

PACKAGES = ("onnx", "onnxruntime")

_FATAL = 4
"""Log level: what fails is told by exceptions."""


def make(task: Task, told: Told) -> tuple[str, ...]:
    """Write the fused model."""
    told("Reading the model", 0.0)
    source = onnx_graph.read(task.source)
    told("Fusing", 0.3)
    fused = fuse(source, task.folder)
    onnx_graph.write(fused, task)
    if fused is source:
        return ("Left as it is: it could only be fused into operators that ONNX Runtime alone knows",)
    before, after = len(source.graph.node), len(fused.graph.node)
    return (f"{after} operations instead of {before}",)


def fuse(model: ModelProto, folder: Path) -> ModelProto:
    """Fold constants, fuse batch norms into convolutions, leave out what does nothing: by ONNX Runtime's basic level.

    Its higher levels write operators of its own, which no other runtime reads.

    Args:
        model: Is not changed.
        folder: For files on the way.
    """
    before, after = folder / "before.onnx", folder / "fused.onnx"
    before.write_bytes(model.SerializeToString())
    options = ort.SessionOptions()
    options.log_severity_level = _FATAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(after)
    ort.InferenceSession(str(before), options, providers=["CPUExecutionProvider"])
    fused = onnx.load(after)
    before.unlink()
    after.unlink()
    return _as_plain(fused, model)


def _as_plain(fused: ModelProto, original: ModelProto) -> ModelProto:
    """The fused graph under the versions, names and metadata of the original; the original where that does not do."""
    domains = {node.domain for node in fused.graph.node}
    known = {entry.domain for entry in original.opset_import} | {"", "ai.onnx"}
    if not domains <= known:
        return original
    result = ModelProto()
    result.CopyFrom(original)
    result.graph.CopyFrom(fused.graph)
    result.graph.name = original.graph.name
    onnx_graph.name_nodes(result)
    return result
