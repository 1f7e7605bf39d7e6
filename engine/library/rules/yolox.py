"""YOLOX: one table of box, objectness and classes, on the raw grid or decoded.

Layout: yolox/models/yolo_head.py (``forward``, ``decode_outputs``) and tools/export_onnx.py. Pictures: ``preproc`` of
yolox/data/data_augment.py: top left, border 114, BGR, 0 to 255.
"""

from __future__ import annotations

from engine.cards import ColourOrder, Fit, Task
from engine.library.candidate import RAW, Candidate, Convention
from engine.library.facts import Facts, Output
from engine.library.grids import explain
from engine.library.tracing import Tail, activations, tail

_CONVENTION = Convention(
    fit=Fit.LETTERBOX_TOP_LEFT,
    pad_bgr=(114, 114, 114),
    colour_order=ColourOrder.BGR,
    scale=RAW,
)


def recognise(facts: Facts) -> Candidate | None:
    """One (B, N, 5+C) table with one anchor a cell."""
    output = facts.only
    if output is None or output.rank != 3 or not output.is_float or (output.shape[2] or 0) < 6:
        return None
    grid = explain(output.shape[1], facts.size)
    if grid is None and output.shape[1] is not None:
        return None
    end = tail(facts.graph, output.name)
    raw = not _is_decoded(end)
    strides = grid.strides if grid else (8, 16, 32)
    classes = (output.shape[2] or 0) - 5
    options = {"classes": classes, "raw": raw, "strides": strides}
    found = Candidate("yolox", "YOLOX", Task.DETECT, {"output": output.name}, options, _CONVENTION, classes, ("coco",))
    _weigh(found, facts, output, end, raw=raw)
    if grid:
        found.support(
            0.3,
            f"The output has {output.shape[1]} rows = {grid.sum_text}: strides {grid.strides_text}, one anchor a cell",
        )
    return found


def _weigh(found: Candidate, facts: Facts, output: Output, end: Tail, *, raw: bool) -> None:
    classes = found.classes or 0
    if classes == 80:
        found.support(0.4, f"{output.shape[2]} columns are a box, objectness and 80 COCO classes")
    parts = activations(facts.graph, output.name)
    per_level = [parts[i : i + 3] for i in range(0, len(parts), 3)]
    if (
        raw
        and len(parts) == 3 * len(found.options["strides"])
        and all(level[1:] == ("Sigmoid", "Sigmoid") for level in per_level)
    ):
        found.support(
            0.8,
            "At each stride a box without activation is joined with objectness and classes behind a sigmoid, as YOLOX's head does",
        )
        found.support(0.5, "Nothing adds the grid or multiplies by the stride: boxes are still offsets and log sizes")
    elif not raw and "Exp" in end.kinds:
        found.support(
            0.75, "The graph ends with an exponential of sizes, the grid and the strides: YOLOX boxes, decoded"
        )
    else:
        found.oppose(0.4)
    if facts.notes.names:
        found.oppose(0.5)


def _is_decoded(end: Tail) -> bool:
    """Decoding needs an exponential of the sizes and the grid; a raw head joins and transposes only."""
    return "Exp" in end.kinds or not end.kinds.isdisjoint({"Pow", "ScatterND"})
