"""YOLOv10, YOLO26 and exports with NMS: finished rows of box, score and class, and what a task adds.

Layout: ultralytics/nn/modules/head.py (``postprocess``) and ultralytics/engine/exporter.py (``NMSModel``): x1, y1, x2,
y2 (of oriented boxes: centre and size), score, class, extras.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.cards import Task
from engine.library.candidate import Candidate
from engine.library.facts import Facts, Output
from engine.library.grids import explain
from engine.library.rules.yolo_heads import prototypes, title, weigh_company, weigh_notes
from engine.library.tracing import Part, modulus, parts

_COLUMNS = 6
_MOST_COLUMNS = 1000
_MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Rows:
    """Finished rows: the output, its columns, and what is joined in a row."""

    output: Output
    columns: int
    joined: tuple[Part, ...]


def detect(facts: Facts) -> Candidate | None:
    """(B, N, 6)."""
    rows = _rows(facts)
    if rows is None or rows.columns != _COLUMNS or prototypes(facts):
        return None
    return _candidate(facts, rows, "yolo_end2end", Task.DETECT)


def segment(facts: Facts) -> Candidate | None:
    """(B, N, 6+M) and (B, M, h, w) prototypes."""
    rows, planes = _rows(facts), prototypes(facts)
    if rows is None or planes is None or rows.columns != _COLUMNS + (planes.shape[1] or 0):
        return None
    found = _candidate(facts, rows, "yolo_end2end_seg", Task.SEGMENT)
    found.roles["prototypes"] = planes.name
    found.support(0.6, f"Beside the rows there are {planes.shape[1]} mask prototypes, a coefficient of each in a row")
    return found


def pose(facts: Facts) -> Candidate | None:
    """(B, N, 6+K*D)."""
    rows = _rows(facts)
    if rows is None or prototypes(facts) or rows.columns < _COLUMNS + 2:
        return None
    numbers = rows.columns - _COLUMNS
    shape = facts.notes.keypoints or ((numbers // 3, 3) if numbers % 3 == 0 else (numbers // 2, 2))
    if shape[0] * shape[1] != numbers:
        return None
    found = _candidate(facts, rows, "yolo_end2end_pose", Task.POSE)
    found.options |= {"keypoints": shape[0], "keypoint_dims": shape[1]}
    if facts.notes.keypoints:
        found.support(0.6, f"The metadata says there are {shape[0]} keypoints of {shape[1]} numbers")
    return found


def obb(facts: Facts) -> Candidate | None:
    """(B, N, 7)."""
    rows = _rows(facts)
    if rows is None or prototypes(facts) or rows.columns != _COLUMNS + 1:
        return None
    return _candidate(facts, rows, "yolo_end2end_obb", Task.OBB)


def _rows(facts: Facts) -> Rows | None:
    """The output of finished rows: fewer than the grid has cells."""
    for output in facts.outputs:
        if output.rank == 3 and output.is_float:
            joined = parts(facts.graph, output.name, 2)
            columns = output.shape[2] or _columns(facts, joined)
            rows = output.shape[1]
            few = rows is None or (rows <= _MOST_ROWS and explain(rows, facts.size) is None)
            if few and columns is not None and columns <= _MOST_COLUMNS:
                return Rows(output, columns, joined)
    return None


def _columns(facts: Facts, joined: tuple[Part, ...]) -> int | None:
    """Columns where the file leaves them open: those that are joined, with what the notes say of the rest."""
    if not _is_box_score_class(joined):
        return None
    planes = prototypes(facts)
    keypoints = facts.notes.keypoints or (0, 0)
    extra = (planes.shape[1] or 0) if planes else keypoints[0] * keypoints[1] or int(facts.notes.task is Task.OBB)
    return _COLUMNS + extra


def _is_box_score_class(joined: tuple[Part, ...]) -> bool:
    widths = [part.width for part in joined]
    return widths[0] in (4, None) and widths[1:3] == [1, 1]


def _candidate(facts: Facts, rows: Rows, family: str, task: Task) -> Candidate:
    name = title(facts, "YOLO, end to end")
    classes, output = modulus(facts.graph), rows.output
    found = Candidate(family, name, task, {"output": output.name}, classes=classes, known_sets=("coco",))
    found.support(
        0.3, f"The output has {output.shape[1] or '?'} rows of {rows.columns} numbers, fewer than the grid has cells"
    )
    if _is_box_score_class(rows.joined):
        found.support(0.6, "A row is joined from a box, a score and a class")
    elif len(rows.joined) > 1:
        found.oppose(0.7)
    if facts.notes.end2end:
        found.support(0.6, "The metadata says the head is end to end")
    if facts.notes.nms:
        found.support(0.6, "The metadata says NMS was exported with the model")
    if "NonMaxSuppression" in facts.graph.kinds:
        found.support(0.3, "NMS is inside the graph")
    elif "TopK" in facts.graph.kinds:
        found.support(0.4, "The graph itself picks the best candidates (TopK)")
    weigh_notes(found, facts)
    weigh_company(found, facts)
    return found
