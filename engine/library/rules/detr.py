"""DETR, RF-DETR and their kin: boxes in shares of the picture and class logits, a row a query.

Layout: facebookresearch/detr models/detr.py, roboflow/rf-detr rfdetr/deploy/export.py, transformers
(``DetrForObjectDetection``, ``RTDetrForObjectDetection``, ``DFineForObjectDetection``).
"""

from __future__ import annotations

from engine.cards import Fit, Task
from engine.library.candidate import IMAGENET_MEAN, IMAGENET_SCALE, NO_MEAN, UNIT, Candidate, Convention
from engine.library.facts import Facts, Output
from engine.library.tracing import kind_of, stem

_BOX_NAMES = ("pred_boxes", "dets", "boxes", "pred_box")
_LOGIT_NAMES = ("logits", "pred_logits", "labels", "scores", "pred_scores")
_DETR_COCO = 92
"""91 numbers of COCO and "no object"."""
_SIGMOID_COCO = 91


def recognise(facts: Facts) -> Candidate | None:
    """(B, N, 4) boxes and (B, N, C) logits."""
    pair = _pair(facts)
    if pair is None:
        return None
    boxes, logits = pair
    columns = logits.shape[2]
    selects = selects_queries(facts)
    background_last = not selects and columns != _SIGMOID_COCO
    classes = columns - 1 if columns and background_last else columns
    roles = {"boxes": boxes.name, "logits": logits.name}
    options = {"background_last": background_last, "first_class": 0}
    title, convention = _convention(facts, selects=selects)
    found = Candidate("detr", title, Task.DETECT, roles, options, convention, classes, ("coco", "coco_91"))
    _weigh(found, facts, boxes, logits)
    return found


def _pair(facts: Facts) -> tuple[Output, Output] | None:
    tables = [o for o in facts.outputs if o.rank == 3 and o.is_float]
    boxes = [o for o in tables if o.shape[2] == 4]
    box = next((o for o in boxes if o.base_name in _BOX_NAMES), boxes[0] if boxes else None)
    if box is None:
        return None
    rest = [o for o in tables if o is not box and o.shape[1] == box.shape[1] and "hidden" not in o.base_name]
    logit = next((o for o in rest if o.base_name in _LOGIT_NAMES), rest[0] if len(rest) == 1 else None)
    return (box, logit) if logit else None


def _convention(facts: Facts, *, selects: bool) -> tuple[str, Convention]:
    """DETR and RF-DETR normalise as ImageNet does; RT-DETR and D-FINE take 0 to 1."""
    first = stem(facts.graph, facts.picture.spec.name)
    kernel = first[-1] if first and len(first) == 4 else 3
    plain = selects and kernel == 3
    if plain:
        title = "RT-DETR or D-FINE"
    elif selects:
        title = "RF-DETR" if kernel >= 14 else "Deformable DETR"
    else:
        title = "DETR"
    mean, scale = (NO_MEAN, UNIT) if plain else (IMAGENET_MEAN, IMAGENET_SCALE)
    size = 640 if plain else 800
    return title, Convention(fit=Fit.STRETCH, pad_bgr=(0, 0, 0), mean=mean, scale=scale, size=size)


def _weigh(found: Candidate, facts: Facts, boxes: Output, logits: Output) -> None:
    found.support(
        0.4, f"There are {boxes.shape[1] or 'some'} queries with a box and {logits.shape[2] or 'some'} logits each"
    )
    if boxes.base_name in _BOX_NAMES and logits.base_name in _LOGIT_NAMES:
        found.support(0.6, f"The outputs are named {logits.name} and {boxes.name}, as DETR and its kin name them")
    if kind_of(facts.graph, boxes.name) in ("Sigmoid", "Clip", "Concat"):
        found.support(0.3, "Boxes end with a sigmoid: shares of the picture")
    if logits.shape[2] == _DETR_COCO:
        found.support(0.4, "92 logits are the 91 numbers of COCO and no object")
    elif logits.shape[2] in (80, _SIGMOID_COCO):
        found.support(0.3, f"{logits.shape[2]} logits are the classes of COCO")
    _explain_scores(found, facts, logits)
    if any(o.rank == 4 and o.is_float for o in facts.outputs):
        found.warnings.append("The model gives masks too; they are not shown")


def _explain_scores(found: Candidate, facts: Facts, logits: Output) -> None:
    """Softmax with a class for no object, or sigmoid."""
    if not found.options["background_last"]:
        if selects_queries(facts):
            found.support(0.3, "The graph selects queries or samples at points (TopK, GridSample): scores by sigmoid")
        return
    found.support(
        0.3, "Queries are learnt and none is selected in the graph, as in DETR: softmax, the last is no object"
    )
    if logits.shape[2] != _DETR_COCO:
        found.questions.append(
            "Is the last of the classes no object (taken), or a class (--set background_last=false)?"
        )


def selects_queries(facts: Facts) -> bool:
    """True for the two-stage and deformable kin of DETR."""
    return not facts.graph.kinds.isdisjoint({"TopK", "GridSample"})
