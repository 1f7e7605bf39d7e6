"""YOLOX: one table of box, objectness and classes, on the raw grid or decoded.

Layout: yolox/models/yolo_head.py (``forward``, ``decode_outputs``) and tools/export_onnx.py. Pictures: ``preproc`` of
yolox/data/data_augment.py: top left, border 114, BGR, 0 to 255.
"""

from __future__ import annotations

from engine.cards import ColourOrder, Fit, Task
from engine.library.candidate import RAW, Candidate, Convention
from engine.library.facts import Facts, Output
from engine.library.grids import Grid, explain
from engine.library.rules.yolo_heads import is_decoded, prototypes, weigh_company, weigh_notes
from engine.library.rules.yolov5 import has_constant_objectness
from engine.library.tracing import Tail, kind_of, leaves, tail

_CONVENTION = Convention(
    fit=Fit.LETTERBOX_TOP_LEFT,
    pad_bgr=(114, 114, 114),
    colour_order=ColourOrder.BGR,
    scale=RAW,
)


def recognise(facts: Facts) -> Candidate | None:
    """One (B, N, 5+C) table with one anchor a cell."""
    output = next(iter(facts.tables), None)
    if output is None or (output.shape[2] or 0) < 6 or prototypes(facts):
        return None
    grid = explain(output.shape[1], facts.size)
    if grid is None and output.shape[1] is not None and facts.fixed_size:
        return None
    end = tail(facts.graph, output.name)
    raw = "Exp" not in end.kinds and not is_decoded(end, output.shape[1])
    classes = (output.shape[2] or 0) - 5
    options = {"classes": classes, "raw": raw, "strides": grid.strides if grid else (8, 16, 32)}
    found = Candidate("yolox", "YOLOX", Task.DETECT, {"output": output.name}, options, _CONVENTION, classes, ("coco",))
    _weigh(found, facts, output, end)
    if grid:
        _weigh_rows(found, output, grid)
    weigh_notes(found, facts)
    weigh_company(found, facts)
    return found


def _weigh_rows(found: Candidate, output: Output, grid: Grid) -> None:
    rows = f"{output.shape[1]} rows = {grid.sum_text}: strides {grid.strides_text}"
    found.support(0.3, f"{rows}, one anchor a cell")


def _weigh(found: Candidate, facts: Facts, output: Output, end: Tail) -> None:
    if found.options["raw"] and _joins_raw_boxes(facts, output, len(found.options["strides"])):
        found.support(
            0.8,
            "At each stride a box without activation is joined with objectness and classes behind a sigmoid, "
            "as YOLOX's head does",
        )
        found.support(0.5, "Nothing moves boxes by the grid: they are still offsets and logarithms of sizes")
    elif "Exp" in end.kinds:
        found.support(
            0.75, "The graph ends with the exponential of sizes, the grid and the strides: decoded YOLOX boxes"
        )
    else:
        found.oppose(0.4)
    if has_constant_objectness(facts, output):
        found.oppose(0.9)
    if facts.notes.stride:
        found.oppose(0.6)


def _joins_raw_boxes(facts: Facts, output: Output, strides: int) -> bool:
    """Three leaves a stride, the second and third made by a sigmoid, the first not."""
    kinds = [kind_of(facts.graph, leaf) for leaf in leaves(facts.graph, output.name)]
    levels = [kinds[i : i + 3] for i in range(0, len(kinds), 3)]
    return len(kinds) == 3 * strides and all(
        level[0] != "Sigmoid" and level[1:] == ["Sigmoid", "Sigmoid"] for level in levels
    )
