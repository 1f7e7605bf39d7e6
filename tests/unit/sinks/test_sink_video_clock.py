"""Which slot of a video a result belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from frame_results import make_result

from engine.frames import FrameResult
from engine.sinks.video_clock import LONGEST_PAUSE_S, Clock, VideoClock, measured_rate_hz


def media(*times: float, sequences: Sequence[int] | None = None) -> list[FrameResult]:
    numbers = sequences or range(len(times))
    return [make_result(media_time_s=t, sequence=n, size=(8, 8)) for t, n in zip(times, numbers, strict=True)]


def captured(*times: float) -> list[FrameResult]:
    return [make_result(captured_s=5000.0 + t, sequence=n, size=(8, 8)) for n, t in enumerate(times)]


def slots(results: Sequence[FrameResult], clock: Clock, rate_hz: float) -> list[int]:
    video = VideoClock(clock, rate_hz)
    return [video.slot(result) for result in results]


@pytest.mark.parametrize("rate_hz", [12.5, 24000 / 1001, 25.0, 29.97, 30000 / 1001, 60.0])
@pytest.mark.parametrize("digits", [3, 6, 12])
def test_each_frame_of_a_file_has_a_slot_of_its_own(rate_hz: float, digits: int) -> None:
    times = [round(i / rate_hz, digits) for i in range(3000)]
    assert slots(media(*times), Clock.MEDIA, round(rate_hz, 3)) == list(range(3000))


def test_a_file_that_begins_late_begins_with_slot_0() -> None:
    assert slots(media(4.0, 4.1, 4.2), Clock.MEDIA, 10.0) == [0, 1, 2]


def test_a_variable_rate_keeps_its_pauses() -> None:
    assert slots(media(0.0, 0.1, 3.1, 3.2), Clock.MEDIA, 10.0) == [0, 1, 31, 32]


def test_a_long_pause_in_a_file_is_kept_and_a_seek_is_not() -> None:
    assert slots(media(0.0, 0.1, 100.1), Clock.MEDIA, 10.0) == [0, 1, 1001]
    assert slots(media(0.0, 0.1, 100.1, 100.2, sequences=(0, 1, 1001, 1002)), Clock.MEDIA, 10.0) == [0, 1, 2, 3]


def test_frames_that_were_not_analysed_leave_their_time_empty() -> None:
    assert slots(media(0.0, 0.5, 1.0, sequences=(0, 15, 30)), Clock.MEDIA, 30.0) == [0, 15, 30]


def test_after_a_seek_back_or_a_loop_the_next_result_follows_at_once() -> None:
    times = (8.0, 8.1, 8.2, 0.0, 0.1, 8.0)
    assert slots(media(*times, sequences=(80, 81, 82, 0, 1, 80)), Clock.MEDIA, 10.0) == [0, 1, 2, 3, 4, 83]


def test_the_same_frame_twice_is_shown_once() -> None:
    assert slots(media(0.0, 0.1, 0.1, 0.2), Clock.MEDIA, 10.0) == [0, 1, 1, 2]


def test_live_results_lie_within_half_a_slot_of_their_time() -> None:
    times = np.cumsum(np.random.default_rng(5).uniform(0.005, 0.2, 500))
    found = slots(captured(*times), Clock.CAPTURE, 15.0)
    assert np.abs(np.array(found) / 15.0 - (times - times[0])).max() <= 0.5 / 15.0 + 1e-6


def test_several_results_in_one_slot_share_it() -> None:
    assert slots(captured(0.0, 0.01, 0.02, 0.1), Clock.CAPTURE, 10.0) == [0, 0, 0, 1]


def test_a_camera_that_was_away_for_a_night_leaves_a_minute() -> None:
    found = slots(captured(0.0, 0.1, 30_000.1, 30_000.2), Clock.CAPTURE, 10.0)
    assert found == [0, 1, 1 + LONGEST_PAUSE_S * 10, 2 + LONGEST_PAUSE_S * 10]


def test_pictures_follow_one_another() -> None:
    assert slots(captured(0.0, 0.0, 7.0), Clock.COUNT, 2.0) == [0, 1, 2]


def test_a_result_without_media_time_follows_the_one_before() -> None:
    results = [*media(0.0, 0.1), make_result(size=(8, 8), sequence=2), *media(0.5, 0.6, sequences=(5, 6))]
    assert slots(results, Clock.MEDIA, 10.0) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("times", "rate_hz"),
    [
        ([i / 12.5 for i in range(8)], 12.5),
        ([round(i / 30, 3) for i in range(8)], 30.0),
        ([i / (30000 / 1001) for i in range(8)], 30000 / 1001),
        ([i / 25 for i in range(8)], 25.0),
        ([i / 5 for i in range(2)], 5.0),
        ([0.0, 0.001, 0.002], 60.0),
        ([0.0, 9.0], 1.0),
        ([0.0], 30.0),
        ([], 30.0),
        ([2.0, 1.0], 30.0),
    ],
)
def test_the_rate_is_found_from_the_first_results(times: list[float], rate_hz: float) -> None:
    assert measured_rate_hz(media(*times), Clock.MEDIA) == pytest.approx(rate_hz)
