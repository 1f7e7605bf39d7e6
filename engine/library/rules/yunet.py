"""YuNet: faces with five landmarks.

Layout: libfacedetection.train, tools/yunet2onnx.py: for each stride cls, obj, bbox and kps, of 1, 1, 4 and 10 columns.
"""

from __future__ import annotations

from engine.cards import ColourOrder, Fit, Task
from engine.library.candidate import RAW, Candidate, Convention
from engine.library.facts import Facts, Output

_PARTS = ("cls", "obj", "bbox", "kps")
_WIDTHS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}

_CONVENTION = Convention(
    fit=Fit.LETTERBOX_TOP_LEFT,
    pad_bgr=(0, 0, 0),
    colour_order=ColourOrder.BGR,
    scale=RAW,
    size=640,
)


def recognise(facts: Facts) -> Candidate | None:
    """Four tables a stride, told apart by their names, else by their widths and order."""
    tables = [output for output in facts.outputs if output.rank == 3]
    if len(tables) != len(facts.outputs) or len(tables) % 4 or not tables:
        return None
    levels = _by_stride(tables, facts)
    if levels is None:
        return None
    roles = {f"{part}_{stride}": output.name for stride, level in levels.items() for part, output in level.items()}
    found = Candidate("yunet", "YuNet", Task.FACE, roles, {"strides": tuple(levels)}, _CONVENTION, 1, ("face",))
    found.support(
        0.8, "At each stride there are tables of 1, 1, 4 and 10 columns: face, objectness, box and 5 landmarks"
    )
    found.support(
        0.5, f"Their lengths are those of strides {', '.join(map(str, levels))} on {facts.size[1]}x{facts.size[0]}"
    )
    if all(output.base_name.startswith(part) for level in levels.values() for part, output in level.items()):
        found.support(0.7, "The outputs are named cls, obj, bbox and kps with their strides, as YuNet's exporter does")
    return found


def _by_stride(tables: list[Output], facts: Facts) -> dict[int, dict[str, Output]] | None:
    levels: dict[int, dict[str, Output]] = {}
    for output in sorted(tables, key=lambda t: _PARTS.index(_named_part(t)) if _named_part(t) else 0):
        stride = facts.stride_of(output)
        if stride is None:
            return None
        level = levels.setdefault(stride, {})
        part = next((p for p in _PARTS if _WIDTHS[p] == output.shape[2] and p not in level), None)
        if part is None:
            return None
        level[part] = output
    return dict(sorted(levels.items())) if all(len(level) == 4 for level in levels.values()) else None


def _named_part(output: Output) -> str:
    return next((part for part in _PARTS if output.base_name.startswith(part)), "")
