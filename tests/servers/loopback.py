"""What the test servers share: one thread with an event loop on 127.0.0.1 that can be killed, stalled and restarted."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import secrets
import ssl
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Self

LIMIT_S = 10.0
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(frozen=True)
class Login:
    """What a client must know. ``scheme`` is "Basic" or "Digest"."""

    scheme: str
    user: str
    password: str
    algorithm: str = "MD5"
    qop: bool = True
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def challenge(self) -> str:
        """Value of the WWW-Authenticate header."""
        if self.scheme == "Basic":
            return 'Basic realm="yard"'
        qop = ', qop="auth"' if self.qop else ""
        return f'Digest realm="yard", nonce="{self.nonce}", algorithm={self.algorithm}{qop}'

    def accepts(self, authorization: str, method: str) -> bool:
        """Check an Authorization header (RFC 7617, RFC 7616)."""
        scheme, _, rest = authorization.partition(" ")
        if scheme != self.scheme:
            return False
        if scheme == "Basic":
            return rest == base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        given = {name: quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]*))', rest)}
        secret = self._hash(f"{self.user}:yard:{self.password}")
        counted = f"{given.get('nc')}:{given.get('cnonce')}:auth:" if self.qop else ""
        action = self._hash(f"{method}:{given.get('uri')}")
        return given.get("response") == self._hash(f"{secret}:{self.nonce}:{counted}{action}")

    def _hash(self, text: str) -> str:
        return _HASHES[self.algorithm](text.encode()).hexdigest()


class LoopbackServer:
    """A server of its own thread. Use it as a context manager; every method may be called from the test's thread.

    Attributes:
        port: Free port on 127.0.0.1, kept over restarts.
        connections: Number of connections accepted so far.
        login: What clients must know, None for nothing.
        status: Answer every request with this status instead ("404 Not Found").
    """

    def __init__(self, *, login: Login | None = None, status: str = "", tls: ssl.SSLContext | None = None) -> None:
        self.login, self.status = login, status
        self.port, self.connections = 0, 0
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=type(self).__name__, daemon=True)
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    def __enter__(self) -> Self:
        self._thread.start()
        self.restart()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT_S)
        self._loop.close()

    def kill(self) -> None:
        """Break every connection and close the port."""
        self._do(self._kill())

    def restart(self) -> None:
        """Listen (again)."""
        self._do(self._start())

    def stall(self) -> None:
        """Keep connections open and accept new ones, but say nothing more."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def resume(self) -> None:
        """End a stall."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    def call(self, action: Callable[[], None]) -> None:
        """Run something in the thread of the server, and wait for it."""

        async def run() -> None:
            action()

        self._do(run())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until it or the server ends."""
        raise NotImplementedError

    def started(self) -> None:
        """Begin what runs besides the connections, with ``background``."""

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something until the server is killed."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT_S)

    async def _start(self) -> None:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._tls, limit=2**20)
        self.port = self._listener.sockets[0].getsockname()[1]
        self.started()

    async def _kill(self) -> None:
        if self._listener is not None:
            self._listener.close()
        for writer in self._writers:
            writer.transport.abort()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        self.background(self._serve_one(reader, writer))

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._flowing.wait()
            await self.serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has left
        finally:
            self._writers.discard(writer)
            writer.close()


def parse_request(text: bytes) -> tuple[str, str, dict[str, str]]:
    """Method, target and headers (names in lower case) of an RTSP or HTTP request."""
    first, *rest = text.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in rest)
    return method, target, {name.strip().lower(): value.strip() for name, _, value in pairs}
