"""The steps of a network source with a clock that is set by hand: states, reasons, delays, messages."""

from __future__ import annotations

import pytest
from network_driver import FakeCapture, Grab, HandClock, steady

from engine.addresses import NetworkAddress
from engine.capture.network import GOOD_AFTER_S, NetworkSource, NetworkTools
from engine.capture.network_probe import Failure
from engine.capture.network_stream import OPEN_LIMIT_S, READ_LIMIT_S, Capture
from engine.capture.source import Ended, SourceOptions, SourceState, Wait
from engine.errors import SourceError, SourceReason
from engine.frames import Frame

ADDRESS = "rtsp://ann:hush@yard/live?token=hush"
TITLE = "rtsp://***@yard/live?token=***"
REFUSED = Failure(SourceReason.REFUSED, "connection refused")


class World:
    """Captures to give out in order (None: the open fails), and what the probe answers."""

    def __init__(self, *captures: FakeCapture | None, opening_s: float = 0.0, failure: Failure = REFUSED) -> None:
        self.clock = HandClock()
        self.captures = list(captures)
        self.opening_s, self.failure = opening_s, failure
        self.opened: list[tuple[str, int]] = []
        self.source = NetworkSource(
            ADDRESS, SourceOptions(), NetworkTools(self._open_capture, self._find_reason, self.clock)
        )

    def _open_capture(self, address: str, threads: int) -> Capture | None:
        self.opened.append((address, threads))
        self.clock.now += self.opening_s
        capture = self.captures.pop(0) if self.captures else None
        if capture is not None:
            capture.clock = self.clock
        return capture

    def _find_reason(self, address: NetworkAddress) -> Failure:
        assert (address.user, address.password) == ("ann", "hush")
        return self.failure

    def capture(self, script: list[Grab], size: tuple[int, int] = (64, 48)) -> FakeCapture:
        return FakeCapture(self.clock, script, size)

    def run(self, seconds: float) -> list[Frame]:
        """Read for so long by the hand clock; waits pass as they would."""
        end_s, frames = self.clock.now + seconds, []
        while self.clock.now < end_s:
            outcome = self.source.read()
            if isinstance(outcome, Frame):
                frames.append(outcome)
            elif isinstance(outcome, Wait):
                self.clock.now += min(outcome.seconds, end_s - self.clock.now)
            else:
                break
        return frames


def live(*captures: list[Grab]) -> World:
    """A world whose source has been opened, with these scripts as its connections."""
    world = World()
    world.captures = [world.capture(script) for script in captures]
    world.source.open()
    return world


def test_before_it_is_open_nothing_is_claimed() -> None:
    source = World().source
    assert (source.source_id, source.live, source.info) == (TITLE, True, None)
    assert source.status.state is SourceState.IDLE
    assert isinstance(source.read(), Ended)


def test_opening_only_begins_to_connect() -> None:
    world = live(steady(3))
    assert world.opened == []
    assert world.source.status.state is SourceState.CONNECTING
    assert world.source.status.message == f"Connecting to {TITLE}"


def test_it_is_live_with_the_first_picture_not_before() -> None:
    world = live(steady(3))
    assert isinstance(world.source.read(), Wait)
    assert world.source.status.state is SourceState.CONNECTING
    frame = world.source.read()
    assert isinstance(frame, Frame)
    assert world.source.status.state is SourceState.LIVE
    info = world.source.info
    assert info is not None
    assert (info.kind, info.title, info.width, info.height, info.rate_hz) == ("network", TITLE, 64, 48, 10.0)
    assert (info.codec, info.live, info.seekable, info.frames) == ("h264", True, False, None)


def test_delays_grow_from_one_to_thirty_seconds_for_ever() -> None:
    world = World()
    world.source.open()
    delays = []
    while len(delays) < 8:
        outcome = world.source.read()
        assert isinstance(outcome, Wait)
        if outcome.seconds:
            status = world.source.status
            assert (status.state, status.reason) == (SourceState.RECONNECTING, SourceReason.REFUSED)
            assert (status.attempt, status.retry_in_s) == (len(delays) + 1, outcome.seconds)
            delays.append(outcome.seconds)
            world.clock.now += outcome.seconds
    assert delays == pytest.approx([1, 2, 4, 8, 16, 30, 30, 30])


def test_the_message_says_what_is_wrong_and_when_it_is_tried_again() -> None:
    world = World()
    world.source.open()
    world.run(2.0)
    assert world.source.status.message == f"{TITLE} is offline: connection refused, next try in 2 s"
    world.clock.now += 2.0
    world.source.read()
    assert world.source.status.message == f"{TITLE} is offline: connection refused, try 2 is running"
    assert (world.source.status.attempt, world.source.status.retry_in_s) == (2, 0.0)


def test_asking_too_early_gives_the_rest_of_the_wait() -> None:
    world = World()
    world.source.open()
    world.run(0.25)
    outcome = world.source.read()
    assert isinstance(outcome, Wait)
    assert outcome.seconds == pytest.approx(0.75)
    assert len(world.opened) == 1


def test_nobody_has_to_wait_for_the_next_attempt() -> None:
    world = World(None, None)
    world.source.open()
    world.run(0.25)
    world.captures = [world.capture(steady(5))]
    world.source.try_now()
    assert len(world.run(0.4)) > 0
    assert world.source.status.state is SourceState.LIVE


def test_an_open_that_lasts_its_whole_limit_is_a_time_out_without_asking_further() -> None:
    world = World(opening_s=OPEN_LIMIT_S, failure=REFUSED)
    world.source.open()
    world.source.read()
    assert world.source.status.reason is SourceReason.TIMEOUT


