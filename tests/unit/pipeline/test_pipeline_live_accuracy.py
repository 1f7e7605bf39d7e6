"""Results against the truth as a stream runs: frames that were skipped count too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from engine.agreement import Agreement
from engine.frames import Frame, FrameResult
from engine.pipeline.live_accuracy import LiveAccuracy
from engine.results import Classification, Detections, GroundTruth

MS = 1_000_000


def at(left: float) -> Detections:
    """One bottle at a place."""
    return Detections(np.array([[left, 0, left + 40, 80]], np.float32), np.ones(1, np.float32), np.zeros(1, np.int32))


def frame(number: int, *, told: bool = True) -> Frame:
    """The bottle moves by 20 pixels a frame, so that it is missed when it is looked for two frames late."""
    truth = GroundTruth(at(20.0 * number), ("bottle",)) if told else None
    return Frame(np.zeros((90, 400, 3), np.uint8), number, number * 33 * MS, 0, None, "demo", truth)


def result(of: Frame, found: Any, *, repeated: bool = False) -> FrameResult:
    card = SimpleNamespace(class_names=("bottle",))
    configuration = cast("Any", SimpleNamespace(card=card))
    return FrameResult(of, "1", of.sequence, configuration, found, cast("Any", None), cast("Any", None), repeated)


@pytest.fixture
def accuracy() -> LiveAccuracy:
    return LiveAccuracy()


def test_every_frame_analysed_and_right(accuracy: LiveAccuracy) -> None:
    for number in range(5):
        accuracy.capture(frame(number))
        accuracy.publish(result(frame(number), at(20.0 * number)))
    assert accuracy.newest(0) == accuracy.total == Agreement(5, 5, 5)


def test_a_skipped_frame_is_judged_by_the_result_before_it(accuracy: LiveAccuracy) -> None:
    """Of each three frames one is analysed: of the two behind it one has moved too far."""
    for number in range(7):
        accuracy.capture(frame(number))
    for number in (0, 3, 6):
        accuracy.publish(result(frame(number), at(20.0 * number)))
    # 20 px of 40 leave a third of the union: neither of the two skipped ones is a hit.
    assert accuracy.total == Agreement(3, 7, 7)


def test_frames_before_the_first_result_do_not_count(accuracy: LiveAccuracy) -> None:
    for number in range(3):
        accuracy.capture(frame(number))
    accuracy.publish(result(frame(2), at(40.0)))
    assert accuracy.total == Agreement(1, 1, 1)


def test_a_seek_forgets_what_was_found_before_it(accuracy: LiveAccuracy) -> None:
    accuracy.capture(frame(0))
    accuracy.publish(result(frame(0), at(0.0)))
    accuracy.capture(frame(1))
    accuracy.reset()
    accuracy.capture(frame(9))
    accuracy.publish(result(frame(9), at(180.0)))
    assert accuracy.total == Agreement(2, 2, 2)


def test_only_the_last_two_seconds_are_shown(accuracy: LiveAccuracy) -> None:
    for number, place in ((0, 300.0), (1, 20.0)):
        accuracy.capture(frame(number))
        accuracy.publish(result(frame(number), at(place)))
    assert accuracy.newest(33 * MS) == Agreement(1, 2, 2)
    assert accuracy.newest(2010 * MS) == Agreement(1, 1, 1)
    assert accuracy.newest(9000 * MS) is None
    assert accuracy.total == Agreement(1, 2, 2)


def test_nothing_is_said_where_no_truth_is_told(accuracy: LiveAccuracy) -> None:
    accuracy.capture(frame(0, told=False))
    accuracy.publish(result(frame(0, told=False), at(0.0)))
    assert accuracy.newest(0) is None and accuracy.total is None


def test_neither_classifications_nor_repeated_results_are_judged(accuracy: LiveAccuracy) -> None:
    accuracy.capture(frame(0))
    accuracy.publish(result(frame(0), Classification(np.ones(1, np.float32))))
    accuracy.publish(result(frame(0), at(0.0), repeated=True))
    assert accuracy.total is None


def test_without_any_result_memory_stays_bounded(accuracy: LiveAccuracy) -> None:
    for number in range(2000):
        accuracy.capture(frame(number))
    accuracy.publish(result(frame(2000), at(0.0)))
    assert accuracy.total is None or accuracy.total.expected <= 1
