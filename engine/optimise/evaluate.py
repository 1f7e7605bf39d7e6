"""Accuracy on labelled pictures: COCO's mean average precision, through the pipeline that every stream uses."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.capture.source import SourceOptions
from engine.capture.table import open_source
from engine.cards import ModelCard, Task, Thresholds
from engine.errors import CancelledError, ModelError, SourceError
from engine.frames import FrameResult
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.session import Session
from engine.pipeline.stream import Mode, StreamOptions
from engine.results import Detections

THRESHOLDS = Thresholds(confidence=0.001, iou=0.65, max_detections=300)
"""What published COCO figures are measured with; pycocotools itself looks at the best 100 of a picture."""

_MOST_ANNOTATION_BYTES = 1 << 30
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Truth:
    """Labelled pictures.

    Attributes:
        coco: The annotation file as COCO lays it out: images, annotations, categories.
        image_ids: File name -> image id.
    """

    coco: Mapping[str, Any]
    image_ids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """COCO figures, 0 to 1, each -1 where there is nothing to measure it on.

    ``map``: mean over IoU .50:.05:.95; ``ap50`` and ``ap75`` at one IoU; ``by_class``: class name -> mean over IoU.
    """

    map: float
    ap50: float
    ap75: float
    map_small: float
    map_medium: float
    map_large: float
    images: int
    boxes: int
    by_class: Mapping[str, float]


def read_truth(annotations: Path, images: Path) -> Truth:
    """Read a COCO annotation file and check that its pictures are there.

    Raises:
        ModelError: It is not such a file, or too large.
        SourceError: Pictures are missing.
    """
    try:
        if annotations.stat().st_size > _MOST_ANNOTATION_BYTES:
            raise ModelError(
                "The annotation file is too large",
                subject=str(annotations),
                expected="at most 1 GiB",
                remedy="Leave some of the pictures out",
            )
        coco = json.loads(annotations.read_text(encoding="utf-8"))
        image_ids = {str(image["file_name"]): int(image["id"]) for image in coco["images"]}
        _ = [(a["image_id"], a["category_id"], a["bbox"]) for a in coco["annotations"]], coco["categories"][0]["name"]
    except OSError as error:
        raise ModelError(
            "The annotation file cannot be read",
            subject=str(annotations),
            remedy="Check the path",
            detail=str(error),
        ) from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelError(
            "This is not a COCO annotation file",
            subject=str(annotations),
            expected="JSON with images, annotations and categories (instances.json)",
            remedy="Export the labels in COCO's format",
            detail=repr(error),
        ) from error
    missing = [name for name in image_ids if not (images / name).is_file()]
    if missing:
        raise SourceError(
            f"{len(missing)} of {len(image_ids)} annotated pictures are missing, the first is {missing[0]}",
            subject=str(images),
            remedy="Give the folder that the annotation file belongs to",
        )
    return Truth(coco, image_ids)


def evaluate(
    session: Session,
    model: LoadedModel,
    images: Path,
    truth: Truth,
    *,
    interrupted: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Accuracy:
    """Run the labelled pictures through a loaded model and compare; pictures without labels are passed over.

    Raises:
        ModelError: The model finds no boxes by its task, or its classes are not those of the annotations.
        CancelledError: ``interrupted()`` became true.
        InferoscopeError: A picture or the model failed.
    """
    card = model.configuration.card
    if card.task in (Task.CLASSIFY, Task.SEMANTIC):
        raise ModelError(
            "The model finds no boxes, so it has no mean average precision",
            subject=card.path.name,
            expected="a detector",
            remedy="Leave the annotations out: export then goes by agreement",
        )
    categories = match_categories(card, truth.coco["categories"])
    found: list[dict[str, Any]] = []
    seen: set[str] = set()

    def keep(result: FrameResult) -> None:
        name = _name(result, images)
        if name in truth.image_ids:
            seen.add(name)
            found.extend(_rows(result, truth.image_ids[name], categories))
            progress(len(seen), len(truth.image_ids))

    source = open_source(str(images), SourceOptions())
    stream = session.add_stream("pictures", source, StreamOptions(mode=Mode.EVERY_FRAME))
    session.attach(stream, model, thresholds=THRESHOLDS, deliver=keep)
    stream.start()
    _wait(session, interrupted)
    if len(seen) < len(truth.image_ids):
        unread = sorted(set(truth.image_ids) - seen)
        raise SourceError(
            f"{len(unread)} labelled pictures gave no result, the first is {unread[0]}",
            remedy="Replace these pictures, or take them out of the annotations",
        )
    return coco_accuracy(truth, found, categories)


def _wait(session: Session, interrupted: Callable[[], bool]) -> None:
    """Until every picture has been through; a failure of any of them ends it."""
    while True:
        finished = session.finished  # Looked at first: what failed in the last moment is still found below.
        failure = session.failures.take(0.0 if finished else _LOOK_S)
        if failure is not None:
            raise failure.error
        if finished:
            return
        if interrupted():
            raise CancelledError


def _name(result: FrameResult, images: Path) -> str:
    """File name as the annotations write it: relative to the folder, with forward slashes."""
    return Path(result.frame.source_id).relative_to(images).as_posix()


def match_categories(card: ModelCard, categories: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Class id of the model -> category id of the annotations, by name, else by order where the counts agree.

    Raises:
        ModelError: Neither fits.
    """
    ids = {str(category["name"]).casefold(): int(category["id"]) for category in categories}
    matched = {i: ids[name.casefold()] for i, name in enumerate(card.class_names) if name.casefold() in ids}
    if matched:
        return matched
    if len(card.class_names) == len(categories):
        return dict(enumerate(sorted(int(category["id"]) for category in categories)))
    raise ModelError(
        f"The model's {len(card.class_names)} classes are not the {len(categories)} categories of the annotations",
        subject=card.path.name,
        remedy="Give annotations with the model's class names",
    )


