"""A stream on a real RTSP server: the age of its results, and what it says while the server goes and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from fakes import LIMIT_S, fake_model, wait_until
from servers.clips import clock_clip
from servers.rtsp_server import RtspServer

from engine.capture.source import SourceOptions, SourceState
from engine.capture.table import open_source
from engine.frames import FrameResult
from engine.pipeline.session import Session
from engine.pipeline.statistics import DropCause
from engine.pipeline.stream import Stream, StreamOptions


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session()
    yield made
    made.close(LIMIT_S)


def _watch(
    session: Session, server: RtspServer, options: StreamOptions
) -> tuple[Stream, list[FrameResult], list[float]]:
    results: list[FrameResult] = []
    ages_s: list[float] = []

    def look(result: FrameResult) -> None:
        results.append(result)
        ages_s.append(server.age_s(result.frame.image))

    stream = session.add_stream("yard", open_source(server.url, SourceOptions()), options)
    session.attach(stream, fake_model(), deliver=look)
    stream.start()
    return stream, results, ages_s


def test_analysing_five_of_thirty_frames_a_second_keeps_results_fresh(session: Session) -> None:
    with RtspServer(clock_clip(frames=600)) as server:
        stream, results, ages_s = _watch(session, server, StreamOptions(max_fps=5, max_frames=120))
        assert wait_until(lambda: stream.finished)

    settled = ages_s[5:]
    assert len(results) == pytest.approx(20, abs=4)
    assert max(settled) < 1.0
    dropped = stream.attachments[0].ledger.counts().dropped
    assert dropped[DropCause.RATE_LIMIT] == pytest.approx(100, abs=4)


def test_a_killed_server_is_told_with_reason_and_found_again(session: Session) -> None:
    with RtspServer(clock_clip(frames=600)) as server:
        stream, results, _ = _watch(session, server, StreamOptions())
        assert wait_until(lambda: len(results) > 5)
        assert stream.snapshot().status.state is SourceState.LIVE

        server.kill()
        assert wait_until(lambda: stream.snapshot().status.state is SourceState.RECONNECTING)
        assert wait_until(lambda: stream.snapshot().status.reason == "refused")
        assert stream.snapshot().status.attempt >= 1
        before = len(results)

        server.restart()
        assert wait_until(lambda: len(results) > before + 5)
        assert stream.snapshot().status.state is SourceState.LIVE
    sequences = [r.frame.sequence for r in results]
    assert sequences == sorted(set(sequences))


def test_a_server_that_falls_silent_is_stalled_within_two_and_a_half_seconds(session: Session) -> None:
    with RtspServer(clock_clip(frames=600)) as server:
        stream, results, _ = _watch(session, server, StreamOptions())
        assert wait_until(lambda: len(results) > 5)

        server.stall()
        silent_since = time.monotonic()
        assert wait_until(lambda: stream.snapshot().status.state is not SourceState.LIVE)

        assert time.monotonic() - silent_since < 4.0
        assert stream.snapshot().status.state in (SourceState.STALLED, SourceState.RECONNECTING)


def test_a_stop_while_a_silent_server_is_opened_returns_at_once(session: Session) -> None:
    with RtspServer(clock_clip(frames=600)) as server:
        server.stall()
        stream, _, _ = _watch(session, server, StreamOptions())
        assert wait_until(lambda: server.connections > 0)

        begun = time.monotonic()
        stream.stop()
        stopped_s = time.monotonic() - begun

        assert stopped_s < 0.5
        assert stream.snapshot().status.state is SourceState.STOPPED
        assert stream.finished


def test_a_silent_camera_keeps_no_other_one_waiting(session: Session) -> None:
    with RtspServer(clock_clip()) as silent, RtspServer(clock_clip()) as talking:
        silent.stall()
        session.add_stream("silent", open_source(silent.url, SourceOptions())).start()
        assert wait_until(lambda: silent.connections > 0)
        stream = session.add_stream("talking", open_source(talking.url, SourceOptions()))
        stream.start()
        assert wait_until(lambda: stream.newest_frame is not None, 5.0)
        silent.kill()
