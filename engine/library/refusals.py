"""Layouts that are recognised and not read: each with what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import ModelError
from engine.library.facts import Facts
from engine.library.grids import explain
from engine.library.metadata import clean_name
from engine.library.rules.yolo_heads import prototypes

_EXPECTED = "a detector, segmenter, pose model or classifier of a known layout"


@dataclass(frozen=True, slots=True)
class _Refusal:
    applies: Callable[[Facts], bool]
    what: str
    remedy: str


def unknown_layout(facts: Facts, subject: str) -> ModelError:
    """The error for outputs that no family reads, as helpful as the outputs allow."""
    for refusal in _REFUSALS:
        if refusal.applies(facts):
            return ModelError(refusal.what, subject=subject, expected=_EXPECTED, remedy=refusal.remedy)
    shown = "; ".join(f"{clean_name(o.name)} {_shape_text(o.shape)}" for o in facts.outputs[:6])
    more = f" and {len(facts.outputs) - 6} more" if len(facts.outputs) > 6 else ""
    return ModelError(
        f"The outputs have no layout that the program knows: {shown}{more}",
        subject=subject,
        expected=_EXPECTED,
        remedy="Export the model with its exporter's default head, or say what it is with inspect --set family=FAMILY",
    )


def _shape_text(shape: tuple[int | None, ...]) -> str:
    return "x".join("?" if n is None else str(n) for n in shape) or "(no shape)"


def _has_raw_grids(facts: Facts) -> bool:
    """Three maps of anchors a stride, decoded by nobody."""
    maps = [o for o in facts.outputs if o.rank == 5 or (o.rank == 4 and o.shape[1] and o.shape[1] % 3 == 0)]
    return len(maps) >= 2 and len(maps) == len(facts.outputs)


def _has_anchors_and_masks(facts: Facts) -> bool:
    return prototypes(facts) is not None and any(explain(o.shape[1], facts.size, (3,)) for o in facts.tables)


def _has_rows(facts: Facts) -> bool:
    """One list for all pictures: (N, 6) or (N, 7)."""
    return any(o.rank == 2 and o.shape[1] in (6, 7) for o in facts.outputs)


def _is_one_table_of_queries(facts: Facts) -> bool:
    return "RTDETR" in facts.graph.metadata.get("head", "") or (
        facts.only is not None and facts.only.rank == 3 and "GridSample" in facts.graph.kinds
    )


def _is_map_of_numbers(facts: Facts) -> bool:
    output = facts.only
    return output is not None and output.is_float and output.shape[-2:] == facts.size and output.rank in (3, 4)


def _has_landmarks(facts: Facts) -> bool:
    return any(o.rank in (2, 3) and o.shape[-1] in (10, 14) for o in facts.outputs) and len(facts.outputs) > 2


_REFUSALS = (
    _Refusal(
        _has_anchors_and_masks,
        "This is a YOLOv5 segmentation model, whose masks are not read",
        "Export YOLOv8 or later for segmentation",
    ),
    _Refusal(
        _has_raw_grids,
        "The outputs are raw grids, whose anchors are not in the file",
        "Export the model with its decoding (YOLOv7: export.py --grid; YOLOv5: export.py as it is)",
    ),
    _Refusal(
        _has_landmarks,
        "This looks like a detector with landmarks other than YuNet of 2023 (RetinaFace, SCRFD, older YuNet)",
        "Use face_detection_yunet_2023mar or later for faces",
    ),
    _Refusal(
        _has_rows,
        "The detections of all pictures come as one list, which is not read",
        "Export the model without NMS, or with a count, boxes, scores and classes apart",
    ),
    _Refusal(
        _is_one_table_of_queries,
        "This is RT-DETR with boxes and scores in one table, which is not read",
        "Export it with RT-DETR's own exporter, which gives labels, boxes and scores",
    ),
    _Refusal(
        _is_map_of_numbers,
        "The output has a number or a colour for each pixel, as depth, saliency and picture-making models give",
        "Choose a model for detection, segmentation, pose or classification",
    ),
)
