"""Why a stream cannot be had, found out by asking real servers on the loopback interface."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from servers.clips import clock_clip
from servers.http_server import HttpServer
from servers.loopback import Login, LoopbackServer
from servers.rtsp_server import RtspServer

from engine.addresses import parse_address
from engine.capture.network_probe import Failure, find_reason
from engine.errors import SourceReason

PASSWORD = "h/u:s@h #?%&ö"
LOGINS = [
    Login("Basic", "ann e", PASSWORD),
    Login("Digest", "ann e", PASSWORD),
    Login("Digest", "ann e", PASSWORD, qop=False),
]


class Says(LoopbackServer):
    """Answers every connection with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._answer)
        await writer.drain()


def probe(address: str, limit_s: float = 3.0) -> Failure:
    return find_reason(parse_address(address), limit_s)


def with_login(address: str, user: str, password: str) -> str:
    return address.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@")


@contextmanager
def full_queue() -> Iterator[int]:
    """A port that answers no connection at all: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        place = listener.getsockname()
        clients = [socket.socket() for _ in range(3)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(place)
        yield place[1]
        for client in clients:
            client.close()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("scheme", ["rtsp", "http", "rtsps", "https"])
def test_a_closed_port_is_refused(scheme: str, closed_port: int) -> None:
    assert probe(f"{scheme}://127.0.0.1:{closed_port}/a") == Failure(SourceReason.REFUSED, "connection refused")


def test_a_name_that_does_not_exist_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert probe("rtsp://yard.invalid/a").reason is SourceReason.NOT_FOUND


def test_a_name_no_host_can_have_is_not_found() -> None:
    assert probe(f"rtsp://{'y' * 70}.example/a").reason is SourceReason.NOT_FOUND


def test_a_host_that_does_not_answer_is_a_time_out_within_the_limit() -> None:
    with full_queue() as port:
        began = time.monotonic()
        assert probe(f"rtsp://127.0.0.1:{port}/a", 0.3).reason is SourceReason.TIMEOUT
        assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("scheme", ["rtsp", "http", "rtsps", "https"])
def test_a_server_that_says_nothing_is_a_time_out_within_the_limit(scheme: str) -> None:
    with Says(b"") as server:
        server.stall()
        began = time.monotonic()
        assert probe(f"{scheme}://127.0.0.1:{server.port}/a", 0.3).reason is SourceReason.TIMEOUT
        assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: f"{login.scheme}-{login.qop}")
@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_login(scheme: str, login: Login) -> None:
    server: LoopbackServer = (
        RtspServer(clock_clip(), login=login) if scheme == "rtsp" else HttpServer({"yard": b""}, login=login)
    )
    with server:
        address = f"{scheme}://127.0.0.1:{server.port}/yard?a=b"
        asked = probe(address)
        wrong = probe(with_login(address, login.user, "nonsense"))
        right = probe(with_login(address, login.user, login.password))
    assert asked == Failure(SourceReason.AUTHENTICATION, "the server asks for user and password")
    assert wrong == Failure(SourceReason.AUTHENTICATION, "user or password is wrong")
    assert right.reason is SourceReason.CODEC, "the login was accepted: what is left is that it cannot be decoded"


def test_a_way_to_log_in_that_ffmpeg_does_not_know_is_told() -> None:
    with RtspServer(clock_clip(), login=Login("Digest", "ann", "x", algorithm="SHA-256")) as server:
        failure = probe(with_login(server.url, "ann", "x"))
    assert failure == Failure(SourceReason.AUTHENTICATION, "the server asks for a way to log in that is not known")


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("403 Forbidden", SourceReason.AUTHENTICATION),
        ("404 Not Found", SourceReason.NOT_FOUND),
        ("410 Gone", SourceReason.NOT_FOUND),
        ("453 Not Enough Bandwidth", SourceReason.REFUSED),
        ("500 Oops", SourceReason.REFUSED),
        ("504 Gateway Timeout", SourceReason.TIMEOUT),
    ],
)
def test_status_of_the_server(scheme: str, status: str, reason: SourceReason) -> None:
    with Says(f"{scheme.upper()}/1.1 {status}\r\n\r\n".encode()) as server:
        assert probe(f"{scheme}://127.0.0.1:{server.port}/a").reason is reason


def test_a_codec_that_cannot_be_decoded_is_named() -> None:
    with RtspServer(clock_clip(), codec="X-STRANGE") as server:
        assert probe(server.url) == Failure(SourceReason.CODEC, "no picture could be decoded from it (X-STRANGE)")


def test_a_stream_without_video_is_told() -> None:
    body = "v=0\r\nm=audio 0 RTP/AVP 0\r\n"
    answer = f"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    with Says(answer.encode()) as server:
        assert probe(f"rtsp://127.0.0.1:{server.port}/a") == Failure(SourceReason.CODEC, "the stream has no video")


def test_a_web_page_is_no_video() -> None:
    with Says(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html>") as server:
        failure = probe(f"http://127.0.0.1:{server.port}/a")
    assert failure == Failure(SourceReason.CODEC, "this is a page of text, not a video")


@pytest.mark.parametrize(
    "answer",
    [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"\r\n\r\n", b"", b"\x00\xff" * 5000, b"RTSP/1.0 2xx\r\n\r\n", b"A" * 300_000],
    ids=["ssh", "empty lines", "nothing", "bytes", "no number", "endless"],
)
@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_what_does_not_speak_the_protocol_is_refused(scheme: str, answer: bytes) -> None:
    with Says(answer) as server:
        assert probe(f"{scheme}://127.0.0.1:{server.port}/a").reason is SourceReason.REFUSED


@pytest.mark.parametrize(
    "answer",
    [
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nm=video",
        b"RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nno colon here\r\n: \r\n\r\n",
        b"RTSP/1.0 401 X\r\nWWW-Authenticate: Digest\r\nWWW-Authenticate: \r\n\r\n",
        b"RTSP/1.0 301 Moved\r\nLocation: rtsp://[::1\r\n\r\n",
        b"RTSP/1.0 301 Moved\r\nLocation: file:///etc/passwd\r\n\r\n",
    ],
    ids=["too long", "negative", "no header", "empty challenges", "broken pointer", "pointer to a file"],
)
def test_odd_answers_of_strangers_do_no_harm(answer: bytes) -> None:
    with Says(answer) as server:
        assert isinstance(probe(f"rtsp://ann:x@127.0.0.1:{server.port}/a"), Failure)


def test_text_of_a_stranger_is_never_repeated() -> None:
    body = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 \x1b[31mrm -rf/90000\r\n"
    answer = f"RTSP/1.0 200 \x1b[31mEvil\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    with Says(answer.encode()) as server:
        failure = probe(f"rtsp://127.0.0.1:{server.port}/a")
    assert failure == Failure(SourceReason.CODEC, "no picture could be decoded from it (its codec is not named)")


def test_a_pointer_elsewhere_is_followed_without_the_password() -> None:
    login = Login("Basic", "ann", "hush")
    with HttpServer(login=login) as other:
        moved = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other.port}/b\r\n\r\n"
        with Says(moved.encode()) as server:
            failure = probe(f"http://ann:hush@127.0.0.1:{server.port}/a")
        assert other.requests == ["GET /b"]
    assert failure.reason is SourceReason.AUTHENTICATION


def test_pointers_in_a_circle_end() -> None:
    with Says(b"HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n") as server:
        assert probe(f"http://127.0.0.1:{server.port}/a").reason is SourceReason.REFUSED
        assert server.connections <= 5


def test_a_server_without_tls_gives_no_encrypted_connection() -> None:
    with Says(b"HTTP/1.1 400 Bad\r\n\r\n") as server:
        failure = probe(f"https://127.0.0.1:{server.port}/a")
    assert failure.reason is SourceReason.REFUSED
