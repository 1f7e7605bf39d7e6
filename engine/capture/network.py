"""RTSP and HTTP streams: connect, give the newest picture, and come back for ever when they are lost.

Each call of ``read`` takes one step of the way::

    connect --> deliver --(lost)--------> pause --> connect ...
       |           '------(file played)--> over
       '--(failed at once)--> ask why --> pause
       '--(no answer in time)-----------> pause

``connect`` takes at most ``OPEN_LIMIT_S`` (10 s), ``deliver`` ``READ_LIMIT_S`` and 1 s (4 s), ``ask why``
``PROBE_LIMIT_S`` (3 s), the first and the last plus the system's look-up of the host's name: a stop is at most so far
away. ``pause`` takes no time: the caller waits. A video file over HTTP is played at its own speed and has an end;
every other stream is connected to again when the server ends it. A file that breaks off begins anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from engine.addresses import NetworkAddress, parse_address, redact
from engine.capture.base import SourceBase
from engine.capture.network_probe import Failure, find_reason
from engine.capture.network_stream import OPEN_LIMIT_S, Capture, Clock, Lost, NetworkStream, Picture, open_capture
from engine.capture.retry import Retry
from engine.capture.source import Ended, SourceOptions, SourceState, Wait
from engine.errors import SourceReason
from engine.frames import Frame

GOOD_AFTER_S = 3.0
_ALL_CORES = 0


@dataclass(frozen=True, slots=True)
class NetworkTools:
    """What a network source needs of the world; replaced in tests."""

    open_capture: Callable[[str, int], Capture | None] = open_capture
    find_reason: Callable[[NetworkAddress], Failure] = find_reason
    clock: Clock = field(default_factory=Clock)


class NetworkSource(SourceBase):
    """A stream of the network, by its address. Never fails for good: what is not there now may come.

    Args:
        address: ``rtsp://``, ``rtsps://``, ``http://`` or ``https://``, with user and password where needed.
        options: Nothing of it concerns network streams.
        tools: For tests.
    """

    def __init__(self, address: str, options: SourceOptions, tools: NetworkTools | None = None) -> None:
        super().__init__(redact(address), live=True)
        self._text = address
        self._tools = tools or NetworkTools()
        self._retry = Retry(self._tools.clock.now_s)
        self._step: Callable[[], Frame | Wait | Ended] = Ended
        self._address: NetworkAddress
        self._stream: NetworkStream | None = None
        self._threads = 1
        self._sequence = 0
        self._live_since_s = 0.0

    def open(self) -> None:
        """Begin to connect.

        Raises:
            SourceError: This is no address.
        """
        self._address = parse_address(self._text)
        self._enter(SourceState.CONNECTING, f"Connecting to {self.source_id}")
        self._step = self._connect

    def read(self) -> Frame | Wait | Ended:
        """The newest picture, or when to ask again; ``Ended`` after the end of a file and when it is closed."""
        return self._step()

    def try_now(self) -> None:
        """Let the next ``read`` connect, if the connection is lost."""
        self._retry.now()

    def close(self) -> None:
        """Give the connection back."""
        self._release()
        self._step = Ended
        if self.status.state not in {SourceState.IDLE, SourceState.ENDED, SourceState.STOPPED}:
            self._enter(SourceState.STOPPED, f"{self.source_id} is stopped")

    def _connect(self) -> Wait:
        began_s = self._tools.clock.now_s()
        capture = self._tools.open_capture(self._address.full, self._threads)
        if capture is not None:
            self._stream = NetworkStream(capture, self._address, self._tools.clock)
            self._step = partial(self._deliver, self._stream)
        elif self._tools.clock.now_s() - began_s >= 0.9 * OPEN_LIMIT_S:
            return self._try_later(Failure(SourceReason.TIMEOUT, f"no picture within {OPEN_LIMIT_S:g} s"))
        else:
            self._step = self._ask_why
        return Wait(0.0)

    def _ask_why(self) -> Wait:
        return self._try_later(self._tools.find_reason(self._address))

    def _deliver(self, stream: NetworkStream) -> Frame | Wait | Ended:
        outcome = stream.read()
        if isinstance(outcome, Picture):
            return self._publish(stream, outcome)
        return self._lose(outcome) if isinstance(outcome, Lost) else outcome

    def _publish(self, stream: NetworkStream, picture: Picture) -> Frame:
        frame = self._frame(picture.image, self._sequence, picture.media_time_s)
        self._sequence += 1
        now_s = self._tools.clock.now_s()
        if self.status.state is not SourceState.LIVE:
            self._live_since_s = now_s
            self._info = replace(stream.info, width=frame.width, height=frame.height)
            self._enter(SourceState.LIVE, f"{self.source_id} is live")
        elif self._retry.attempt and now_s - self._live_since_s >= GOOD_AFTER_S:
            self._retry.succeeded()
        return frame

    def _lose(self, lost: Lost) -> Wait | Ended:
        self._release()
        if lost.finished:
            self._enter(SourceState.ENDED, f"{self.source_id} has ended", reason=lost.reason)
            self._step = Ended
            return Ended()
        if not lost.behind:
            return self._try_later(Failure(lost.reason, lost.why))
        self._threads = _ALL_CORES if lost.overloaded else self._threads
        return self._try_again(Failure(lost.reason, lost.why))

    def _try_later(self, failure: Failure) -> Wait:
        delay_s = self._retry.failed()
        self._step = partial(self._pause, failure)
        self._enter(
            SourceState.RECONNECTING,
            f"{self.source_id} is offline: {failure.why}, next try in {delay_s:g} s",
            reason=failure.reason,
            attempt=self._retry.attempt,
            retry_in_s=delay_s,
            why=failure.why,
        )
        return Wait(delay_s)

    def _pause(self, failure: Failure) -> Wait:
        remaining_s = self._retry.remaining_s
        return Wait(remaining_s) if remaining_s > 0 else self._try_again(failure)

    def _try_again(self, failure: Failure) -> Wait:
        attempt = max(1, self._retry.attempt)
        message = f"{self.source_id} is offline: {failure.why}, try {attempt} is running"
        self._enter(SourceState.RECONNECTING, message, reason=failure.reason, attempt=attempt, why=failure.why)
        self._step = self._connect
        return Wait(0.0)

    def _release(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
