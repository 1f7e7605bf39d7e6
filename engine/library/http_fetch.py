"""One try to fetch the rest of a file over HTTP. Whether another try follows is decided elsewhere."""

from __future__ import annotations

import re
import ssl
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import certifi
import urllib3
from urllib3 import exceptions
from urllib3.response import BaseHTTPResponse

from engine.errors import DownloadError
from engine.library.part_file import PartFile
from engine.library.wanted import Wanted

_BLOCK = 2**16
_MISSING = (404, 410)
_TEMPORARY = (408, 425, 429, 500, 502, 503, 504)
_LOOPBACK = "127.0.0.1"

_REASONS = (
    (exceptions.NameResolutionError, "The server's name cannot be found: there may be no network"),
    (exceptions.NewConnectionError, "No connection to the server can be made"),
    (exceptions.ConnectTimeoutError, "The server does not answer"),
    (exceptions.ProxyError, "The proxy of this network does not let us through"),
    (exceptions.ReadTimeoutError, "The server stopped sending"),
    (exceptions.HTTPError, "The connection broke off"),
)
"""Kinds of trouble, the more special ones first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often.

    Attributes:
        connect_s, read_s: Longest silence while connecting, and between two pieces.
        tries: Tries in a row that bring nothing new.
        first_pause_s, longest_pause_s: Between tries; each pause is twice the one before.
        redirects: Followed at most.
        plain_http: Take http from 127.0.0.1, where nobody can listen.
    """

    connect_s: float = 10.0
    read_s: float = 15.0
    tries: int = 5
    first_pause_s: float = 1.0
    longest_pause_s: float = 15.0
    redirects: int = 5
    plain_http: bool = False


class InterruptedFetchError(Exception):
    """It did not work this time. ``wait_s`` is how long the server wants us to wait, 0 where it does not say."""

    def __init__(self, reason: str, wait_s: float = 0.0, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.wait_s, self.detail = reason, wait_s, detail


def fetch_rest(wanted: Wanted, part: PartFile, limits: Limits, done: Callable[[int], None]) -> None:
    """Fetch what is missing, from where the part ends; ``done(bytes)`` is called for each piece and may raise.

    Raises:
        InterruptedFetchError: Another try may bring more.
        DownloadError: Another try would bring the same, or the disk is full.
    """
    try:
        with _pool(wanted.address) as pool:
            response = _answer(pool, wanted, part, limits)
            try:
                _receive(response, wanted, part, done)
            finally:
                response.close()
    except exceptions.SSLError as error:
        raise DownloadError(
            "The server's certificate cannot be trusted",
            subject=_host(wanted.address),
            remedy="Check the date of this computer, and ask who runs this network whether it looks into connections",
            detail=str(error),
        ) from error
    except exceptions.HTTPError as error:
        reason = next(words for kind, words in _REASONS if isinstance(error, kind))
        raise InterruptedFetchError(reason, detail=str(error)) from error


def _answer(pool: urllib3.PoolManager, wanted: Wanted, part: PartFile, limits: Limits) -> BaseHTTPResponse:
    """The answer of the last of the servers that we are sent to."""
    address = wanted.address
    timeout = urllib3.Timeout(connect=limits.connect_s, read=limits.read_s)
    for _ in range(limits.redirects + 1):
        _check_address(address, limits)
        response = pool.request(
            "GET",
            address,
            headers=_headers(part),
            timeout=timeout,
            preload_content=False,
            redirect=False,
            retries=False,
        )
        location = response.get_redirect_location()
        if not location:
            return response
        response.close()
        address = urljoin(address, location)
    raise DownloadError("The server sends us round in circles", subject=_host(wanted.address), remedy="Try again later")


def _headers(part: PartFile) -> dict[str, str]:
    """A range only where something is there already, and only of the same version (RFC 9110, 13.1.5 and 14.2)."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "Inferoscope"}
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
        if part.tag and not part.tag.startswith("W/"):
            headers["If-Range"] = part.tag
    return headers


def _check_address(address: str, limits: Limits) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == _LOOPBACK and limits.plain_http):
        return
    raise DownloadError(
        "The address is not a secure one", subject=_host(address), expected="https", remedy="Try again later"
    )


def _receive(response: BaseHTTPResponse, wanted: Wanted, part: PartFile, done: Callable[[int], None]) -> None:
    _check_status(response, wanted, part)
    if response.status == 206:
        _check_range(response, wanted, part)
    else:
        _check_size(_number(response.headers.get("Content-Length")), wanted)
        part.begin(response.headers.get("ETag", ""))
    if not part.append(lambda: response.read1(_BLOCK, decode_content=False), wanted.size, done):
        part.discard()
        raise _wrong_size(wanted, "more")
    if part.size < wanted.size:
        raise InterruptedFetchError("The connection ended early")


def _check_status(response: BaseHTTPResponse, wanted: Wanted, part: PartFile) -> None:
    status = response.status
    if status in (200, 206):
        return
    if status == 416:
        part.discard()
        raise InterruptedFetchError("The server no longer has the part that is missing")
    if status in _TEMPORARY:
        raise InterruptedFetchError(
            f"The server has trouble ({status})", float(_number(response.headers.get("Retry-After")) or 0)
        )
    what = "The server does not have this file" if status in _MISSING else "The server refuses to give this file"
    raise DownloadError(f"{what} ({status})", subject=wanted.address, remedy="Try again later")


def _check_range(response: BaseHTTPResponse, wanted: Wanted, part: PartFile) -> None:
    """The answer must begin where our part ends."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != part.size:
        part.discard()
        raise InterruptedFetchError("The server sent another part than the one that was missing")
    _check_size(_number(found[2]), wanted)


def _check_size(size: int | None, wanted: Wanted) -> None:
    if size is not None and size != wanted.size:
        raise _wrong_size(wanted, f"{size} bytes")


def _wrong_size(wanted: Wanted, found: str) -> DownloadError:
    return DownloadError(
        f"The server offers another file than the one in the catalogue ({found})",
        subject=wanted.address,
        expected=f"{wanted.size} bytes",
        remedy="Try again later",
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _pool(address: str) -> urllib3.PoolManager:
    """Connections through the proxy that the system names, with the certificates of the system and of Mozilla."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())  # a program that was frozen elsewhere may not find the system's
    proxy = urllib.request.getproxies().get(urlsplit(address).scheme)
    host = urlsplit(address).hostname or ""
    if proxy and host != _LOOPBACK and not urllib.request.proxy_bypass(host):
        return urllib3.ProxyManager(proxy, ssl_context=context)
    return urllib3.PoolManager(ssl_context=context)


def _host(address: str) -> str:
    return urlsplit(address).hostname or address
