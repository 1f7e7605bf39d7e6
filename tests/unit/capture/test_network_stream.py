"""The newest picture of an open connection, whatever has gathered, comes late, or comes early."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from network_driver import MJPG, FakeCapture, Grab, HandClock, steady

from engine.addresses import parse_address
from engine.capture.network_stream import READ_LIMIT_S, Lost, NetworkStream, Picture
from engine.capture.source import Wait
from engine.capture.stream_clock import LagMeter, PlayClock
from engine.errors import SourceReason
from engine.opencv import cv2

RTSP, HTTP = "rtsp://yard/live", "http://yard/clip.mp4"


def stream_of(
    script: Iterable[Grab], address: str = RTSP, **properties: float
) -> tuple[NetworkStream, FakeCapture, HandClock]:
    clock = HandClock()
    capture = FakeCapture(clock, script, **properties)  # type: ignore[arg-type]
    return NetworkStream(capture, parse_address(address), clock), capture, clock


def positions(stream: NetworkStream, count: int) -> list[float | None]:
    pictures = [stream.read() for _ in range(count)]
    assert all(isinstance(picture, Picture) for picture in pictures)
    return [picture.media_time_s for picture in pictures if isinstance(picture, Picture)]


def backlog(first_s: float, count: int, works_s: float = 0.003) -> list[Grab]:
    """Pictures that are there already: getting one takes no longer than decoding it."""
    return [Grab(first_s + number * 0.1, works_s, works_s) for number in range(count)]


def test_what_gathered_while_connecting_is_skipped() -> None:
    stream, capture, _ = stream_of([*backlog(0.0, 12), *steady(3, start_s=1.2)])
    assert positions(stream, 2) == pytest.approx([1.2, 1.3])
    assert capture.grabbed == 14


def test_skipping_at_the_start_ends_after_a_second() -> None:
    stream, capture, _ = stream_of(backlog(0.0, 1000, works_s=0.02))
    stream.read()
    assert capture.grabbed == pytest.approx(51, abs=1)


def test_a_burst_after_a_gap_is_not_shown_as_live() -> None:
    gap = [Grab(0.5, takes_s=2.0), *backlog(0.6, 19), *steady(3, start_s=2.5)]
    stream, _, _ = stream_of([*steady(5), *gap])
    positions(stream, 5)
    # The first picture after the gap had to be waited for; what had gathered behind it is skipped.
    assert positions(stream, 2) == pytest.approx([0.5, 2.1], abs=0.2)


def test_pictures_that_stay_late_end_the_connection() -> None:
    slow = [Grab(0.5 + number * 0.1, 0.2, 0.19) for number in range(200)]
    stream, _, clock = stream_of([*steady(5), *slow])
    positions(stream, 5)
    began_s = clock.now
    pictures = 0
    while isinstance(outcome := stream.read(), Picture):
        pictures += 1
        assert clock.now - began_s < 60
    assert isinstance(outcome, Lost)
    assert outcome.behind
    assert outcome.overloaded
    assert pictures >= 10, "an overloaded machine still shows something"


def test_a_reader_that_paused_for_long_connects_anew_at_once() -> None:
    stream, _, clock = stream_of([*steady(5), *backlog(0.5, 50)])
    positions(stream, 5)
    clock.now += 120
    outcome = stream.read()
    assert isinstance(outcome, Lost)
    assert outcome.behind
    assert not outcome.overloaded


def test_time_stamps_that_run_at_half_speed_do_no_harm() -> None:
    stream, _, _ = stream_of([Grab(number * 0.05, takes_s=0.1, works_s=0.01) for number in range(400)])
    assert len(positions(stream, 400)) == 400


def test_time_stamps_that_begin_anew_do_no_harm() -> None:
    stream, capture, _ = stream_of([*steady(50), *steady(50)])
    positions(stream, 100)
    assert capture.grabbed == 100


def test_a_file_over_http_is_played_at_its_own_speed() -> None:
    stream, _, clock = stream_of((Grab(number * 0.1) for number in range(5)), HTTP, frames=100.0)
    began_s, shown = clock.now, []
    while len(shown) < 5:
        outcome = stream.read()
        if isinstance(outcome, Wait):
            clock.now += outcome.seconds
        else:
            assert isinstance(outcome, Picture)
            shown.append(clock.now - began_s)
    assert shown == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize(("position_s", "finished"), [(9.9, True), (4.0, False)], ids=["at its end", "in its middle"])
def test_only_a_file_that_ends_at_its_end_is_finished(position_s: float, finished: bool) -> None:
    stream, _, _ = stream_of([Grab(position_s)], HTTP, frames=100.0)
    stream.read()
    outcome = stream.read()
    assert isinstance(outcome, Lost)
    assert (outcome.reason, outcome.finished) == (SourceReason.ENDED, finished)


def test_silence_is_a_time_out_and_a_broken_connection_an_end() -> None:
    silent, _, _ = stream_of([Grab(takes_s=READ_LIMIT_S, fails=True)])
    broken, _, _ = stream_of([Grab(takes_s=0.01, fails=True)])
    lost = [silent.read(), broken.read()]
    assert [one.reason for one in lost if isinstance(one, Lost)] == [SourceReason.TIMEOUT, SourceReason.ENDED]


def test_the_picture_the_decoder_gives_when_the_limit_has_passed_is_not_shown() -> None:
    stream, _, _ = stream_of([*steady(2), Grab(0.2, takes_s=READ_LIMIT_S)])
    positions(stream, 2)
    outcome = stream.read()
    assert isinstance(outcome, Lost)
    assert outcome.reason is SourceReason.TIMEOUT


def test_mjpeg_over_http_has_neither_rate_nor_time() -> None:
    stream, _, _ = stream_of(steady(3), "http://yard/stream.mjpg", fourcc=MJPG, rate_hz=25.0)
    assert positions(stream, 3) == [None] * 3
    assert (stream.info.rate_hz, stream.info.codec) == (None, "MJPG")


def test_a_picture_that_cannot_be_decoded_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, capture, _ = stream_of(steady(3))

    def fail() -> tuple[bool, None]:
        raise cv2.error("rtsp://ann:hush@yard")

    monkeypatch.setattr(capture, "retrieve", fail)
    outcome = stream.read()
    assert isinstance(outcome, Lost)
    assert outcome.reason is SourceReason.CODEC
    assert "hush" not in outcome.why


def test_encrypted_streams_say_that_certificates_are_not_checked() -> None:
    stream, _, _ = stream_of([], "rtsps://yard/live")
    assert stream.info.warnings == ("The certificate of the server is not checked",)


def test_lag_is_measured_against_the_best_picture() -> None:
    meter = LagMeter()
    assert [meter.lag_s(at, now) for at, now in ((0, 10.0), (1, 11.0), (2, 14.0), (3, 14.0))] == pytest.approx(
        [0, 0, 2 - 0.003, 1 - 0.003], abs=0.01
    )


def test_clocks_that_run_apart_slowly_are_no_lag() -> None:
    meter = LagMeter()
    assert max(meter.lag_s(second, second * 1.0005) for second in range(86_400)) < 0.01


def test_play_clock_forgives_a_late_picture_and_a_jump() -> None:
    clock = PlayClock()
    waits = [clock.wait_s(*moment) for moment in ((0, 100), (1, 100), (2, 105), (3, 105.5), (900, 106), (901, 106))]
    assert waits == pytest.approx([0, 1, 0, 0.5, 0, 1])
