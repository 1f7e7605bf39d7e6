from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeSource
from servers.clips import clock_clip
from servers.loopback import Login
from servers.rtsp_server import RtspServer
from waiting_tasks import Control

from engine.capture.source import SourceOptions, TryOut, Wait
from engine.errors import CancelledError, SourceError, SourceReason
from engine.pipeline import try_out
from engine.pipeline.try_out import try_source

RATE_HZ = 180


def look(text: str, limit_s: float = 10.0) -> TryOut:
    return try_source(text, SourceOptions(), Control(), limit_s)


@pytest.mark.data
def test_a_video_is_described_and_shows_its_first_picture(shared_data: Path) -> None:
    found = look(str(shared_data / "video" / "car-detection.mp4"))
    assert (found.info.width, found.info.height, found.info.frames) == (768, 432, 377)
    assert found.frame is not None
    assert found.frame.sequence == 0


def test_a_stream_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    with RtspServer(clock_clip(320, 180, RATE_HZ, 5 * RATE_HZ), login=Login("Basic", "ann", "pw")) as server:
        found = look(server.url.replace("//", "//ann:pw@"))
        assert (found.info.width, found.info.height, found.info.codec) == (320, 180, "h264")
        assert found.frame is not None
        with pytest.raises(SourceError) as caught:
            look(server.url.replace("//", "//ann:nonsense@"))
    assert caught.value.reason is SourceReason.AUTHENTICATION
    assert "password" in caught.value.remedy
    assert "nonsense" not in str(caught.value) + caught.value.detail


def test_a_closed_port_is_told_after_the_first_attempt() -> None:
    began_s = time.monotonic()
    with pytest.raises(SourceError, match="refused") as caught:
        look("rtsp://ann:pw@127.0.0.1:9/yard")
    assert time.monotonic() - began_s < 5.0
    assert caught.value.reason is SourceReason.REFUSED
    assert str(caught.value).startswith("rtsp://***@127.0.0.1:9/yard: It gives no picture: ")


@pytest.mark.parametrize("text", ["/no/such/file.mp4", "rtsp://", "screen:99", "camera:No such camera", "ftp://x/y"])
def test_what_is_not_there_is_told_in_words(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(SourceError):
        look(text)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Callable[[FakeSource], FakeSource]:
    """Let a text name a source of the test."""

    def put(source: FakeSource) -> FakeSource:
        monkeypatch.setattr(try_out, "open_source", lambda _text, _options: source)
        return source

    return put


def test_it_is_closed_by_whoever_opened_it(tried: Callable[[FakeSource], FakeSource]) -> None:
    source = tried(FakeSource(3))
    look("it")
    assert source.opened_by == source.closed_by != ""
    source = tried(FakeSource(3, fail_at=0))
    with pytest.raises(SourceError, match="damaged"):
        look("it")
    assert source.closed_by


def test_a_source_without_a_picture_is_described_after_the_limit(tried: Callable[[FakeSource], FakeSource]) -> None:
    source = tried(FakeSource(3, gate=lambda _sequence: Wait(60.0)))
    found = look("it", limit_s=0.1)
    assert found.frame is None
    assert found.info.title == "fake"
    assert source.closed_by


def test_an_empty_source_is_described(tried: Callable[[FakeSource], FakeSource]) -> None:
    tried(FakeSource(0))
    assert look("it").frame is None


def test_a_cancel_is_noticed_while_it_waits(tried: Callable[[FakeSource], FakeSource]) -> None:
    control = Control()

    def gate(_sequence: int) -> Wait:
        control.given_up = True
        return Wait(60.0)

    source = tried(FakeSource(3, gate=gate))
    with pytest.raises(CancelledError):
        try_source("it", SourceOptions(), control)
    assert source.closed_by
