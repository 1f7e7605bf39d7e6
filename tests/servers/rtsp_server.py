"""A small RTSP server for tests (RFC 2326, RTP as RFC 3550, H.264 as RFC 6184): a looped clip, sent as a camera would.

Every client sees the same moment of the clip, over TCP (interleaved) or UDP, from its next key picture on.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import ssl
import struct
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from servers.clips import AccessUnit, Clip, read_clip, read_clock
from servers.loopback import Login, LoopbackServer, parse_request

_CLOCK_HZ = 90_000
_UNSENT_LIMIT_BYTES = 4 * 2**20


@dataclass(eq=False)
class _Session:
    """One client's place in the stream."""

    writer: asyncio.StreamWriter
    channel: int | None = None
    rtp_peer: tuple[str, int] | None = None
    playing: bool = False
    in_step: bool = False
    sequence: int = 0

    def wants(self, unit: AccessUnit) -> bool:
        """True when this client can use the unit; a client that reads too slowly waits for the next key picture."""
        if self.writer.transport.get_write_buffer_size() > _UNSENT_LIMIT_BYTES:
            self.in_step = False
        self.in_step = self.playing and (self.in_step or unit.is_key)
        return self.in_step

    def packets(self, unit: AccessUnit, rtp_time: int) -> list[bytes]:
        """RTP packets of one access unit, the marker on its last."""
        packets = []
        last = len(unit.payloads) - 1
        for number, payload in enumerate(unit.payloads):
            kind = 96 | (0x80 if number == last else 0)
            packets.append(struct.pack(">BBHII", 0x80, kind, self.sequence, rtp_time, 1) + payload)
            self.sequence = (self.sequence + 1) & 0xFFFF
        return packets