@pytest.mark.parametrize("reason", list(SourceReason))
def test_the_reason_is_what_the_probe_found(reason: SourceReason) -> None:
    world = World(failure=Failure(reason, "something"))
    world.source.open()
    world.run(0.5)
    assert world.source.status.reason is reason


def test_frames_are_counted_over_reconnections() -> None:
    world = live(steady(3), steady(3))
    assert [frame.sequence for frame in world.run(3.0)] == [0, 1, 2, 3, 4, 5]


def test_a_new_connection_may_have_another_size() -> None:
    world = World()
    world.captures = [world.capture(steady(2)), world.capture(steady(2), size=(32, 100))]
    world.source.open()
    frames = world.run(3.0)
    assert [(frame.width, frame.height) for frame in frames] == [(64, 48)] * 2 + [(32, 100)] * 2
    assert world.source.info is not None
    assert (world.source.info.width, world.source.info.height) == (32, 100)


def test_a_server_that_ends_is_tried_again_and_the_first_delay_is_short() -> None:
    world = live(steady(3))
    world.run(0.4)
    status = world.source.status
    assert (status.state, status.reason, status.attempt) == (SourceState.RECONNECTING, SourceReason.ENDED, 1)
    assert status.message == f"{TITLE} is offline: the server ended the stream, next try in 1 s"


def test_silence_is_told_as_a_time_out() -> None:
    world = live([*steady(3), Grab(takes_s=READ_LIMIT_S, fails=True)])
    world.run(0.3 + READ_LIMIT_S)
    assert world.source.status.reason is SourceReason.TIMEOUT
    assert "no picture for 3 s" in world.source.status.message


@pytest.mark.parametrize(
    ("live_s", "delay_s"), [(GOOD_AFTER_S + 1, 1.0), (GOOD_AFTER_S / 2, 4.0)], ids=["good", "too short"]
)
def test_delays_begin_anew_only_after_a_good_period(live_s: float, delay_s: float) -> None:
    world = World(None, None)
    world.captures.append(world.capture(steady(int(live_s * 10))))
    world.source.open()
    world.run(3.0)
    world.run(live_s + 0.5)
    assert world.source.status.retry_in_s == delay_s


def test_a_reader_that_was_away_gets_a_new_connection_without_delay() -> None:
    gathered = [Grab(1.0 + number * 0.1, 0.003, 0.003) for number in range(50)]
    world = live([*steady(10), *gathered], steady(5))
    world.run(1.0)
    world.clock.now += 60.0
    before_s = world.clock.now
    assert world.source.read() == Wait(0.0)
    assert world.source.status.state is SourceState.RECONNECTING
    assert world.run(0.3)[0].sequence == 10
    assert world.clock.now < before_s + 0.5
    assert [threads for _, threads in world.opened] == [1, 1]


def test_an_overloaded_decoder_gets_all_cores_next_time() -> None:
    world = live([*steady(5), *(Grab(0.5 + number * 0.1, 0.2, 0.19) for number in range(300))], steady(5))
    world.run(60.0)
    assert [threads for _, threads in world.opened[:2]] == [1, 0]


def test_a_file_has_an_end() -> None:
    world = World()
    file = FakeCapture(world.clock, [Grab(number * 0.1) for number in range(20)], frames=20.0)
    world.captures = [file]
    world.source = NetworkSource(
        "http://yard/clip.mp4", SourceOptions(), NetworkTools(world._open_capture, world._find_reason, world.clock)
    )
    world.source.open()
    assert len(world.run(10.0)) == 20
    assert isinstance(world.source.read(), Ended)
    assert (world.source.status.state, world.source.status.reason) == (SourceState.ENDED, SourceReason.ENDED)
    assert file.released == 1


def test_closing_twice_is_closing_once_and_it_can_be_opened_again() -> None:
    world = live(steady(5), steady(5))
    world.run(0.3)
    first = world.source
    first.close()
    first.close()
    assert first.status.state is SourceState.STOPPED
    assert isinstance(first.read(), Ended)
    first.open()
    assert world.run(0.3)


def test_closing_gives_the_connection_back() -> None:
    world = World()
    capture = world.capture(steady(5))
    world.captures = [capture]
    world.source.open()
    world.run(0.3)
    world.source.close()
    assert capture.released == 1


def test_no_state_ever_shows_user_password_or_token() -> None:
    world = live(steady(3), [*steady(3), Grab(takes_s=READ_LIMIT_S, fails=True)])
    seen = []
    for _ in range(40):
        outcome = world.source.read()
        world.clock.now += outcome.seconds if isinstance(outcome, Wait) else 0.0
        seen.append(f"{world.source.status} {world.source.info} {world.source.source_id} {outcome!r}")
    world.source.close()
    seen.append(str(world.source.status))
    assert not [text for text in seen if "hush" in text or "ann" in text]


def test_the_driver_of_opencv_gets_the_whole_address() -> None:
    world = live(steady(3))
    world.source.read()
    assert world.opened == [(ADDRESS, 1)]


def test_it_is_not_seekable() -> None:
    source = live(steady(3)).source
    with pytest.raises(SourceError, match="no past"):
        source.seek_time(1.0)
    with pytest.raises(SourceError, match="no past"):
        source.seek_frame(1)


def test_a_malformed_address_is_an_error_of_open() -> None:
    source = NetworkSource("rtsp://ann:hu/sh@yard/live", SourceOptions())
    with pytest.raises(SourceError, match="%2F") as caught:
        source.open()
    assert "hu/sh" not in str(caught.value)
