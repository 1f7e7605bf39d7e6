"""YOLOv8, v9, 11 and 12: boxes and classes without objectness, one column a candidate; with masks, keypoints or angles.

Layout: ultralytics/nn/modules/head.py (``Detect``, ``Segment``, ``Pose``, ``OBB``).
"""

from __future__ import annotations

from engine.cards import Task
from engine.library.candidate import Candidate
from engine.library.facts import Facts, Output
from engine.library.grids import explain
from engine.library.tracing import is_dfl


def recognise(facts: Facts) -> Candidate | None:
    """One (B, 4+C, N) table or its transpose."""
    output = facts.only
    if output is None or output.rank != 3 or not output.is_float or None in output.shape[1:]:
        return None
    rows, columns = output.shape[1] or 0, output.shape[2] or 0
    transposed = explain(rows, facts.size) is not None if explain(columns, facts.size) is None else False
    channels, candidates = (columns, rows) if transposed else (rows, columns)
    classes = channels - 4
    if classes < 1:
        return None
    options = {"classes": classes, "transposed": transposed}
    found = Candidate(
        "yolov8", "YOLOv8", Task.DETECT, {"output": output.name}, options, classes=classes, known_sets=("coco",)
    )
    _weigh(found, facts, output, candidates)
    return found


def _weigh(found: Candidate, facts: Facts, output: Output, candidates: int) -> None:
    grid = explain(candidates, facts.size)
    if grid:
        found.support(0.3, f"The output has {candidates} candidates = {grid.sum_text}: strides {grid.strides_text}")
    if facts.notes.task is Task.DETECT:
        found.support(0.5, "The metadata says the task is detect")
    if len(facts.notes.names) == found.classes:
        found.support(0.6, f"4 + {found.classes} channels are a box and the {found.classes} classes of the metadata")
    elif found.classes == 80:
        found.support(0.4, "84 channels are a box and 80 COCO classes")
    if any(is_dfl(facts.graph, node) for node in facts.graph.nodes):
        found.support(0.5, "The head turns distance distributions into boxes (DFL), as YOLOv8 and later do")
