"""Addresses of network sources without their secrets. Passwords stop here: nothing redacted is ever undone."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from engine.errors import SourceError

NETWORK_SCHEMES = ("rtsp", "rtsps", "http", "https")
_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_BEGINNING = r"\b(?:rtsps?|https?)(?::[/\\]*|[/\\]{1,2})"
"""Of an address, as it should be and as people mistype it; ``Path`` makes one slash of two."""
_USER = r"[^\s:@/\\'\"]"
_BARE_LOGIN = (
    rf"(?<![^\s@])(?=[^\s@]++@[\w\[])(?P<before>(?:(?!{_BEGINNING})[^\s@])*?)"
    rf"(?<!{_USER})(?!{_BEGINNING})(?:{_USER}:(?![/\\])|{_USER}{{2,}}+:)[^\s@]++"
)
"""``user:password`` without a scheme before it; ``C:/`` is no user. Like all here it looks at each letter a bounded
number of times, for it may meet very long lines."""
_ADDRESS = re.compile(rf"(?is)(?P<beginning>{_BEGINNING})(?P<rest>.*?)(?=\s{_BEGINNING}|\Z)|{_BARE_LOGIN}")
_NAME = r"[^=&;?/\s]"
_SECRET_PARAMETER = re.compile(
    rf"(?i)((?<!{_NAME})(?={_NAME}++=)"
    rf"(?:{_NAME}*?(?:pass|pwd|psw|pw|token|auth|key|secret|usr|user|login|cred|sign?|session|sid|jwt|hash){_NAME}*+"
    rf"|(?:{_NAME}*[_#])?p)=)[^&\s]*"
)
_AUTHORITY_END = re.compile(r"[/?#\\]")


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """The parts of an address that a client needs, percent-encoding undone in user and password.

    Attributes:
        scheme: "rtsp", "rtsps", "http" or "https".
        host: Name or number, IPv6 without its brackets.
        port: 1 to 65535.
        full: The whole address, blanks and letters beyond ASCII percent-encoded.
        plain: The same without user and password.
        target: Path and query of it.
        title: The address as a person may see it.
        user, password: None where there is none.
    """

    scheme: str
    host: str
    port: int
    full: str = field(repr=False)
    plain: str = field(repr=False)
    target: str = field(repr=False)
    title: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def encrypted(self) -> bool:
        """True for the schemes over TLS."""
        return self.scheme.endswith("s")


def is_network_address(text: str) -> bool:
    """True for ``rtsp://``, ``rtsps://``, ``http://`` and ``https://`` addresses."""
    return text.split("://", 1)[0].lower() in NETWORK_SCHEMES and "://" in text


def redact(text: str) -> str:
    """Replace user, password and secret parameters of every address in a text by ``***``.

    People type passwords with any character, also those that should be percent-encoded (``/ ? # @`` and blanks). So
    all before the last ``@`` of an address is taken for user and password unless that is plainly wrong: rather too
    much is hidden than too little. So are the beginnings of an address that people mistype, and logins without one.
    """
    return _ADDRESS.sub(_redact_match, text)


def _redact_match(found: re.Match[str]) -> str:
    if found["beginning"] is None:
        return f"{found['before']}***"
    return found["beginning"] + _redact_rest(found["rest"])


def _redact_rest(rest: str) -> str:
    login = _login(rest)
    shown = rest if login is None else f"***{rest[len(login) :]}"
    return _SECRET_PARAMETER.sub(r"\1***", shown)


def _login(rest: str) -> str | None:
    """What may be user and password in an address without its scheme; None where there can be none."""
    login, at, _ = rest.rpartition("@")
    return login if at and (":" in login or not _AUTHORITY_END.search(login)) else None


def parse_address(text: str) -> NetworkAddress:
    """Take an address apart.

    Raises:
        SourceError: It has no host, its port is no number, or it cannot be told where the password ends: mostly
            because of a bare ``/``, ``#`` or ``?`` in the password.
    """
    parts, host, port = _split(text.strip())
    scheme = parts.scheme.lower()
    if scheme not in NETWORK_SCHEMES or not host or port == 0:
        raise _malformed(text)
    userinfo, at, place = parts.netloc.rpartition("@")
    if _login(text.strip().partition("://")[2]) != (userinfo if at else None):
        raise _malformed(text)
    user, colon, password = userinfo.partition(":")
    path, query = (quote(part, safe=string.punctuation) for part in (parts.path, parts.query))
    return NetworkAddress(
        scheme=scheme,
        host=host,
        port=port or _DEFAULT_PORTS[scheme],
        full=urlunsplit((scheme, parts.netloc, path, query, "")),
        plain=urlunsplit((scheme, place, path, query, "")),
        target=urlunsplit(("", "", path or "/", query, "")),
        title=redact(text.strip()),
        user=unquote(user) if at else None,
        password=unquote(password) if colon else None,
    )


def _split(text: str) -> tuple[SplitResult, str | None, int | None]:
    try:
        parts = urlsplit(text)
        return parts, parts.hostname, parts.port
    except ValueError:
        raise _malformed(text) from None  # the text of the ValueError may hold a part of the password


def _malformed(text: str) -> SourceError:
    return SourceError(
        "This is not an address of a stream",
        subject=redact(text),
        expected="SCHEME://USER:PASSWORD@HOST:PORT/PATH with rtsp, rtsps, http or https",
        remedy="Write special characters percent-encoded: @ as %40, : as %3A, / as %2F, # as %23, ? as %3F",
    )
