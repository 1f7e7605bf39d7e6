from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import keyring
import pytest
from keyring.backends import SecretService, fail, null
from keyring.errors import KeyringLocked

from engine.errors import InferoscopeError
from gui.bridge.keyring_secrets import KeyringSecrets, system_keyring

FULL = "rtsp://admin:s3cret@10.0.0.7/yard"
SHOWN = "rtsp://***@10.0.0.7/yard"


class Memory:
    """A keyring that outlives the program. No ``KeyringBackend``: those are listed once they are defined."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Locked(Memory):
    """One that the person does not unlock."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("dismissed")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(f"dismissed for {password}")


class PlaintextKeyring(Memory):
    """As ``keyrings.alt`` has it."""


PlaintextKeyring.__module__ = "keyrings.alt.file"


def program(backend: Any) -> KeyringSecrets:
    return KeyringSecrets(lambda: backend)


def test_a_password_is_known_at_the_next_start() -> None:
    backend = Memory()
    program(backend).remember(SHOWN, FULL)
    assert program(backend).full_address(SHOWN) == FULL
    assert program(backend).full_address("rtsp://***@other/") is None


def test_what_was_forgotten_is_not_known() -> None:
    backend = Memory()
    secrets = program(backend)
    secrets.remember(SHOWN, FULL)
    secrets.forget(SHOWN)
    secrets.forget(SHOWN)
    assert secrets.full_address(SHOWN) is None
    assert backend.kept == {}


def test_a_password_for_this_run_is_not_given_to_the_keyring() -> None:
    backend = Memory()
    secrets = program(backend)
    secrets.hold(SHOWN, FULL)
    assert secrets.full_address(SHOWN) == FULL
    assert backend.kept == {}


def test_a_new_password_replaces_the_old_one() -> None:
    backend = Memory()
    secrets = program(backend)
    secrets.remember(SHOWN, FULL)
    secrets.remember(SHOWN, "rtsp://admin:better@10.0.0.7/yard")
    assert program(backend).full_address(SHOWN) == "rtsp://admin:better@10.0.0.7/yard"


@pytest.mark.parametrize("backend", [None, Locked()], ids=["none", "locked"])
def test_without_a_keyring_it_is_known_until_the_program_ends(backend: Memory | None) -> None:
    secrets = program(backend)
    with pytest.raises(InferoscopeError, match="only until the program ends") as caught:
        secrets.remember(SHOWN, FULL)
    assert "s3cret" not in str(caught.value) + caught.value.detail
    assert caught.value.__cause__ is None
    assert secrets.full_address(SHOWN) == FULL
    assert program(backend).full_address(SHOWN) is None


def test_a_locked_keyring_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    secrets = program(Locked())
    assert secrets.full_address(SHOWN) is None
    secrets.forget(SHOWN)
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    "backend", [fail.Keyring(), null.Keyring(), PlaintextKeyring()], ids=["none", "turned off", "plain text"]
)
def test_only_a_keyring_of_the_system_is_trusted(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    assert system_keyring() is None


def test_the_system_s_keyring_is_found_behind_others(monkeypatch: pytest.MonkeyPatch) -> None:
    system = SecretService.Keyring()

    several = SimpleNamespace(backends=[PlaintextKeyring(), system])
    monkeypatch.setattr(keyring, "get_keyring", lambda: several)
    assert system_keyring() is system
    monkeypatch.setattr(keyring, "get_keyring", lambda: system)
    assert system_keyring() is system
