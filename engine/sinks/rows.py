"""A frame's result in plain values, as ``docs/results.schema.json`` and ``docs/results.md`` define them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from engine.addresses import redact
from engine.cards import Configuration, ModelCard
from engine.frames import FrameResult, StageTimings
from engine.results import Classification, Detections, SegmentationMap, mask_region
from engine.sinks.mask_rle import encode_rle

_BEST_CLASSES = 5
_SCORE_DIGITS = 4
_PIXEL_DIGITS = 2


def result_record(result: FrameResult, *, masks: bool = True) -> dict[str, Any]:
    """Everything about one frame, ready for JSON: no number in it is infinite or not a number.

    Args:
        result: What was found on a frame.
        masks: Encode masks too.
    """
    frame, card = result.frame, result.configuration.card
    return {
        "time": local_time(frame.captured_utc_ns),
        "media_time_s": _number(frame.media_time_s, 3),
        "frame": frame.sequence,
        "source": redact(frame.source_id),
        "width_px": frame.width,
        "height_px": frame.height,
        "configuration": _configuration(result.configuration),
        "stages_ms": _stages(result.timings),
        **_findings(result, card, masks),
    }


def local_time(utc_ns: int) -> str:
    """ISO 8601 in the zone of this machine, with the offset and milliseconds."""
    seconds, rest = divmod(utc_ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
    return moment.astimezone().isoformat(timespec="milliseconds")


def _configuration(configuration: Configuration) -> dict[str, Any]:
    card, report = configuration.card, configuration.report
    return {
        "number": configuration.number,
        "model": card.path.name,
        "task": card.task.value,
        "backend": report.backend,
        "devices": list(report.devices),
        "precision": report.precision_title,
    }


def _stages(timings: StageTimings) -> dict[str, float]:
    stages = ("queue", "preprocess", "infer", "decode", "total")
    return {stage: round(getattr(timings, f"{stage}_ns") / 1e6, 3) for stage in stages}


def _findings(result: FrameResult, card: ModelCard, masks: bool) -> dict[str, Any]:
    found = result.result
    if isinstance(found, Detections):
        return {"detections": _detections(result, found, card, masks)}
    if isinstance(found, Classification):
        return {"classes": [_class(card, i, "score", score) for i, score in found.top(_BEST_CLASSES)]}
    return {"segmentation": _segmentation(found, card, masks)}


def _detections(result: FrameResult, found: Detections, card: ModelCard, masks: bool) -> list[dict[str, Any]]:
    size = len(found)
    columns = {
        "class_id": found.class_id.tolist(),
        "class_name": [card.class_name(i) for i in found.class_id.tolist()],
        "score": _numbers(found.score, _SCORE_DIGITS),
        "box_xyxy_px": _numbers(found.xyxy, _PIXEL_DIGITS),
        "track_id": [None] * size if found.track_id is None else found.track_id.tolist(),
        "keypoints": [None] * size if found.keypoints is None else _numbers(found.keypoints, _SCORE_DIGITS),
        "corners_px": [None] * size if found.corners is None else _numbers(found.corners, _PIXEL_DIGITS),
        "mask_rle": _masks(result, found) if masks else [None] * size,
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _masks(result: FrameResult, found: Detections) -> Sequence[Any]:
    if found.masks is None:
        return [None] * len(found)
    size = (result.frame.width, result.frame.height)
    return [
        encode_rle(mask, *mask_region(box)[:2], *size)
        for mask, box in zip(found.masks, found.xyxy.tolist(), strict=True)
    ]


def _segmentation(found: SegmentationMap, card: ModelCard, masks: bool) -> dict[str, Any]:
    classes = [_class(card, i, "share", share) for i, share in found.shares()]
    height, width = found.class_id.shape
    for entry in classes:
        mask = found.class_id == entry["class_id"]
        entry["mask_rle"] = encode_rle(mask, 0, 0, width, height) if masks else None
    return {"region_xyxy_px": [_number(v, _PIXEL_DIGITS) for v in found.region_xyxy], "classes": classes}


def _class(card: ModelCard, class_id: int, key: str, value: float) -> dict[str, Any]:
    return {"class_id": class_id, "class_name": card.class_name(class_id), key: _number(value, _SCORE_DIGITS)}


def _number(value: float | None, digits: int) -> float | None:
    return round(value, digits) if value is not None and np.isfinite(value) else None


def _numbers(values: np.ndarray[Any, np.dtype[np.float32]], digits: int) -> list[Any]:
    """Nested lists of the array's shape; None stands for what is not finite."""
    rounded = values.astype(np.float64).round(digits)
    if np.isfinite(rounded).all():
        return list(rounded.tolist())
    plain = rounded.astype(object)
    plain[~np.isfinite(rounded)] = None
    return list(plain.tolist())
