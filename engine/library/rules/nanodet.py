"""NanoDet and NanoDet-Plus: class scores and distance distributions, in separate heads or in one table.

Layout: nanodet/model/head/nanodet_head.py and nanodet_plus_head.py, ``_forward_onnx``. Pictures: the files under
config/: mean and standard deviation in BGR; NanoDet keeps the ratio
(centred, border 0), NanoDet-Plus stretches.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from engine.cards import ColourOrder, Fit, Task
from engine.library.candidate import Candidate, Convention
from engine.library.facts import Facts, Output
from engine.library.grids import Grid, explain
from engine.library.rules.yolo_heads import weigh_notes
from engine.library.tracing import kind_of, leaves

_KEEPS_RATIO = Convention(
    fit=Fit.LETTERBOX_CENTRE,
    pad_bgr=(0, 0, 0),
    colour_order=ColourOrder.BGR,
    mean=(103.53, 116.28, 123.675),
    scale=(57.375, 57.12, 58.395),
    size=416,
)
_STRETCHES = replace(_KEEPS_RATIO, fit=Fit.STRETCH)

_LEVELS = (8, 16, 32, 64)
_PLUS_STRIDE = 64
"""NanoDet-Plus alone has a fourth level."""

_USUAL_COLUMNS = 32
"""4 sides x 8 bins: reg_max 7, the configuration of all published models."""


@dataclass(frozen=True, slots=True)
class _Widths:
    classes: int
    columns: int

    @property
    def bins(self) -> int:
        return self.columns // 4


def recognise(facts: Facts) -> Candidate | None:
    """One table of scores and distances together, or one of each a stride."""
    return _one_table(facts) if facts.only else _separate_heads(facts)


def _separate_heads(facts: Facts) -> Candidate | None:
    tables = [output for output in facts.outputs if output.rank == 3]
    strides = _strides(facts, tables)
    if len(tables) != len(facts.outputs) or None in strides.values():
        return None
    pairs = _pairs(tables, strides)
    if pairs is None:
        return None
    scores, boxes = next(iter(pairs.values()))
    widths = _Widths(scores.shape[2] or 0, boxes.shape[2] or 0)
    roles: dict[str, str] = {}
    for stride, (score, box) in pairs.items():
        roles |= {f"scores_{stride}": score.name, f"boxes_{stride}": box.name}
    logits = kind_of(facts.graph, scores.name) != "Sigmoid"
    found = _candidate(roles, widths, tuple(pairs), logits=logits)
    levels = ", ".join(str(stride) for stride in pairs)
    found.support(
        0.7, f"Strides {levels} have a table of {widths.classes} scores and one of {widths.columns} columns each"
    )
    found.support(
        0.6, f"{widths.columns} columns are 4 sides of a box times {widths.bins} bins of a distance distribution"
    )
    weigh_notes(found, facts)
    return found


def _strides(facts: Facts, tables: list[Output]) -> dict[str, int | None]:
    """Stride of each table; where nothing tells, by the order among those of its width, finest first."""
    strides = {output.name: facts.stride_of(output) for output in tables}
    if any(strides.values()):
        return strides
    seen: Counter[int | None] = Counter()
    for output in tables:
        level = seen[output.shape[2]]
        strides[output.name] = _LEVELS[level] if level < len(_LEVELS) else None
        seen[output.shape[2]] += 1
    return strides


def _pairs(tables: list[Output], strides: dict[str, int | None]) -> dict[int, tuple[Output, Output]] | None:
    """Stride -> (scores, boxes). Both kinds have one width at all strides; the boxes' is a multiple of four."""
    widths = list(dict.fromkeys(output.shape[2] for output in tables))
    wide = [w for w in widths if w and w % 4 == 0 and w >= 8]
    if len(widths) != 2 or None in widths or not wide:
        return None
    columns = _USUAL_COLUMNS if _USUAL_COLUMNS in wide else wide[-1]
    levels: dict[int, dict[bool, Output]] = {}
    for output in tables:
        levels.setdefault(strides[output.name] or 0, {})[output.shape[2] == columns] = output
    if len(levels) < 2 or any(len(level) != 2 for level in levels.values()) or 2 * len(levels) != len(tables):
        return None
    return {stride: (level[False], level[True]) for stride, level in sorted(levels.items())}


def _one_table(facts: Facts) -> Candidate | None:
    output = facts.only
    if output is None or output.rank != 3 or output.shape[2] is None or output.shape[2] <= _USUAL_COLUMNS:
        return None
    grid = explain(output.shape[1], facts.size)
    joined = _joined_widths(facts, output)
    widths = joined or _Widths(output.shape[2] - _USUAL_COLUMNS, _USUAL_COLUMNS)
    if (grid is None and output.shape[1] is not None and facts.fixed_size) or widths.classes < 1:
        return None
    strides = grid.strides if grid else _strides_of_leaves(facts, output)
    found = _candidate({"output": output.name}, widths, strides, logits=False)
    if joined:
        found.support(
            0.8,
            f"At each stride {widths.classes} scores behind a sigmoid are joined with {widths.columns} columns without "
            f"activation: 4 sides of a box times {widths.bins} bins of a distance distribution",
        )
    if grid:
        _weigh_rows(found, output, grid)
    weigh_notes(found, facts)
    return found


def _weigh_rows(found: Candidate, output: Output, grid: Grid) -> None:
    found.support(0.3, f"{output.shape[1]} rows = {grid.sum_text}: strides {grid.strides_text}")
    if grid.strides == (8, 16, 32, _PLUS_STRIDE):
        found.support(0.6, "A fourth stride of 64 with one anchor a cell is NanoDet-Plus's")


def _strides_of_leaves(facts: Facts, output: Output) -> tuple[int, ...]:
    """As many strides as there are pairs of leaves."""
    levels = len(leaves(facts.graph, output.name)) // 2
    return (8, 16, 32) if levels == 3 else (8, 16, 32, _PLUS_STRIDE)


def _joined_widths(facts: Facts, output: Output) -> _Widths | None:
    """Widths of the two leaves a stride: scores behind a sigmoid, then distances without activation."""
    found = [(kind_of(facts.graph, leaf), facts.graph.shape(leaf)) for leaf in leaves(facts.graph, output.name)]
    if len(found) < 2 or len(found) % 2:
        return None
    pairs = {
        (first[1:2], second[1:2])
        for (_, first), (_, second) in zip(found[::2], found[1::2], strict=True)
        if first and second
    }
    behind_sigmoid = all(kind == "Sigmoid" for kind, _ in found[::2]) and all(
        kind != "Sigmoid" for kind, _ in found[1::2]
    )
    if len(pairs) != 1 or not behind_sigmoid:
        return None
    (classes,), (columns,) = next(iter(pairs))
    if not classes or not columns or columns % 4 or classes + columns != output.shape[2]:
        return None
    return _Widths(classes, columns)


def _candidate(roles: dict[str, str], widths: _Widths, strides: tuple[int, ...], *, logits: bool) -> Candidate:
    plus = _PLUS_STRIDE in strides
    options = {
        "classes": widths.classes,
        "strides": strides,
        "reg_max": widths.bins - 1,
        "sigmoid": logits,
        "cell_centre": not plus,
    }
    title, convention = ("NanoDet-Plus", _STRETCHES) if plus else ("NanoDet", _KEEPS_RATIO)
    return Candidate("nanodet", title, Task.DETECT, roles, options, convention, widths.classes, ("coco",))
