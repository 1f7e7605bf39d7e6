"""Where passwords of addresses are: in the system's keyring, or for this run alone. Never in a file of ours."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from engine.addresses import is_network_address

HIDDEN = "***"
"""Stands for a secret in an address that is shown or kept."""


class Secrets(Protocol):
    """Full addresses, found by what is shown of them."""

    def hold(self, redacted: str, full: str) -> None:
        """Know it until the program ends. Never waits."""

    def remember(self, redacted: str, full: str) -> None:
        """Know it at the next start, too. May wait for the person to unlock the keyring: inside a task alone.

        Raises:
            InferoscopeError: There is no keyring to be trusted; it is known until the program ends.
        """

    def full_address(self, redacted: str) -> str | None:
        """The address with its secrets, None where it is not known. May wait: inside a task alone."""

    def forget(self, redacted: str) -> None:
        """Know it no longer. May wait: inside a task alone."""


def join_login(address: str, user: str, password: str) -> str:
    """Put user and password into an address, instead of those that it has; special characters percent-encoded."""
    scheme, mark, rest = address.strip().partition("://")
    authority, slash, path = rest.partition("/")
    place = authority.rpartition("@")[2]
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return f"{scheme}{mark}{login}@{place}{slash}{path}" if login else f"{scheme}{mark}{place}{slash}{path}"


def hides_login_alone(redacted: str) -> bool:
    """Whether user and password complete the address: nothing else of it is hidden."""
    return is_network_address(redacted) and HIDDEN not in join_login(redacted, "", "")
