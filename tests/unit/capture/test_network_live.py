"""Network sources against real servers that are killed, stalled and restarted; 180 pictures/s keep the tests short."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from network_driver import Drive
from servers.clips import Clip, clock_clip, clock_picture, clock_video, encode, read_clock
from servers.http_server import HttpServer, clock_jpegs, clock_segments
from servers.loopback import Login, LoopbackServer
from servers.rtsp_server import RtspServer
from servers.tls import own_certificate

from engine.capture import network, network_stream
from engine.capture.source import SourceState
from engine.errors import SourceReason

RATE_HZ = 180


def fast_clip(width: int = 320, height: int = 180) -> Clip:
    return clock_clip(width, height, RATE_HZ, 5 * RATE_HZ)


@pytest.fixture
def server() -> Iterator[RtspServer]:
    with RtspServer(fast_clip()) as running:
        yield running


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (network, network_stream):
        monkeypatch.setattr(module, "OPEN_LIMIT_S", 0.5)
    monkeypatch.setattr(network_stream, "READ_LIMIT_S", 0.5)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_rtsp_over_tcp_and_where_there_is_nothing_else_over_udp(transport: str) -> None:
    with RtspServer(fast_clip(), transports=(transport,)) as server, Drive(server.url) as drive:
        for _ in range(100):
            (frame,) = drive.more(1)
            assert server.age_s(frame.image) < 0.5
        info = drive.source.info
        assert server.setups == [transport]
    assert info is not None
    assert (info.width, info.height, info.codec, info.rate_hz) == (320, 180, "h264", RATE_HZ)
    times = [frame.media_time_s or 0.0 for frame in drive.frames]
    assert np.diff(times) == pytest.approx(1 / RATE_HZ, abs=0.02)


def test_tcp_is_preferred(server: RtspServer) -> None:
    with Drive(server.url) as drive:
        drive.more(1)
    assert server.setups == ["tcp"]


def test_a_killed_server_is_told_and_found_again_when_it_is_back(server: RtspServer) -> None:
    with Drive(server.url) as drive:
        drive.more(5)
        server.kill()
        drive.until(lambda: drive.source.status.reason is SourceReason.ENDED, limit_s=5)
        drive.until(lambda: drive.source.status.reason is SourceReason.REFUSED, limit_s=5)
        assert drive.source.status.attempt == 2
        before = len(drive.frames)
        server.restart()
        drive.until_state(SourceState.LIVE)
        drive.more(5)
        assert [frame.sequence for frame in drive.frames] == list(range(len(drive.frames)))
        assert server.age_s(drive.frames[before].image) < 0.5


@pytest.mark.usefixtures("short_limits")
def test_a_stalled_server_is_a_time_out_and_found_again_when_it_goes_on(
    server: RtspServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as long_open:
        long_open.setattr(network_stream, "OPEN_LIMIT_S", 8.0)
        drive = Drive(server.url)
        drive.source.open()
        drive.more(5)
    server.stall()
    began = time.monotonic()
    drive.until(lambda: drive.source.status.reason is SourceReason.TIMEOUT)
    assert time.monotonic() - began < 2.0
    drive.until(lambda: drive.source.status.attempt == 2)
    assert drive.source.status.message.endswith("is offline: no picture within 0.5 s, next try in 2 s")
    server.resume()
    monkeypatch.undo()
    drive.more(5)
    drive.source.close()


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_silent_server_takes_no_longer_than_the_limit(server: RtspServer, scheme: str) -> None:
    server.stall()
    with Drive(server.url.replace("rtsp", scheme)) as drive:
        began = time.monotonic()
        drive.step()
        assert time.monotonic() - began < 2.0
        assert drive.source.status.reason is SourceReason.TIMEOUT


@pytest.mark.parametrize("login", [Login("Basic", "ann", "h/u@s:h"), Login("Digest", "ann", "h/u@s:h")])
def test_login(login: Login) -> None:
    with RtspServer(fast_clip(), login=login) as server:
        with Drive(server.url.replace("//", "//ann:h%2Fu%40s%3Ah@")) as drive:
            drive.more(3)
            assert drive.source.source_id == server.url.replace("//", "//***@")
        with Drive(server.url.replace("//", "//ann:nonsense@")) as drive:
            drive.until_state(SourceState.RECONNECTING)
            assert drive.source.status.reason is SourceReason.AUTHENTICATION


def test_a_stream_that_is_not_there_is_not_found() -> None:
    with RtspServer(fast_clip(), status="404 Not Found") as server, Drive(server.url) as drive:
        drive.until_state(SourceState.RECONNECTING)
        assert drive.source.status.reason is SourceReason.NOT_FOUND


def test_a_codec_that_cannot_be_decoded_is_told() -> None:
    with RtspServer(fast_clip(), codec="X-STRANGE") as server, Drive(server.url) as drive:
        drive.until_state(SourceState.RECONNECTING)
        assert drive.source.status.reason is SourceReason.CODEC


def test_a_stream_the_server_ends_is_connected_to_again(server: RtspServer) -> None:
    with Drive(server.url) as drive:
        drive.more(5)
        server.end()
        drive.until(lambda: drive.source.status.reason is SourceReason.ENDED)
        drive.until_state(SourceState.LIVE)
    assert server.connections == 2


def test_a_server_that_comes_back_with_another_size(server: RtspServer) -> None:
    with Drive(server.url) as drive:
        drive.more(5)
        server.kill()
        server.clip = fast_clip(480, 360)
        server.restart()
        drive.until(lambda: drive.frames[-1].width == 480)
        assert drive.source.info is not None
        assert (drive.source.info.width, drive.source.info.height) == (480, 360)


def test_a_size_that_changes_within_the_stream_is_fitted_into_the_first(server: RtspServer) -> None:
    with Drive(server.url) as drive:
        drive.more(5)
        server.show(fast_clip(480, 360))
        numbers = [read_clock(frame.image) for frame in drive.more(150)]
        assert min(np.diff(numbers)) < 0, "the other clip has begun"
        assert {frame.image.shape for frame in drive.frames} == {(180, 320, 3)}
    assert server.connections == 1


def test_two_clients_see_the_same_moment(server: RtspServer) -> None:
    with Drive(server.url) as one, Drive(server.url) as other:
        one.more(1)
        other.more(1)
        assert server.age_s(other.frames[-1].image) < 0.5


def test_pictures_that_gathered_while_nobody_read_are_not_shown(server: RtspServer) -> None:
    with Drive(server.url) as drive:
        drive.more(5)
        threading.Event().wait(1.5)
        assert server.age_s(drive.more(1)[0].image) < 0.6


def test_mjpeg() -> None:
    with HttpServer(pictures=clock_jpegs(), rate_hz=50) as server, Drive(server.url("stream.mjpg")) as drive:
        for _ in range(30):
            assert server.age_s(drive.more(1)[0].image) < 0.5
        server.kill()
        drive.until(lambda: drive.source.status.reason is SourceReason.ENDED, limit_s=5)
        server.restart()
        drive.more(3)


def test_a_file_over_http_is_played_to_its_end_once() -> None:
    with HttpServer({"clip.mp4": clock_video(frames=45)}) as server, Drive(server.url("clip.mp4")) as drive:
        drive.until(lambda: drive.ended)
        info = drive.source.info
    assert [read_clock(frame.image) for frame in drive.frames] == list(range(45))
    assert info is not None
    assert (info.frames, info.duration_s, info.live) == (45, 1.5, True)


def test_hls_comes_in_bursts_and_is_shown_evenly() -> None:
    with HttpServer(segments=clock_segments(8)) as server, Drive(server.url("live.m3u8")) as drive:
        numbers = [read_clock(frame.image) for frame in drive.more(75)]
    assert numbers == list(range(75))


@pytest.mark.parametrize("name", ["missing.mp4", "page.html"])
def test_http_reasons(name: str) -> None:
    with HttpServer({"page.html": b"<html>"}) as server, Drive(server.url(name)) as drive:
        drive.until_state(SourceState.RECONNECTING)
        expected = SourceReason.CODEC if name == "page.html" else SourceReason.NOT_FOUND
        assert drive.source.status.reason is expected


@pytest.mark.parametrize("scheme", ["rtsps", "https"])
def test_encrypted_streams(scheme: str, tmp_path: Path) -> None:
    login, tls = Login("Digest", "ann", "hush"), own_certificate(tmp_path)
    server: LoopbackServer = (
        RtspServer(fast_clip(), login=login, tls=tls)
        if scheme == "rtsps"
        else HttpServer(pictures=clock_jpegs(), login=login, tls=tls)
    )
    with server:
        with Drive(f"{scheme}://ann:hush@127.0.0.1:{server.port}/stream.mjpg") as drive:
            drive.more(3)
            assert drive.source.info is not None
            assert drive.source.info.warnings == ("The certificate of the server is not checked",)
        with Drive(f"{scheme}://ann:nonsense@127.0.0.1:{server.port}/stream.mjpg") as drive:
            drive.until_state(SourceState.RECONNECTING)
            assert drive.source.status.reason is SourceReason.AUTHENTICATION


def test_a_file_with_b_frames_as_a_camera(tmp_path: Path) -> None:
    video = tmp_path / "b-frames.mp4"
    pictures = (clock_picture(number, 320, 180) for number in range(200))
    video.write_bytes(encode(pictures, 60, preset="veryfast", tune="film", bf="3", g="20"))
    with RtspServer(video) as server, Drive(server.url) as drive:
        frames = drive.more(40)
    assert any(unit.shown_s > unit.sent_s + 0.01 for unit in server.clip.units)
    assert np.mod(np.diff([read_clock(frame.image) for frame in frames]), 200) == pytest.approx(1)
    assert np.diff([frame.media_time_s or 0.0 for frame in frames]) == pytest.approx(1 / 60, abs=0.002)
