"""Addresses of network sources without their secrets. Passwords stop here: nothing redacted is ever undone."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

NETWORK_SCHEMES = ("rtsp", "rtsps", "http", "https")
_SECRET_PARAMETER = re.compile(
    r"(?i)([?&;](?:password|passwd|pwd|pass|token|auth|key|secret|user|username|usr)=)[^&;#]*"
)
_USERINFO = re.compile(r"(?i)\b((?:rtsps?|https?)://)[^/@\s]*(?:@[^/@\s]*)*@")


def is_network_address(text: str) -> bool:
    """True for ``rtsp://``, ``rtsps://``, ``http://`` and ``https://`` addresses."""
    return text.split("://", 1)[0].lower() in NETWORK_SCHEMES and "://" in text


def redact(text: str) -> str:
    """Replace user, password and secret parameters of every address in a text by ``***``."""
    return _SECRET_PARAMETER.sub(r"\1***", _USERINFO.sub(r"\1***@", text))


def split_credentials(address: str) -> tuple[str, str | None, str | None]:
    """Split an address into (address without user info, user, password), the latter as written (percent-encoded)."""
    parts = urlsplit(address)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return address, None, None
    user, _, password = userinfo.partition(":")
    return urlunsplit(parts._replace(netloc=host)), user, password