def _rows(result: FrameResult, image_id: int, categories: Mapping[int, int]) -> list[dict[str, Any]]:
    """Boxes of one picture as COCO writes them: x, y, width, height."""
    detections = result.result
    assert isinstance(detections, Detections)
    boxes = np.column_stack((detections.xyxy[:, :2], detections.xyxy[:, 2:] - detections.xyxy[:, :2]))
    return [
        {"image_id": image_id, "category_id": categories[class_id], "bbox": box, "score": score}
        for class_id, box, score in zip(
            detections.class_id.tolist(), boxes.tolist(), detections.score.tolist(), strict=True
        )
        if class_id in categories
    ]


def coco_accuracy(truth: Truth, found: list[dict[str, Any]], categories: Mapping[int, int]) -> Accuracy:
    """COCO's figures for boxes, computed by pycocotools."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        reference = COCO()
        reference.dataset = _complete(truth.coco)  # type: ignore[assignment]
        reference.createIndex()
        if not found:
            return _nothing(truth)
        evaluation = COCOeval(reference, reference.loadRes(found), "bbox")
        evaluation.params.catIds = sorted(set(categories.values()))
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    all_, at50, at75, small, medium, large = (round(float(value), 4) for value in evaluation.stats[:6])
    names = {int(c["id"]): str(c["name"]) for c in truth.coco["categories"]}
    precision = evaluation.eval["precision"][:, :, :, 0, 2]
    by_class = {names[c]: _mean(precision[:, :, i]) for i, c in enumerate(evaluation.params.catIds)}
    measured = {name: value for name, value in by_class.items() if value >= 0}
    return Accuracy(
        all_, at50, at75, small, medium, large, len(truth.image_ids), len(truth.coco["annotations"]), measured
    )


def _complete(coco: Mapping[str, Any]) -> dict[str, Any]:
    """Annotations with the keys that pycocotools insists on and some tools leave out."""
    annotations = [
        {"iscrowd": 0, "area": a["bbox"][2] * a["bbox"][3], **a, "id": i} for i, a in enumerate(coco["annotations"], 1)
    ]
    return {"info": {}, **coco, "annotations": annotations}


def _mean(precision: np.ndarray[Any, Any]) -> float:
    known = precision[precision > -1]
    return round(float(known.mean()), 4) if known.size else -1.0


def _nothing(truth: Truth) -> Accuracy:
    return Accuracy(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, len(truth.image_ids), len(truth.coco["annotations"]), {})
