"""How far an answer may lie from the stored one."""

from __future__ import annotations

import numpy as np
import pytest

from engine.agreement import Agreement
from engine.cards import Precision
from engine.doctor.tolerance import accuracy_objection, compare, objections, tolerance_of
from engine.results import Detections


def bottles(*scores: float, shift: float = 0.0, score_shift: float = 0.0) -> Detections:
    """Bottles in a row, 40 px wide, with these scores."""
    left = np.arange(len(scores), dtype=np.float32)[:, None] * 60
    boxes = np.concatenate((left, left * 0, left + 40, left * 0 + 90), axis=1) + np.float32(shift)
    return Detections(
        boxes.astype(np.float32),
        np.array(scores, np.float32) + np.float32(score_shift),
        np.zeros(len(scores), np.int32),
    )


STORED = [bottles(0.9, 0.8, 0.7, 0.6)] * 50


def wrong(
    found: list[Detections], precision: Precision, stored: list[Detections] = STORED, frames_rms: float = 0.002
) -> str:
    tolerance = tolerance_of(precision, frames_rms)
    return ", ".join(objections(compare(found, stored, tolerance.margin), tolerance))


@pytest.mark.parametrize("precision", [Precision.FP32, Precision.BF16, Precision.FP16, Precision.INT8])
def test_the_same_answer_is_right_in_every_precision(precision: Precision) -> None:
    assert wrong(STORED, precision) == ""


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([bottles(0.9, 0.8, 0.7, 0.6, shift=2.0)] * 50, "boxes are off by 2.00 px (at most 0.5)"),
        ([bottles(0.9, 0.8, 0.7, 0.6, score_shift=0.03)] * 50, "scores are off by 0.030 (at most 0.01)"),
    ],
)
def test_rounding_is_wrong_in_fp32_alone(found: list[Detections], told: str) -> None:
    assert wrong(found, Precision.FP32) == told
    assert wrong(found, Precision.BF16) == ""
    assert wrong(found, Precision.FP32, frames_rms=0.5) == ""


def test_an_error_beyond_rounding_is_wrong_in_bf16_too() -> None:
    assert "boxes are off by 6.00 px" in wrong([bottles(0.9, 0.8, 0.7, 0.6, shift=6.0)] * 50, Precision.BF16)
    assert "scores are off by 0.080" in wrong([bottles(0.9, 0.8, 0.7, 0.6, score_shift=0.08)] * 50, Precision.BF16)


@pytest.mark.parametrize("precision", [Precision.FP32, Precision.BF16, Precision.FP16, Precision.INT8])
@pytest.mark.parametrize("frames_rms", [0.0, 5.0])
def test_lost_objects_are_wrong_in_every_precision(precision: Precision, frames_rms: float) -> None:
    found = [bottles(0.9, 0.8, 0.7)] * 50
    told = wrong(found, precision, frames_rms=frames_rms)
    assert "50 objects are missing and 0 are too many (F1 0.857" in told


def test_an_object_of_another_class_is_another_object() -> None:
    changed = Detections(STORED[0].xyxy.copy(), STORED[0].score.copy(), np.full(4, 2, np.int32))
    assert "200 objects are missing and 200 are too many (F1 0.000" in wrong([changed] * 50, Precision.BF16)


def test_what_is_as_sure_as_the_threshold_may_come_and_go() -> None:
    stored = [bottles(0.9, 0.255)] * 50
    assert wrong([bottles(0.9)] * 50, Precision.FP32, stored) == ""
    assert wrong([bottles(0.9)] * 50, Precision.FP32, [bottles(0.9, 0.27)] * 50) != ""
    assert wrong([bottles(0.9)] * 50, Precision.BF16, [bottles(0.9, 0.34)] * 50) == ""


def test_one_accident_among_many_is_none() -> None:
    unlucky = bottles(0.9, 0.8, 0.7, 0.6, shift=3.0)
    assert wrong([unlucky[:1], *[bottles(0.9, 0.8, 0.7, 0.6)] * 49], Precision.BF16) == ""
    one_moved = Detections(
        np.concatenate((unlucky.xyxy[:1], STORED[0].xyxy[1:])), STORED[0].score.copy(), STORED[0].class_id.copy()
    )
    assert wrong([one_moved, *STORED[1:]], Precision.FP32) == ""


def test_empty_frames_agree() -> None:
    compared = compare([Detections.empty()], [Detections.empty()], 0.01)
    assert (compared.f1, compared.box_error_px, compared.score_error) == (1.0, 0.0, 0.0)


def test_less_of_the_truth_than_the_stored_answer_is_wrong() -> None:
    stored = Agreement(hits=95, found=100, expected=100)
    assert list(accuracy_objection(Agreement(94, 100, 100), stored)) == []
    (told,) = accuracy_objection(Agreement(90, 100, 100), stored)
    assert "F1 0.900, the stored answer 0.950" in told