class RtspServer(LoopbackServer):
    """Serves one stream as ``rtsp://127.0.0.1:PORT/yard``.

    Args:
        video: H.264 file, or a clip (``clock_clip`` burns in the number of each picture).
        transports: What SETUP accepts: "tcp", "udp" or both.
        codec: Name of the codec in the description; an unknown one cannot be played.
        login, status, tls: See ``LoopbackServer``.
    """

    def __init__(
        self,
        video: Path | Clip,
        *,
        transports: tuple[str, ...] = ("tcp", "udp"),
        codec: str = "H264",
        login: Login | None = None,
        status: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(login=login, status=status, tls=tls)
        self.clip = video if isinstance(video, Clip) else read_clip(video)
        self.newest = 0
        self.setups: list[str] = []
        self._transports, self._codec = transports, codec
        self._sessions: set[_Session] = set()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        """Address of the stream, without login."""
        return f"{'rtsps' if self._tls else 'rtsp'}://127.0.0.1:{self.port}/yard"

    def show(self, clip: Clip) -> None:
        """Go on with another clip, of any size, within the running streams."""
        self.call(lambda: setattr(self, "clip", clip))

    def end(self) -> None:
        """End every stream properly: RTCP BYE, then the connection is closed."""

        def end_all() -> None:
            for session in self._sessions:
                self._send(session, 1, [struct.pack(">BBHI", 0x81, 203, 1, 1)])
                session.playing = False
                session.writer.close()

        self.call(end_all)

    def age_s(self, picture: NDArray[np.uint8]) -> float:
        """Seconds between the newest picture sent and this one, modulo the length of the clock clip."""
        return (self.newest - read_clock(picture)) % len(self.clip.units) / self.clip.rate_hz

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._udp.close()

    def started(self) -> None:
        self.background(self._broadcast())

    async def _broadcast(self) -> None:
        begin, clip, rounds, number = time.monotonic(), self.clip, 0, 0
        while True:
            if clip is not self.clip:
                begin += rounds * clip.duration_s + clip.units[number].sent_s
                clip, rounds, number = self.clip, 0, 0
            unit, passed_s = clip.units[number], rounds * clip.duration_s
            await asyncio.sleep(begin + passed_s + unit.sent_s - time.monotonic())
            if self._flowing.is_set():
                self._deliver(unit, int((begin + passed_s + unit.shown_s) * _CLOCK_HZ) & 0xFFFFFFFF)
                self.newest = number
            rounds, number = (rounds, number + 1) if number + 1 < len(clip.units) else (rounds + 1, 0)

    def _deliver(self, unit: AccessUnit, rtp_time: int) -> None:
        for session in self._sessions:
            if session.wants(unit):
                self._send(session, 0, session.packets(unit, rtp_time))

    def _send(self, session: _Session, kind: int, packets: list[bytes]) -> None:
        """Send RTP (kind 0) or RTCP (kind 1) packets."""
        if session.channel is not None:
            frames = (struct.pack(">BBH", 0x24, session.channel + kind, len(packet)) + packet for packet in packets)
            session.writer.write(b"".join(frames))
        elif session.rtp_peer is not None:
            host, port = session.rtp_peer
            for packet in packets:
                self._udp.sendto(packet, (host, port + kind))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(writer)
        self._sessions.add(session)
        try:
            while True:
                first = await reader.readexactly(1)
                if first == b"$":  # an RTCP report of the client
                    await reader.readexactly(struct.unpack(">BH", await reader.readexactly(3))[1])
                    continue
                request = first + await reader.readuntil(b"\r\n\r\n")
                await self._flowing.wait()
                writer.write(self._answer(session, *parse_request(request)))
        finally:
            self._sessions.discard(session)

    def _answer(self, session: _Session, method: str, target: str, headers: dict[str, str]) -> bytes:
        status, extra, body = "200 OK", "", ""
        if method == "OPTIONS":
            extra = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN\r\n"
        elif self.status:
            status = self.status
        elif self.login is not None and not self.login.accepts(headers.get("authorization", ""), method):
            status, extra = "401 Unauthorized", f"WWW-Authenticate: {self.login.challenge}\r\n"
        elif method == "DESCRIBE":
            body = self._description()
            extra = f"Content-Type: application/sdp\r\nContent-Base: {target}/\r\n"
        elif method == "SETUP":
            status, extra = self._set_up(session, headers.get("transport", ""))
        elif method in {"PLAY", "TEARDOWN"}:
            session.playing, session.in_step = method == "PLAY", False
        head = f"RTSP/1.0 {status}\r\nCSeq: {headers.get('cseq', '0')}\r\nSession: 1;timeout=60\r\n{extra}"
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def _set_up(self, session: _Session, transport: str) -> tuple[str, str]:
        kind = "tcp" if "/TCP" in transport.upper() else "udp"
        ports = re.search(r"(?:interleaved|client_port)=(\d+)", transport)
        if kind not in self._transports or ports is None:
            return "461 Unsupported Transport", ""
        self.setups.append(kind)
        port = int(ports[1])
        if kind == "tcp":
            session.channel = port
            return "200 OK", f"Transport: RTP/AVP/TCP;unicast;interleaved={port}-{port + 1}\r\n"
        session.rtp_peer = (session.writer.get_extra_info("peername")[0], port)
        own = self._udp.getsockname()[1]
        both = f"client_port={port}-{port + 1};server_port={own}-{own}"
        return "200 OK", f"Transport: RTP/AVP;unicast;{both};ssrc=00000001\r\n"

    def _description(self) -> str:
        sets = self.clip.parameter_sets
        encoded = ",".join(base64.b64encode(nal).decode() for nal in sets)
        return "\r\n".join(
            (
                "v=0",
                "o=- 1 1 IN IP4 127.0.0.1",
                "s=yard",
                "c=IN IP4 127.0.0.1",
                "t=0 0",
                "a=control:*",
                "m=video 0 RTP/AVP 96",
                f"a=rtpmap:96 {self._codec}/{_CLOCK_HZ}",
                f"a=fmtp:96 packetization-mode=1;profile-level-id={sets[0][1:4].hex()};sprop-parameter-sets={encoded}",
                f"a=framerate:{self.clip.rate_hz:g}",
                "a=control:track1",
                "",
            )
        )
