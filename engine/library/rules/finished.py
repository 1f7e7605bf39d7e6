"""Detectors whose graph finishes the work: SSD in three layouts, NMS in the graph, and RT-DETR with post-processing.

All give boxes, scores and classes apart; what tells them apart is which names they use, what they count, and what they
ask for. Layouts: see the docstrings of ``engine.decoders.ssd``, ``nms_in_graph`` and ``rtdetr``.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.cards import ColourOrder, Fit, Task, TensorLayout
from engine.library.candidate import IMAGENET_MEAN, IMAGENET_SCALE, RAW, Candidate, Convention
from engine.library.facts import Facts, Output
from engine.library.tracing import modulus, stem

_BOX_WORDS = ("box", "dets")
_SCORE_WORDS = ("score", "conf")
_CLASS_WORDS = ("class", "label")
_COUNT_WORDS = ("num_", "count", "number", "valid")

_STRETCH_RAW = Convention(fit=Fit.STRETCH, pad_bgr=(0, 0, 0), scale=RAW, size=640)


@dataclass(frozen=True, slots=True)
class Finished:
    """The outputs of a finished detector by what they hold."""

    boxes: Output
    scores: Output
    classes: Output
    count: Output | None

    @property
    def batched(self) -> bool:
        """True where there is a batch axis."""
        return self.boxes.rank == 3


def finished_outputs(facts: Facts) -> Finished | None:
    """Boxes (.., N, 4), scores and classes (.., N), perhaps a count, by names, types and shapes."""
    boxes = [o for o in facts.outputs if o.rank in (2, 3) and o.is_float and o.shape[-1] == 4]
    boxes = [o for o in boxes if "raw" not in o.base_name] or boxes
    if not boxes:
        return None
    box = _named(boxes, _BOX_WORDS) or boxes[0]
    rank = box.rank - 1
    flat = [o for o in facts.outputs if o.rank == rank and o is not box and not _is_count(o, box)]
    flat = [o for o in flat if "index" not in o.base_name and "indices" not in o.base_name]
    scores = _named([o for o in flat if o.is_float], _SCORE_WORDS)
    classes = _named(flat, _CLASS_WORDS) or next((o for o in flat if not o.is_float), None)
    scores = scores or next((o for o in flat if o.is_float and o is not classes), None)
    if scores is None or classes is None or scores is classes:
        return None
    count = next((o for o in facts.outputs if _is_count(o, box)), None)
    return Finished(box, scores, classes, count)


def _named(outputs: list[Output], words: tuple[str, ...]) -> Output | None:
    return next((o for o in outputs if any(word in o.base_name for word in words)), None)


def _is_count(output: Output, box: Output) -> bool:
    if any(word in output.base_name for word in _COUNT_WORDS) and output.rank <= 2:
        return True
    return box.rank == 3 and (output.rank == 1 or (output.rank == 2 and output.shape[1] == 1)) and box.shape[1] != 1


def ssd_tensorflow(facts: Facts) -> Candidate | None:
    """TensorFlow object detection API: NHWC bytes in; detection_boxes (y1 x1 y2 x2, 0 to 1), scores, classes, count."""
    out = finished_outputs(facts)
    if out is None or not out.batched or out.count is None:
        return None
    roles = {"boxes": out.boxes.name, "scores": out.scores.name, "classes": out.classes.name, "count": out.count.name}
    found = Candidate("ssd_tensorflow", "TensorFlow SSD", Task.DETECT, roles, {"first_class": 1}, _STRETCH_RAW)
    found.known_sets, found.classes = ("coco_90",), _raw_classes(facts)
    if {"detection_boxes", "detection_scores", "detection_classes"} <= facts.by_base_name.keys():
        found.support(0.5, "The outputs are named as TensorFlow's object detection API names them")
    if facts.picture.layout is TensorLayout.NHWC:
        found.support(0.4, "The picture goes in as height, width, channels, as TensorFlow has it")
    else:
        found.oppose(0.6)
    if facts.picture.spec.dtype == "uint8":
        found.support(0.3, "The input takes bytes")
    if out.classes.is_float:
        found.support(0.3, "Classes are given as float numbers, as TensorFlow's exporter does")
    return found


def _raw_classes(facts: Facts) -> int | None:
    """Classes of the scores before NMS, less the background, where the exporter gives them too."""
    for name in ("raw_detection_scores", "detection_multiclass_scores"):
        output = facts.by_base_name.get(name)
        if output and output.rank == 3 and output.shape[2]:
            return output.shape[2] - 1
    return None


def ssd_openvino(facts: Facts) -> Candidate | None:
    """DetectionOutput: (1, 1, N, 7)."""
    output = next((o for o in facts.outputs if o.rank == 4 and o.shape[-1] == 7 and o.shape[1] == 1), None)
    if output is None:
        return None
    node = next((n for n in facts.graph.nodes if n.kind == "DetectionOutput"), None)
    background = int(node.attributes.get("background_label_id", 0)) if node else 0
    convention = Convention(fit=Fit.STRETCH, pad_bgr=(0, 0, 0), colour_order=ColourOrder.BGR, scale=RAW, size=300)
    options = {"first_class": 1 if background == 0 else 0}
    found = Candidate("ssd_openvino", "SSD", Task.DETECT, {"output": output.name}, options, convention)
    found.known_sets = ("voc", "coco_90", "coco")
    found.support(0.6, "The output has rows of 7: picture, label, score and the corners of a box")
    if node:
        found.support(0.7, "It is made by DetectionOutput")
        declared = node.attributes.get("num_classes", -1)
        found.classes = int(declared) - 1 if isinstance(declared, int) and declared > 1 else None
    return found


def ssd_torchvision(facts: Facts) -> Candidate | None:
    """Torchvision's detectors: boxes in pixels, labels, scores without a batch axis; MLPerf's SSD: shares, with one."""
    out = finished_outputs(facts)
    if out is None or out.count is not None or out.classes.is_float:
        return None
    roles = {"boxes": out.boxes.name, "labels": out.classes.name, "scores": out.scores.name}
    options = {"first_class": 1, "normalised": out.batched}
    convention = Convention(fit=Fit.LETTERBOX_CENTRE, pad_bgr=(0, 0, 0), size=640)
    if out.batched:
        convention = Convention(fit=Fit.STRETCH, pad_bgr=(0, 0, 0), mean=IMAGENET_MEAN, scale=IMAGENET_SCALE, size=1200)
    found = Candidate("ssd_torchvision", "torchvision detector", Task.DETECT, roles, options, convention)
    found.known_sets = ("coco_90", "voc", "coco")
    found.classes = _softmax_classes(facts) or _nms_classes(facts)
    found.support(0.4, "There are boxes, whole-number labels and scores")
    if not out.batched:
        found.support(0.5, "They have no batch axis, as torchvision's detectors give them")
    if "NonMaxSuppression" in facts.graph.kinds:
        found.support(0.5, "NMS is inside the graph")
    if len(facts.graph.inputs) > 1:
        found.oppose(0.7)
    return found


def _nms_classes(facts: Facts) -> int | None:
    """Classes of the scores that NMS is given: (B, C, N)."""
    for node in facts.graph.nodes:
        if node.kind == "NonMaxSuppression" and len(node.inputs) > 1:
            shape = facts.graph.shape(node.inputs[1])
            if shape and len(shape) == 3 and shape[1] and shape[1] > 1:
                return shape[1]
    return None


def _softmax_classes(facts: Facts) -> int | None:
    """Classes of a softmax near the scores, less the background."""
    widths = [facts.graph.shape(n.outputs[0]) for n in facts.graph.nodes if n.kind == "Softmax"]
    known = [shape[-1] for shape in widths if shape and shape[-1]]
    return known[-1] - 1 if known and known[-1] > 1 else None


def rtdetr(facts: Facts) -> Candidate | None:
    """RT-DETR, D-FINE and DEIM with their post-processing: labels, boxes, scores for ``orig_target_sizes``."""
    out = finished_outputs(facts)
    if out is None or out.count is not None or not out.batched:
        return None
    roles = {"labels": out.classes.name, "boxes": out.boxes.name, "scores": out.scores.name}
    sizes = [spec for spec in facts.graph.inputs if spec.name != facts.picture.spec.name]
    first = stem(facts.graph, facts.picture.spec.name)
    patches = bool(first and first[-1] >= 14)
    mean, scale = (IMAGENET_MEAN, IMAGENET_SCALE) if patches else (Convention().mean, Convention().scale)
    convention = Convention(fit=Fit.STRETCH, pad_bgr=(0, 0, 0), mean=mean, scale=scale, size=640)
    found = Candidate("rtdetr", "RT-DETR, D-FINE or DEIM", Task.DETECT, roles, {}, convention)
    found.classes = modulus(facts.graph)
    found.known_sets = ("coco", "coco_91")
    found.support(0.3, "There are labels, boxes and scores for a fixed number of queries")
    if any("target_size" in spec.name or "im_shape" in spec.name for spec in sizes):
        found.support(0.7, "A second input takes the size that boxes are scaled to (orig_target_sizes)")
    elif sizes:
        found.support(0.4, "A second input takes a size")
    else:
        found.oppose(0.7)
    if "TopK" in facts.graph.kinds and "NonMaxSuppression" not in facts.graph.kinds:
        found.support(0.4, "The graph picks the best queries (TopK) and has no NMS")
    return found


def nms_in_graph(facts: Facts) -> Candidate | None:
    """A count, boxes, scores and classes, as TensorRT's EfficientNMS gives them."""
    out = finished_outputs(facts)
    if out is None or not out.batched or out.count is None:
        return None
    roles = {"count": out.count.name, "boxes": out.boxes.name, "scores": out.scores.name, "classes": out.classes.name}
    options = {"box_format": "xyxy", "normalised": False}
    found = Candidate("nms_in_graph", "YOLO with NMS in the graph", Task.DETECT, roles, options)
    found.known_sets, found.classes = ("coco",), _nms_classes(facts)
    found.support(0.5, "The outputs are a count, boxes, scores and classes, best first")
    if not out.classes.is_float:
        found.support(0.4, "Classes are whole numbers, as EfficientNMS gives them")
    if any("EfficientNMS" in kind for kind in facts.graph.kinds):
        found.support(0.6, "They are made by EfficientNMS")
        found.warnings.append("EfficientNMS is a plug-in of TensorRT: other runtimes cannot run this file")
    elif "NonMaxSuppression" in facts.graph.kinds:
        found.support(0.4, "NMS is inside the graph")
    if facts.picture.layout is TensorLayout.NHWC:
        found.oppose(0.5)
    return found
