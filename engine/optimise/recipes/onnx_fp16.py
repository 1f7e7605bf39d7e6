"""onnx-fp16: weights and compute in half precision; inputs, outputs and the decoder's tail in float."""

from __future__ import annotations

from onnxruntime.transformers.float16 import convert_float_to_float16

from engine.optimise.recipes import onnx_graph
from engine.optimise.recipes.onnx_fused import fuse
from engine.optimise.task import Task, Told

PACKAGES = ("onnx", "onnxruntime")


def make(task: Task, told: Told) -> tuple[str, ...]:
    """Write the model in half precision."""
    told("Reading the model", 0.0)
    fused = fuse(onnx_graph.read(task.source), task.folder)
    onnx_graph.refuse_control_flow(fused)
    told("Converting weights", 0.4)
    tail = onnx_graph.float_tail(fused, task.input)
    half = convert_float_to_float16(fused, keep_io_types=True, node_block_list=tail)
    onnx_graph.write(half, task)
    return (
        f"{len(fused.graph.node) - len(tail)} operations in half precision, {len(tail)} of the decoder in float",
        "ONNX Runtime's CPU computes FP16 files in FP32 and slower; they are for GPUs and other accelerators",
    )
