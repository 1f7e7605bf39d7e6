"""What the rules of the YOLO families share: reading a head's table and weighing what its exporter noted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.library.candidate import Candidate
from engine.library.facts import Facts, Output
from engine.library.grids import Grid, explain
from engine.library.tracing import Tail, is_dfl, kind_of, parts, tail

_TITLE = re.compile(r"Ultralytics (YOLO[\w.-]{1,30})")
_BOX = 4


@dataclass(frozen=True, slots=True)
class DenseHead:
    """A table with one candidate a cell: a box, C class scores, and what a task adds.

    Attributes:
        output: The table.
        transposed: True for (B, N, channels).
        channels: 4 + C + extra.
        candidates: N, None where free.
        grid: The strides that explain N.
        classes: C as far as the graph shows where the scores end, else None.
    """

    output: Output
    transposed: bool
    channels: int
    candidates: int | None
    grid: Grid | None
    classes: int | None

    @property
    def extra(self) -> int | None:
        """Channels behind the class scores, None where the graph does not show where these end."""
        return None if self.classes is None else self.channels - _BOX - self.classes


def dense_head(facts: Facts) -> DenseHead | None:
    """The first output that could be a dense YOLO table without objectness."""
    for output in facts.outputs:
        head = _as_head(facts, output)
        if head:
            return head
    return None


def _as_head(facts: Facts, output: Output) -> DenseHead | None:
    if output.rank != 3 or not output.is_float:
        return None
    rows, columns = output.shape[1:]
    by_rows, by_columns = explain(rows, facts.size), explain(columns, facts.size)
    transposed = columns is not None and (rows is None or (by_rows is not None and by_columns is None))
    channels, candidates = (columns, rows) if transposed else (rows, columns)
    grid = by_rows if transposed else by_columns
    if channels is None or channels <= _BOX or (grid is None and candidates is not None and facts.fixed_size):
        return None
    return DenseHead(output, transposed, channels, candidates, grid, _classes(facts, output, 2 if transposed else 1))


def _classes(facts: Facts, output: Output, axis: int) -> int | None:
    """Width of the joined part that a sigmoid makes, where four channels for the box are left before it."""
    behind = output.shape[axis] or 0
    joined = parts(facts.graph, output.name, axis)
    for part in reversed(joined):
        if part.width is None:
            return None
        behind -= part.width
        if kind_of(facts.graph, part.tensor) == "Sigmoid":
            return part.width if behind == _BOX else None
    return None


def prototypes(facts: Facts) -> Output | None:
    """The output with mask prototypes (B, M, h, w), a quarter of the picture."""
    for output in facts.outputs:
        if output.rank == 4 and output.is_float and output.shape[1] is not None and 8 <= output.shape[1] <= 256:
            height = output.shape[2]
            if height is None or height * 2 <= facts.size[0]:
                return output
    return None


def is_decoded(end: Tail, rows: int | None) -> bool:
    """True where boxes are moved by a grid: made on the way (dynamic sizes) or stored, unlike a bias of one axis."""
    for constant in end.constants:
        axes = [length for length in constant.shape if length > 1]
        if constant.dtype.startswith("float") and (len(axes) > 1 or axes == [rows]):
            return True
    return "Range" in end.kinds


def title(facts: Facts, otherwise: str) -> str:
    """The model's own name for itself where its exporter noted one."""
    found = _TITLE.match(facts.notes.description)
    return found.group(1) if found else otherwise


def weigh_notes(found: Candidate, facts: Facts) -> None:
    """What the exporter's notes say about a candidate's task and classes."""
    notes = facts.notes
    if notes.task is found.task:
        found.support(0.5, f"The metadata says the task is {notes.task.value}")
    elif notes.task is not None:
        found.oppose(0.8)
    if notes.names and len(notes.names) == found.classes:
        found.support(0.5, f"The metadata names {found.classes} classes, as many as the outputs have")
    elif notes.names and found.classes is not None:
        found.oppose(0.6)
    elif found.classes == 80 and "coco" in found.known_sets:
        found.support(0.3, "There are 80 classes, as in COCO")


def weigh_company(found: Candidate, facts: Facts) -> None:
    """These heads give one table; several speak against them."""
    if len(facts.tables) > 1:
        found.oppose(0.6)


def weigh_dense(found: Candidate, facts: Facts, head: DenseHead) -> None:
    """What size and graph say about a dense head without objectness."""
    axis = "rows" if head.transposed else "columns"
    if head.grid:
        found.support(0.3, f"{head.candidates} {axis} = {head.grid.sum_text}: strides {head.grid.strides_text}")
    if any(is_dfl(facts.graph, node) for node in facts.graph.nodes):
        found.support(0.5, "The head turns distance distributions into boxes (DFL), as YOLOv8 and later do")
    end = tail(facts.graph, head.output.name)
    if "Sigmoid" not in end.kinds or not is_decoded(end, head.candidates):
        found.oppose(0.6)
    if facts.notes.end2end:
        found.oppose(0.5)
    weigh_company(found, facts)
