"""openvino-fp16: an IR whose weights are stored in half precision; what it computes in is chosen when it is loaded."""

from __future__ import annotations

from engine.optimise.recipes import openvino_graph
from engine.optimise.task import Task, Told

PACKAGES = ("openvino",)


def make(task: Task, told: Told) -> tuple[str, ...]:
    """Write the IR."""
    told("Reading the model", 0.0)
    model = openvino_graph.read(task.source)
    told("Writing", 0.5)
    openvino_graph.write(model, task, half=True)
    return ("Weights in half precision",)
