"""Passwords in the keyring of the system: Secret Service, KWallet, macOS, Windows. Never in a plain file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.errors import InferoscopeError
from gui.texts import text

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_log = logging.getLogger(__name__)

_SERVICE = "Inferoscope"
_TRUSTED = frozenset(
    f"keyring.backends.{name}" for name in ("SecretService", "libsecret", "kwallet", "macOS", "Windows")
)
"""Modules of keyrings that are part of the system. Others write files, some of them in plain text."""


def system_keyring() -> KeyringBackend | None:
    """The system's own keyring; None where there is none, or the person has turned it off. May wait."""
    import keyring

    chosen = keyring.get_keyring()
    candidates = [chosen, *getattr(chosen, "backends", [])]  # several are behind one that asks them in turn
    return next((backend for backend in candidates if type(backend).__module__ in _TRUSTED), None)


class KeyringSecrets:
    """Fulfils ``gui.presenters.secrets.Secrets``.

    What is known for this run stands in one dictionary, whose single steps are atomic: tasks ask at the same time.

    Args:
        find: Finds the keyring; may wait, may fail.
    """

    def __init__(self, find: Callable[[], KeyringBackend | None] = system_keyring) -> None:
        self._find = find
        self._held: dict[str, str] = {}

    @property
    def held(self) -> tuple[str, ...]:
        """The full addresses that are known in this run: so that they can be found in texts, and hidden there."""
        return tuple(self._held.values())

    def hold(self, redacted: str, full: str) -> None:
        """Know it until the program ends. Never waits."""
        self._held[redacted] = full

    def remember(self, redacted: str, full: str) -> None:
        """Know it at the next start, too.

        Raises:
            InferoscopeError: There is no keyring to be trusted; it is known until the program ends.
        """
        self.hold(redacted, full)
        try:
            backend = self._find()
            if backend is not None:
                backend.set_password(_SERVICE, redacted, full)
        except Exception as error:  # noqa: BLE001 - keyrings are foreign code; the text of it may hold the password
            raise _not_kept(text("Secrets", "the keyring did not take them"), type(error).__name__) from None
        if backend is None:
            raise _not_kept(text("Secrets", "there is no keyring on this computer"))

    def full_address(self, redacted: str) -> str | None:
        """The address with its secrets, None where it is not known."""
        held = self._held.get(redacted)
        if held is not None:
            return held
        try:
            backend = self._find()
            full = backend.get_password(_SERVICE, redacted) if backend is not None else None
        except Exception as error:  # noqa: BLE001 - as above; the person is asked
            _log.warning("The keyring cannot be asked (%s)", type(error).__name__)
            return None
        if full is not None:
            self.hold(redacted, full)
        return full

    def forget(self, redacted: str) -> None:
        """Know it no longer."""
        self._held.pop(redacted, None)
        try:
            backend = self._find()
            if backend is not None and backend.get_password(_SERVICE, redacted) is not None:
                backend.delete_password(_SERVICE, redacted)
        except Exception as error:  # noqa: BLE001 - as above; what cannot be asked has nothing to forget
            _log.warning("The keyring did not forget an address (%s)", type(error).__name__)


def _not_kept(why: str, detail: str = "") -> InferoscopeError:
    return InferoscopeError(
        text("Secrets", "Passwords are known only until the program ends: {why}").format(why=why),
        remedy=text("Secrets", "You will be asked for them at the next start"),
        detail=detail,
    )
