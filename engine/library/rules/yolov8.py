"""YOLOv8, v9, 11 and 12, and YOLO26 without its end-to-end head: boxes and classes without objectness.

Layout: ultralytics/nn/modules/head.py (``Detect``, ``Segment``, ``Pose``, ``OBB``), ``_inference``. Pictures:
ultralytics/data/augment.py (``LetterBox``): centred, border 114, RGB, 0 to 1.
"""

from __future__ import annotations

from engine.cards import Task
from engine.library.candidate import Candidate
from engine.library.facts import Facts
from engine.library.rules.yolo_heads import DenseHead, dense_head, prototypes, title, weigh_dense, weigh_notes
from engine.library.tracing import parts, tail

_BOX = 4


def detect(facts: Facts) -> Candidate | None:
    """One (B, 4+C, N) table or its transpose."""
    head = dense_head(facts)
    if head is None:
        return None
    found = _candidate(facts, head, "yolov8", Task.DETECT, head.channels - _BOX)
    if head.extra == 0:
        found.support(0.6, f"The output joins 4 box channels and {head.classes} scores behind a sigmoid, nothing else")
    elif head.extra is not None or prototypes(facts):
        found.oppose(0.85)
    return found


def segment(facts: Facts) -> Candidate | None:
    """A (B, 4+C+M, N) table and (B, M, h, w) prototypes."""
    head, planes = dense_head(facts), prototypes(facts)
    if head is None or planes is None:
        return None
    masks = planes.shape[1] or 0
    classes = head.channels - _BOX - masks
    if classes < 1:
        return None
    found = _candidate(facts, head, "yolov8_seg", Task.SEGMENT, classes)
    found.roles["prototypes"] = planes.name
    found.support(0.6, f"Beside the table there are {masks} mask prototypes, a coefficient of each in the table")
    if head.extra == masks:
        found.support(0.5, f"The output joins 4 box channels, {classes} scores and {masks} mask coefficients")
    return found


def pose(facts: Facts) -> Candidate | None:
    """A (B, 4+C+K*D, N) table."""
    head = dense_head(facts)
    if head is None or prototypes(facts):
        return None
    shape = facts.notes.keypoints or _keypoints(facts, head)
    if shape is None:
        return None
    keypoints, dims = shape
    classes = head.channels - _BOX - keypoints * dims
    if classes < 1 or classes > 100:
        return None
    found = _candidate(facts, head, "yolov8_pose", Task.POSE, classes)
    found.known_sets = ("person",) if keypoints == 17 else ()
    found.options |= {"keypoints": keypoints, "keypoint_dims": dims}
    if facts.notes.keypoints:
        found.support(0.6, f"The metadata says there are {keypoints} keypoints of {dims} numbers")
    if head.extra == keypoints * dims:
        found.support(
            0.6, f"Behind the scores the output joins {keypoints * dims} numbers: {keypoints} x {dims} for keypoints"
        )
    elif head.extra is not None:
        found.oppose(0.8)
    return found


def obb(facts: Facts) -> Candidate | None:
    """A (B, 4+C+1, N) table whose last channel is an angle."""
    head = dense_head(facts)
    if head is None or prototypes(facts) or head.channels < _BOX + 2:
        return None
    found = _candidate(facts, head, "yolov8_obb", Task.OBB, head.channels - _BOX - 1)
    found.known_sets = ("dota",)
    if head.extra == 1:
        found.support(0.7, f"Behind {head.classes} scores the output joins one number: an angle")
    elif head.extra is not None:
        found.oppose(0.85)
    if not {"Sin", "Cos"}.isdisjoint(tail(facts.graph, head.output.name).kinds):
        found.support(0.6, "The graph turns boxes with sine and cosine")
    return found


def _candidate(facts: Facts, head: DenseHead, family: str, task: Task, classes: int) -> Candidate:
    options = {"classes": classes, "transposed": head.transposed}
    roles = {"output": head.output.name}
    name = title(facts, "YOLOv8 or later")
    known_sets = ("coco",) if task in (Task.DETECT, Task.SEGMENT) else ()
    found = Candidate(family, name, task, roles, options, classes=classes, known_sets=known_sets)
    weigh_dense(found, facts, head)
    weigh_notes(found, facts)
    return found


def _keypoints(facts: Facts, head: DenseHead) -> tuple[int, int] | None:
    """(K, numbers each) from the width of what is joined behind the scores, else from the usual width of people."""
    if head.extra is None:
        return (17, 3) if head.channels == _BOX + 1 + 51 else None
    if head.extra < 2:
        return None
    last = parts(facts.graph, head.output.name, 2 if head.transposed else 1)[-1]
    scored = "Sigmoid" in tail(facts.graph, last.tensor).kinds
    if head.extra % 3 == 0 and (scored or head.extra % 2):
        return head.extra // 3, 3
    return (head.extra // 2, 2) if head.extra % 2 == 0 else None
