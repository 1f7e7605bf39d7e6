"""Why a network stream cannot be had: OpenCV only says no, so the server is asked once more, by hand.

One request (RTSP ``DESCRIBE``, HTTP ``GET``), again with user and password where the server wants them, and again
where it points elsewhere; everything within one time limit, nothing read beyond ``_READ_LIMIT_BYTES``. What a server
says is never repeated but for numbers and codec names of plain letters. As OpenCV's FFmpeg does, certificates are not
checked (cameras have their own) and of the ways to log in only Basic (RFC 7617) and MD5 Digest (RFC 7616) are known.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import re
import secrets
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from engine.addresses import NetworkAddress, parse_address
from engine.errors import SourceError, SourceReason

PROBE_LIMIT_S = 3.0
_READ_LIMIT_BYTES = 65_536
_REQUESTS = 5
_CODEC_NAME = re.compile(r"(?mi)^a=rtpmap:\d+ ([A-Z0-9._-]{1,20})/")
_STATUS = re.compile(r"(?:RTSP|HTTP)/\d\.\d (\d{3})")
_DIRECTIVE = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^,\s]*))')


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no stream: in one word, and as a clause for a person ("connection refused")."""

    reason: SourceReason
    why: str


_STATUSES = {
    403: Failure(SourceReason.AUTHENTICATION, "this user may not see the stream"),
    404: Failure(SourceReason.NOT_FOUND, "the server has no stream of this name"),
    408: Failure(SourceReason.TIMEOUT, "the server gave up waiting"),
    410: Failure(SourceReason.NOT_FOUND, "the stream is gone from the server"),
    504: Failure(SourceReason.TIMEOUT, "the server waits for the camera"),
}
_ERRORS: tuple[tuple[type[OSError], Failure], ...] = (
    (socket.gaierror, Failure(SourceReason.NOT_FOUND, "there is no host of this name")),
    (TimeoutError, Failure(SourceReason.TIMEOUT, "the server does not answer")),
    (ConnectionRefusedError, Failure(SourceReason.REFUSED, "connection refused")),
    (ssl.SSLError, Failure(SourceReason.REFUSED, "no encrypted connection can be made")),
    (ConnectionError, Failure(SourceReason.REFUSED, "the server broke the connection")),
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a server said: its status, its headers (names in lower case) and the beginning of the body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]

    def first(self, name: str) -> str:
        """The first value of a header, "" where there is none."""
        return next(iter(self.all(name)), "")


def find_reason(address: NetworkAddress, limit_s: float = PROBE_LIMIT_S) -> Failure:
    """Ask a server whose stream could not be opened what is wrong. Takes ``limit_s`` at most, and a name look-up."""
    try:
        return _ask(address, time.monotonic() + limit_s)
    except UnicodeError:
        return Failure(SourceReason.NOT_FOUND, "this cannot be the name of a host")
    except OSError as error:
        return _explain_error(error)


def _explain_error(error: OSError) -> Failure:
    for kind, failure in _ERRORS:
        if isinstance(error, kind):
            return failure
    if error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN}:
        return Failure(SourceReason.NOT_FOUND, "the host cannot be reached")
    name = errno.errorcode.get(error.errno or 0, "an unknown error")
    return Failure(SourceReason.REFUSED, f"no connection ({name})")


def _ask(address: NetworkAddress, deadline_s: float) -> Failure:
    """Ask until there is an answer that is neither a question for the password nor a pointer elsewhere."""
    authorisation = ""
    answer = _Answer(0)
    for _ in range(_REQUESTS):
        answer = _request(address, authorisation, deadline_s)
        if answer.status == 401 and not authorisation:
            authorisation = _authorise(address, answer.all("www-authenticate"))
            if authorisation:
                continue
        if 300 <= answer.status < 400 and (place := _follow(address, answer.first("location"))):
            address, authorisation = place, ""
            continue
        break
    return _explain(address, answer, bool(authorisation))


def _follow(address: NetworkAddress, location: str) -> NetworkAddress | None:
    """Where a server points to; user and password go along to the same host only."""
    if not location:
        return None
    try:
        place = parse_address(urljoin(address.plain, location))
    except (SourceError, ValueError):
        return None
    if (place.scheme, place.host, place.port) != (address.scheme, address.host, address.port):
        return place
    return replace(place, user=address.user, password=address.password)


def _request(address: NetworkAddress, authorisation: str, deadline_s: float) -> _Answer:
    """Send one request over a connection of its own."""
    over_http = address.scheme.startswith("http")
    host = f"[{address.host}]" if ":" in address.host else address.host
    if over_http:
        lines = [f"GET {address.target} HTTP/1.1", f"Host: {host}:{address.port}", "Connection: close", "Accept: */*"]
    else:
        lines = [f"DESCRIBE {address.plain} RTSP/1.0", "CSeq: 1", "Accept: application/sdp"]
    if authorisation:
        lines.append(f"Authorization: {authorisation}")
    with _connect(address, deadline_s) as connection:
        connection.settimeout(_remaining_s(deadline_s))
        connection.sendall("\r\n".join((*lines, "", "")).encode())
        return _receive(connection, deadline_s, with_body=not over_http)


