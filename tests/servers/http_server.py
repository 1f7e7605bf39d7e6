"""A small HTTP server for tests: files with ranges, an endless MJPEG stream, and a live HLS play list."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from servers.clips import clock_picture, clock_video, read_clock, transport_segments
from servers.loopback import Login, LoopbackServer, parse_request

from engine.opencv import cv2

_BOUNDARY = "picture"
_WINDOW = 3
_KINDS = {"mp4": "video/mp4", "ts": "video/mp2t", "m3u8": "application/vnd.apple.mpegurl", "html": "text/html"}


def clock_jpegs(width: int = 320, height: int = 180, frames: int = 100) -> list[bytes]:
    """Clock pictures as JPEG files, numbered from 0."""
    return [cv2.imencode(".jpg", clock_picture(number, width, height))[1].tobytes() for number in range(frames)]


class HttpServer(LoopbackServer):
    """Serves files, ``/stream.mjpg`` and ``/live.m3u8``.

    Args:
        files: Name -> content, served with ranges.
        pictures: JPEG files of ``/stream.mjpg``, looped.
        segments: MPEG-TS files of one second each of ``/live.m3u8``, which begins with the first request.
        rate_hz: Pictures a second of ``/stream.mjpg``.
        login, status, tls: See ``LoopbackServer``.

    Attributes:
        newest: Number of the newest picture of ``/stream.mjpg``.
        requests: First lines of all requests.
    """

    def __init__(
        self,
        files: Mapping[str, bytes] | None = None,
        *,
        pictures: Sequence[bytes] = (),
        segments: Sequence[bytes] = (),
        rate_hz: float = 25.0,
        login: Login | None = None,
        status: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(login=login, status=status, tls=tls)
        self.files = dict(files or {})
        self.pictures, self.rate_hz = pictures, rate_hz
        self.newest = 0
        self.requests: list[str] = []
        self._segments = segments
        self._live_since = 0.0

    def url(self, name: str) -> str:
        """Address of a file or stream, without login."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/{name}"

    def age_s(self, picture: NDArray[np.uint8]) -> float:
        """Seconds between the newest MJPEG picture sent and this one, modulo the number of pictures."""
        return (self.newest - read_clock(picture)) % len(self.pictures) / self.rate_hz

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, target, headers = parse_request(await reader.readuntil(b"\r\n\r\n"))
        await self._flowing.wait()
        self.requests.append(f"{method} {target}")
        name = target.partition("?")[0].lstrip("/")
        if self.status:
            writer.write(self._head(self.status))
        elif self.login is not None and not self.login.accepts(headers.get("authorization", ""), method):
            writer.write(self._head("401 Unauthorized", f"WWW-Authenticate: {self.login.challenge}"))
        elif name == "stream.mjpg":
            await self._stream(writer)
        else:
            self._send_file(writer, name, method, headers.get("range", ""))
        await writer.drain()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(self._head("200 OK", f"Content-Type: multipart/x-mixed-replace; boundary={_BOUNDARY}"))
        begin, sent = time.monotonic(), 0
        while True:
            await asyncio.sleep(begin + sent / self.rate_hz - time.monotonic())
            await self._flowing.wait()
            self.newest = sent % len(self.pictures)
            picture = self.pictures[self.newest]
            part = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            writer.write(part.encode() + picture + b"\r\n")
            await writer.drain()
            sent += 1

    def _send_file(self, writer: asyncio.StreamWriter, name: str, method: str, wanted: str) -> None:
        content = self._content(name)
        if content is None:
            writer.write(self._head("404 Not Found"))
            return
        status, begin, end = "200 OK", 0, len(content)
        if match := re.match(r"bytes=(\d+)-(\d*)", wanted):
            status, begin = "206 Partial Content", int(match[1])
            end = int(match[2]) + 1 if match[2] else end
        kind = _KINDS.get(name.rpartition(".")[2], "application/octet-stream")
        writer.write(
            self._head(
                status,
                f"Content-Type: {kind}",
                "Accept-Ranges: bytes",
                f"Content-Length: {end - begin}",
                f"Content-Range: bytes {begin}-{end - 1}/{len(content)}",
            )
        )
        if method != "HEAD":
            writer.write(content[begin:end])

    def _content(self, name: str) -> bytes | None:
        if name == "live.m3u8" and self._segments:
            return self._playlist()
        if (match := re.fullmatch(r"live(\d+)\.ts", name)) and int(match[1]) < len(self._segments):
            return self._segments[int(match[1])]
        return self.files.get(name)

    def _playlist(self) -> bytes:
        self._live_since = self._live_since or time.monotonic()
        first = min(int(time.monotonic() - self._live_since), len(self._segments) - _WINDOW)
        entries = "".join(f"#EXTINF:1.0,\nlive{number}.ts\n" for number in range(first, first + _WINDOW))
        return f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n{entries}".encode()

    @staticmethod
    def _head(status: str, *headers: str) -> bytes:
        return "\r\n".join((f"HTTP/1.1 {status}", "Connection: close", *headers, "", "")).encode()


def clock_segments(seconds: int, width: int = 320, height: int = 180, rate_hz: int = 30) -> list[bytes]:
    """The clock video cut into MPEG-TS segments of one second, their times going on from one to the next."""
    return transport_segments(clock_video(width, height, rate_hz, seconds * rate_hz))
