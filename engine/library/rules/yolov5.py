"""YOLOv5, YOLOv6 and YOLOv7: one decoded table of box, objectness and classes.

Layout: yolov5/models/yolo.py (``Detect.forward``), yolov7/models/yolo.py, YOLOv6/yolov6/models/heads/effidehead_*.py.
"""

from __future__ import annotations

from engine.cards import Task
from engine.library.candidate import Candidate
from engine.library.facts import Facts, Output
from engine.library.grids import Grid, explain
from engine.library.tracing import activations, tail


def recognise(facts: Facts) -> Candidate | None:
    """One (B, N, 5+C) table, three anchors a cell (v5, v7) or one (v6)."""
    output = next((o for o in facts.outputs if o.rank == 3), None)
    if output is None or not output.is_float or (output.shape[2] or 0) < 6:
        return None
    grid = explain(output.shape[1], facts.size, (3, 1))
    if grid is None and output.shape[1] is not None:
        return None
    classes = (output.shape[2] or 0) - 5
    one_anchor = grid is not None and grid.anchors == 1
    title = "YOLOv6" if one_anchor else "YOLOv5 or YOLOv7"
    found = Candidate(
        "yolov5",
        title,
        Task.DETECT,
        {"output": output.name},
        {"classes": classes},
        classes=classes,
        known_sets=("coco",),
    )
    _weigh(found, facts, output, grid)
    return found


def _weigh(found: Candidate, facts: Facts, output: Output, grid: Grid | None) -> None:
    kinds = tail(facts.graph, output.name).kinds
    if grid:
        weight = 0.6 if grid.anchors == 3 else 0.2
        found.support(weight, f"The output has {output.shape[1]} rows = {grid.sum_text}: strides {grid.strides_text}")
    if facts.notes.names and len(facts.notes.names) == found.classes:
        found.support(
            0.6, f"{output.shape[2]} columns are a box, objectness and the {found.classes} classes of the metadata"
        )
    elif found.classes == 80:
        found.support(0.4, f"{output.shape[2]} columns are a box, objectness and 80 COCO classes")
    if "Sigmoid" not in kinds or "Mul" not in kinds:
        found.oppose(0.6)
    if "Exp" in kinds:
        found.oppose(0.6)
    if grid and grid.anchors == 1 and "" in activations(facts.graph, output.name):
        found.support(0.6, "Objectness is a constant, as YOLOv6's head writes it")
