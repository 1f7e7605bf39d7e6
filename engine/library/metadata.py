"""What exporters write into a model's metadata, parsed with care: it is data from strangers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.cards import Task

MOST_NAMES = 100_000
LONGEST_NAME = 100

_LITERALS = ("stride", "imgsz", "kpt_shape", "kpt_names", "args")
_NAME_KEYS = ("names", "class_names", "classes", "labels", "id2label")

_TASKS = {
    "detect": Task.DETECT,
    "segment": Task.SEGMENT,
    "pose": Task.POSE,
    "obb": Task.OBB,
    "classify": Task.CLASSIFY,
    "semantic": Task.SEMANTIC,
}


@dataclass(frozen=True, slots=True)
class ExporterNotes:
    """The keys that Ultralytics (YOLOv5 and later) writes, each absent where it is not there or makes no sense.

    Source of the keys: ultralytics/engine/exporter.py and yolov5/export.py.

    Attributes:
        task: What the model answers.
        names: Class names in order.
        stride: Largest stride.
        size: (height, width).
        keypoints: (K, numbers each).
        keypoint_names: K names, where they are noted.
        end2end: True where the head needs no NMS.
        nms: True where NMS was exported with the model.
        description: One line on the model.
    """

    task: Task | None = None
    names: tuple[str, ...] = ()
    stride: int | None = None
    size: tuple[int, int] | None = None
    keypoints: tuple[int, int] | None = None
    keypoint_names: tuple[str, ...] = ()
    end2end: bool | None = None
    nms: bool = False
    description: str = ""


def read_notes(metadata: Mapping[str, str]) -> ExporterNotes:
    """The exporter's notes among a file's metadata."""
    literals = {key: _literal(metadata.get(key, "")) for key in _LITERALS}
    args = literals["args"] if isinstance(literals["args"], dict) else {}
    end2end = metadata.get("end2end", "").strip().lower()
    return ExporterNotes(
        task=_TASKS.get(metadata.get("task", "").strip().lower()),
        names=_noted_names(metadata),
        stride=_stride(literals["stride"]),
        size=_pair(literals["imgsz"], 32_768),
        keypoints=_pair(literals["kpt_shape"], 10_000),
        keypoint_names=_first_names(literals["kpt_names"]),
        end2end={"true": True, "false": False}.get(end2end),
        nms=args.get("nms") is True,
        description=metadata.get("description", "")[:200],
    )


def _noted_names(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Class names under any of the usual keys: a literal, JSON, or a name a line."""
    for key in _NAME_KEYS:
        text = metadata.get(key, "").strip()
        found = names_from(_literal(text)) or names_from(text.splitlines() if "\n" in text else None)
        if found:
            return found
    return ()


def _first_names(value: Any) -> tuple[str, ...]:
    """Names of keypoints; where each class has its own, those of the first."""
    if isinstance(value, dict) and value and all(isinstance(names, (list, tuple)) for names in value.values()):
        value = next(iter(value.values()))
    return names_from(value)


def names_from(value: Any) -> tuple[str, ...]:
    """Class names from a list or from a mapping number -> name; () where it is neither or has gaps."""
    if isinstance(value, dict):
        try:
            numbered = {int(key): name for key, name in value.items()}
        except (TypeError, ValueError):
            return ()
        if sorted(numbered) != list(range(len(numbered))):
            return ()
        value = [numbered[number] for number in range(len(numbered))]
    if not isinstance(value, (list, tuple)) or len(value) > MOST_NAMES:
        return ()
    return tuple(clean_name(name) for name in value)


def clean_name(name: Any) -> str:
    """A class name as one short printable line."""
    printable = "".join(c if c.isprintable() else " " for c in str(name)[: 2 * LONGEST_NAME])
    return " ".join(printable.split())[:LONGEST_NAME]


def _literal(text: str) -> Any:
    """A Python literal, None where it is none. The reader of metadata has bounded the length."""
    try:
        return ast.literal_eval(text.strip()) if text else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _stride(value: Any) -> int | None:
    number = max(value) if isinstance(value, (list, tuple)) and value and all(map(_is_number, value)) else value
    return int(number) if _is_number(number) and 1 <= number <= 1024 else None


def _pair(value: Any, largest: int) -> tuple[int, int] | None:
    pair = [value, value] if _is_number(value) else value
    if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(map(_is_number, pair)):
        return None
    first, second = int(pair[0]), int(pair[1])
    return (first, second) if 1 <= first <= largest and 1 <= second <= largest else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
