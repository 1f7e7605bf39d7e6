"""Serves one file, as badly as servers do: breaks off, lies, stalls, ignores ranges, answers with errors."""

from __future__ import annotations

import asyncio
import re
import ssl

from servers.loopback import LoopbackServer, parse_request


class FileServer(LoopbackServer):
    """Any path is the file.

    Args:
        content: Of the file.
        tls: See ``LoopbackServer``.

    Attributes:
        breaks: How many bytes each of the next answers brings before its connection breaks.
        statuses: Answered to the next requests instead ("503 Service Unavailable"), with more header lines behind it.
        ranges: Whether ranges are honoured.
        length: Told instead of the real length; None tells the truth, 0 tells nothing.
        begin: Told and sent instead of the range's begin, None for the truth.
        tag: ETag of the file.
        silent: Whether the next answer stops after its header until ``resume`` is called.
        headers: Of all requests, names in lower case.
    """

    def __init__(self, content: bytes, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.content = content
        self.breaks: list[int] = []
        self.statuses: list[str] = []
        self.ranges, self.silent = True, False
        self.length: int | None = None
        self.begin: int | None = None
        self.tag = '"one"'
        self.headers: list[dict[str, str]] = []

    @property
    def address(self) -> str:
        """Of the file."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/models/model.onnx"

    @property
    def asked(self) -> list[str]:
        """The ranges of all requests, "" for the whole file."""
        return [headers.get("range", "") for headers in self.headers]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _method, _target, headers = parse_request(await reader.readuntil(b"\r\n\r\n"))
        self.headers.append(headers)
        if self.statuses:
            writer.write(f"HTTP/1.1 {self.statuses.pop(0)}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        head, body = self._answer(headers)
        writer.write(head)
        if self.silent:
            await writer.drain()
            self._flowing.clear()
            await self._flowing.wait()
        if self.breaks:
            writer.write(body[: self.breaks.pop(0)])
            await writer.drain()
            return
        writer.write(body)
        await writer.drain()

    def _answer(self, headers: dict[str, str]) -> tuple[bytes, bytes]:
        begin = self._begin(headers)
        body = self.content[begin:]
        lines = ["HTTP/1.1 206 Partial Content" if begin else "HTTP/1.1 200 OK", "Connection: close"]
        lines += [f"ETag: {self.tag}"] if self.tag else []
        if self.length != 0:
            lines.append(f"Content-Length: {len(body) if self.length is None else self.length}")
        if begin:
            lines.append(f"Content-Range: bytes {begin}-{len(self.content) - 1}/{len(self.content)}")
        return "\r\n".join((*lines, "", "")).encode(), body

    def _begin(self, headers: dict[str, str]) -> int:
        wanted = re.match(r"bytes=(\d+)-", headers.get("range", ""))
        same = headers.get("if-range", self.tag) == self.tag
        if wanted is None or not self.ranges or not same:
            return 0
        return int(wanted[1]) if self.begin is None else self.begin