def _connect(address: NetworkAddress, deadline_s: float) -> socket.socket:
    """Connect to the first of the host's places that answers."""
    failure = OSError()
    for family, kind, _, _, place in socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind)
        try:
            connection.settimeout(_remaining_s(deadline_s))
            connection.connect(place)
            return _encrypt(connection, address.host) if address.encrypted else connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def _encrypt(connection: socket.socket, host: str) -> socket.socket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname=host)


def _remaining_s(deadline_s: float) -> float:
    remaining_s = deadline_s - time.monotonic()
    if remaining_s <= 0:
        raise TimeoutError
    return remaining_s


def _receive(connection: socket.socket, deadline_s: float, *, with_body: bool) -> _Answer:
    """Read the head of an answer, and its body as far as it is wanted and not too long."""
    data = _read_on(connection, b"", deadline_s, lambda read: b"\r\n\r\n" in read)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    match = _STATUS.match(first)
    if match is None:
        return _Answer(0)
    pairs = (line.partition(":") for line in lines)
    answer = _Answer(int(match[1]), tuple((name.strip().lower(), value.strip()) for name, _, value in pairs))
    if with_body and (length := answer.first("content-length")).isdecimal():
        body = _read_on(connection, body, deadline_s, lambda read: len(read) >= int(length[:9]))
        answer = replace(answer, body=body.decode("latin-1"))
    return answer


def _read_on(connection: socket.socket, data: bytes, deadline_s: float, done: Callable[[bytes], bool]) -> bytes:
    """Read until it is enough, the server ends, or the limit is reached."""
    while not done(data) and len(data) < _READ_LIMIT_BYTES:
        connection.settimeout(_remaining_s(deadline_s))
        more = connection.recv(4096)
        if not more:
            break
        data += more
    return data


def _authorise(address: NetworkAddress, challenges: list[str]) -> str:
    """The Authorization header that answers one of the challenges; "" where there is none that can be answered."""
    if address.user is None:
        return ""
    password = address.password or ""
    for challenge in sorted(challenges, key=lambda text: not text.lower().startswith("digest")):
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic":
            return f"Basic {base64.b64encode(f'{address.user}:{password}'.encode()).decode()}"
        directives = {name.lower(): quoted or plain for name, quoted, plain in _DIRECTIVE.findall(rest)}
        if scheme.lower() == "digest" and directives.get("algorithm", "MD5").upper() == "MD5":
            return _digest(address, password, directives)
    return ""


def _digest(address: NetworkAddress, password: str, challenge: dict[str, str]) -> str:
    """Digest with MD5, with ``qop=auth`` where the server offers it (RFC 7616, section 3.4.1)."""
    over_http = address.scheme.startswith("http")
    method, uri = ("GET", address.target) if over_http else ("DESCRIBE", address.plain)
    realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
    values = {"username": address.user or "", "realm": realm, "nonce": nonce, "uri": uri}
    counted = ""
    if "auth" in challenge.get("qop", "").replace(" ", "").split(","):
        cnonce = secrets.token_hex(8)
        counted = f"00000001:{cnonce}:auth:"
        values["cnonce"] = cnonce
    secret, action = _md5(f"{address.user}:{realm}:{password}"), _md5(f"{method}:{uri}")
    values["response"] = _md5(f"{secret}:{nonce}:{counted}{action}")
    if "opaque" in challenge:
        values["opaque"] = challenge["opaque"]
    quoted = ", ".join(f'{name}="{value}"' for name, value in values.items())
    return f"Digest {quoted}" + (", qop=auth, nc=00000001" if counted else "")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _explain(address: NetworkAddress, answer: _Answer, was_authorised: bool) -> Failure:
    status = answer.status
    if status == 0:
        protocol = "HTTP" if address.scheme.startswith("http") else "RTSP"
        return Failure(SourceReason.REFUSED, f"what answers there does not speak {protocol}")
    if status == 401:
        return Failure(SourceReason.AUTHENTICATION, _explain_login(address, was_authorised))
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 300:
        return Failure(SourceReason.REFUSED, f"the server answered with status {status}")
    return Failure(SourceReason.CODEC, _explain_content(address, answer))


def _explain_login(address: NetworkAddress, was_authorised: bool) -> str:
    if address.user is None:
        return "the server asks for user and password"
    return "user or password is wrong" if was_authorised else "the server asks for a way to log in that is not known"


def _explain_content(address: NetworkAddress, answer: _Answer) -> str:
    """Why a stream that the server gives cannot be shown."""
    if address.scheme.startswith("http"):
        is_text = answer.first("content-type").lower().startswith(("text/", "application/json"))
        return "this is a page of text, not a video" if is_text else "no picture could be decoded from it"
    if "m=video" not in answer.body:
        return "the stream has no video"
    names = sorted({name.upper() for name in _CODEC_NAME.findall(answer.body.partition("m=video")[2])})
    return f"no picture could be decoded from it ({', '.join(names[:3]) or 'its codec is not named'})"
