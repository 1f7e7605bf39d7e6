"""Pacing by the media clock, and the analysis limit."""

from __future__ import annotations

import pytest
from fakes import make_frame

from engine.pipeline.pacing import Pacer, RateLimit


def test_frames_are_due_by_the_media_clock() -> None:
    pacer = Pacer()
    start = 5_000_000_000

    assert pacer.due_in_s(make_frame(media_time_s=10.0), start) == pytest.approx(0)
    assert pacer.due_in_s(make_frame(media_time_s=10.5), start + 100_000_000) == pytest.approx(0.4)
    assert pacer.due_in_s(make_frame(media_time_s=10.6), start + 900_000_000) == pytest.approx(-0.3)
    pacer.reset()
    assert pacer.due_in_s(make_frame(media_time_s=99.0), start + 900_000_000) == pytest.approx(0)


def test_pictures_without_a_clock_stay_a_second_each() -> None:
    pacer = Pacer()

    assert [round(pacer.due_in_s(make_frame(), 1_000_000_000), 3) for _ in range(3)] == [0, 1, 2]


def test_the_same_frame_may_be_asked_for_again() -> None:
    pacer = Pacer()
    first, second = make_frame(), make_frame()

    assert [pacer.due_in_s(f, 1_000_000_000) for f in (first, second, second)] == pytest.approx([0, 1, 1])


def test_a_changed_speed_acts_on_what_is_left_of_the_wait() -> None:
    pacer = Pacer(0.5)
    pacer.due_in_s(make_frame(media_time_s=0.0), 1_000_000_000)
    picture = make_frame(media_time_s=2.0)
    assert pacer.due_in_s(picture, 1_000_000_000) == pytest.approx(4.0)

    pacer.set_speed(4.0, 3_000_000_000)

    assert pacer.due_in_s(picture, 3_000_000_000) == pytest.approx(0.25)
    assert pacer.due_in_s(picture, 3_200_000_000) == pytest.approx(0.05)


def test_a_film_that_could_not_keep_up_does_not_rush_when_it_is_slowed_down() -> None:
    pacer = Pacer(16.0)
    pacer.due_in_s(make_frame(media_time_s=0.0), 1_000_000_000)
    assert pacer.due_in_s(make_frame(media_time_s=1.0), 1_900_000_000) < 0

    pacer.set_speed(1.0, 1_900_000_000)

    assert pacer.due_in_s(make_frame(media_time_s=1.5), 1_900_000_000) == pytest.approx(0.5)


def test_after_the_machine_has_slept_a_film_goes_on_where_it_was() -> None:
    pacer = Pacer()
    pacer.due_in_s(make_frame(media_time_s=0.0), 1_000_000_000)

    assert pacer.due_in_s(make_frame(media_time_s=0.1), 3_600_000_000_000) == pytest.approx(0)
    assert pacer.due_in_s(make_frame(media_time_s=0.2), 3_600_000_000_000) == pytest.approx(0.1)


def test_a_limit_counts_seconds_on_the_wall_when_a_film_plays_faster() -> None:
    limit = RateLimit(5, speed=4.0)

    assert sum(limit.admits(make_frame(i, media_time_s=i / 30)) for i in range(300)) == 13  # 2.5 s


@pytest.mark.parametrize(
    ("source_hz", "limit_hz", "expected"), [(30, 5, 50), (30, 30, 300), (25, 10, 100), (10, 30, 100)]
)
def test_a_limit_admits_just_so_many_frames_of_ten_seconds(source_hz: int, limit_hz: int, expected: int) -> None:
    limit = RateLimit(limit_hz)

    admitted = sum(limit.admits(make_frame(i, media_time_s=i / source_hz)) for i in range(10 * source_hz))

    assert admitted == pytest.approx(expected, rel=0.05, abs=1)


def test_a_jump_of_the_clock_does_not_silence_the_analysis() -> None:
    limit = RateLimit(5)
    assert limit.admits(make_frame(media_time_s=100.0))

    assert limit.admits(make_frame(media_time_s=0.0))
    assert limit.admits(make_frame(media_time_s=1e6))
