"""YOLOv5, YOLOv6 and YOLOv7: one decoded table of box, objectness and classes.

Layout: yolov5/models/yolo.py (``Detect.forward``), yolov7/models/yolo.py (``IDetect``), YOLOv6
yolov6/models/effidehead.py, whose objectness is a constant 1. Pictures: ``letterbox`` of each: centred, border 114,
RGB, 0 to 1.
"""

from __future__ import annotations

from engine.cards import Task
from engine.library.candidate import Candidate
from engine.library.facts import Facts, Output
from engine.library.grids import Grid, explain
from engine.library.rules.yolo_heads import is_decoded, prototypes, weigh_company, weigh_notes
from engine.library.tracing import parts, tail


def recognise(facts: Facts) -> Candidate | None:
    """One (B, N, 5+C) table, three anchors a cell (v5, v7) or one (v6)."""
    output = next(iter(facts.tables), None)
    if output is None or (output.shape[2] or 0) < 6 or prototypes(facts):
        return None
    grid = explain(output.shape[1], facts.size, (3, 1))
    if grid is None and output.shape[1] is not None and facts.fixed_size:
        return None
    classes = (output.shape[2] or 0) - 5
    one_anchor = grid is not None and grid.anchors == 1
    title = "YOLOv6" if one_anchor else "YOLOv5 or YOLOv7"
    roles, options = {"output": output.name}, {"classes": classes}
    found = Candidate("yolov5", title, Task.DETECT, roles, options, classes=classes, known_sets=("coco",))
    if grid:
        _weigh_rows(found, output, grid)
    _weigh_tail(found, facts, output)
    weigh_notes(found, facts)
    weigh_company(found, facts)
    return found


def _weigh_rows(found: Candidate, output: Output, grid: Grid) -> None:
    rows = f"{output.shape[1]} rows = {grid.sum_text}: strides {grid.strides_text}"
    if grid.anchors == 3:
        found.support(0.7, f"{rows}, three anchors a cell, as in YOLOv5 and YOLOv7")
    else:
        found.support(0.2, f"{rows}, one anchor a cell")


def _weigh_tail(found: Candidate, facts: Facts, output: Output) -> None:
    end = tail(facts.graph, output.name)
    if has_constant_objectness(facts, output):
        found.support(0.7, "Objectness is a constant 1, as YOLOv6's head writes it")
    if "Pow" in end.kinds and "Exp" not in end.kinds:
        found.support(0.3, "Sizes are squared before they are multiplied with anchors, as in YOLOv5 and YOLOv7")
    if "Sigmoid" not in end.kinds or not is_decoded(end, output.shape[1]):
        found.oppose(0.6)
    if "Exp" in end.kinds:
        found.oppose(0.6)


def has_constant_objectness(facts: Facts, output: Output) -> bool:
    """True where one column among those joined is made of a constant."""
    single = [part for part in parts(facts.graph, output.name, 2) if part.width == 1]
    return any(_is_constant(facts, part.tensor) for part in single)


def _is_constant(facts: Facts, tensor: str) -> bool:
    end = tail(facts.graph, tensor)
    return not end.sources and end.kinds <= {
        "ConstantOfShape",
        "Expand",
        "Shape",
        "Gather",
        "Concat",
        "Unsqueeze",
        "Tile",
    }
