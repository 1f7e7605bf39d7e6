"""NanoDet and NanoDet-Plus: class scores and distance distributions, in separate heads or in one table.

Layout: nanodet/model/head/nanodet_head.py and nanodet_plus_head.py, ``_forward_onnx``. Pictures: the configuration files
under config/, mean and standard deviation in BGR.
"""

from __future__ import annotations

from engine.cards import ColourOrder, Fit, Task
from engine.library.candidate import Candidate, Convention
from engine.library.facts import Facts, Output
from engine.library.grids import Grid, explain, stride_of
from engine.library.tracing import PASSING, RESHAPING, leaves, maker

_CONVENTION = Convention(
    fit=Fit.LETTERBOX_CENTRE,
    pad_bgr=(0, 0, 0),
    colour_order=ColourOrder.BGR,
    mean=(103.53, 116.28, 123.675),
    scale=(57.375, 57.12, 58.395),
    size=416,
)
_USUAL_COLUMNS = 32
"""4 sides x 8 bins: reg_max 7, the configuration of all published models."""


def recognise(facts: Facts) -> Candidate | None:
    """One table of scores and distances together, or one of each a stride."""
    return _one_table(facts) if facts.only else _separate_heads(facts)


def _separate_heads(facts: Facts) -> Candidate | None:
    tables = [output for output in facts.outputs if output.rank == 3]
    strides = {output.name: stride_of(output.shape[1], facts.size) for output in tables}
    if len(tables) != len(facts.outputs) or None in strides.values():
        return None
    pairs = _pairs(tables, strides)
    if pairs is None:
        return None
    scores, boxes = next(iter(pairs.values()))
    classes, columns = scores.shape[2] or 0, boxes.shape[2] or 0
    roles = {}
    for stride, (score, box) in pairs.items():
        roles |= {f"scores_{stride}": score.name, f"boxes_{stride}": box.name}
    found = _candidate(facts, roles, classes, columns, tuple(pairs), logits=_are_logits(facts, scores.name))
    found.support(
        0.7,
        f"At each of the strides {', '.join(map(str, pairs))} there is a table of {classes} scores and one of {columns} columns",
    )
    found.support(0.6, f"{columns} columns are 4 sides of a box times {columns // 4} bins of a distance distribution")
    return found


def _pairs(tables: list[Output], strides: dict[str, int | None]) -> dict[int, tuple[Output, Output]] | None:
    """Stride -> (scores, boxes). Both kinds have one width at all strides; the boxes' is a multiple of four."""
    widths = list(dict.fromkeys(output.shape[2] for output in tables))
    if len(widths) != 2 or None in widths:
        return None
    wide = [w for w in widths if w and w % 4 == 0 and w >= 8]
    if not wide:
        return None
    columns = _USUAL_COLUMNS if _USUAL_COLUMNS in wide else wide[-1]
    levels: dict[int, dict[bool, Output]] = {}
    for output in tables:
        levels.setdefault(strides[output.name] or 0, {})[output.shape[2] == columns] = output
    if any(len(level) != 2 for level in levels.values()) or 2 * len(levels) != len(tables):
        return None
    return {stride: (level[False], level[True]) for stride, level in sorted(levels.items())}


def _one_table(facts: Facts) -> Candidate | None:
    output = facts.only
    if output is None or output.rank != 3 or output.shape[2] is None or output.shape[2] <= _USUAL_COLUMNS:
        return None
    grid = explain(output.shape[1], facts.size)
    columns = _distance_columns(facts, output)
    classes = output.shape[2] - columns
    if grid is None or classes < 1:
        return None
    found = _candidate(facts, {"output": output.name}, classes, columns, grid.strides, logits=False)
    _weigh_table(found, facts, output, grid, classes, columns)
    return found


def _weigh_table(found: Candidate, facts: Facts, output: Output, grid: Grid, classes: int, columns: int) -> None:
    found.support(0.3, f"The output has {output.shape[1]} rows = {grid.sum_text}: strides {grid.strides_text}")
    if len(grid.strides) == 4 and grid.strides[0] == 8:
        found.support(0.6, "A fourth stride of 64 with one anchor a cell is NanoDet-Plus's")
    if classes == 80:
        found.support(
            0.5, f"{output.shape[2]} columns are 80 COCO classes and 4 x {columns // 4} bins of a distance distribution"
        )


def _distance_columns(facts: Facts, output: Output) -> int:
    """Columns of the distance distributions: those of the joined part that no sigmoid makes."""
    for leaf in leaves(facts.graph, output.name):
        node = maker(facts.graph, leaf)
        shape = facts.graph.shape(leaf)
        if node and node.kind in ("Split", "Slice") and shape and len(shape) == 4 and shape[1] and shape[1] % 4 == 0:
            return shape[1]
    return _USUAL_COLUMNS


def _are_logits(facts: Facts, scores: str) -> bool:
    node = maker(facts.graph, scores, PASSING | RESHAPING)
    return node is not None and node.kind != "Sigmoid"


def _candidate(
    facts: Facts, roles: dict[str, str], classes: int, columns: int, strides: tuple[int, ...], *, logits: bool
) -> Candidate:
    plus = 64 in strides
    options = {
        "classes": classes,
        "strides": strides,
        "reg_max": columns // 4 - 1,
        "sigmoid": logits,
        "cell_centre": not plus,
    }
    title = "NanoDet-Plus" if plus else "NanoDet"
    return Candidate("nanodet", title, Task.DETECT, roles, options, _CONVENTION, classes, ("coco",))
