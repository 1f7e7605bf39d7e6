"""What tells who works on which computer, and what they watch: found here so that it can be hidden."""

from __future__ import annotations

import getpass
import os
import re
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from engine.addresses import is_network_address, redact
from engine.anonymous import HIDDEN, Anonymiser
from engine.folders import cache_folder, data_folder

_USER_VARIABLES = ("USER", "LOGNAME", "USERNAME", "SUDO_USER")
_HOST_VARIABLES = ("HOSTNAME", "COMPUTERNAME", "USERDOMAIN")
_HOME_VARIABLES = ("HOME", "USERPROFILE", "PUBLIC", "OneDrive")
_SECRET_VARIABLE = re.compile(r"(?i)token|secret|passw|pwd|api_?key|access_?key|credential")
_TELLS_NOBODY = frozenset(
    (
        *("root", "user", "admin", "administrator", "guest", "home", "default", "localhost", "workgroup"),
        *("linux", "windows", "debian", "ubuntu", "fedora", "darwin", "macos", "python", "inferoscope"),
        *("camera", "webcam", "usb", "video", "demo", "live", "model"),
    )
)
"""Names that many have; to hide them would hide what others need to read."""
_LEAST, _LEAST_PART = 2, 3
_LEAST_SECRET = 6


@dataclass
class Identity:
    """What is to be hidden.

    Attributes:
        words: What must not be told -> what stands for it.
        folders: The program's own folders -> what stands for them.
        homes: Folders of the person.
    """

    words: dict[str, str] = field(default_factory=dict)
    folders: dict[Path, str] = field(default_factory=dict)
    homes: list[Path] = field(default_factory=list)

    def add(self, words: Iterable[str], shown: str, least: int = _LEAST) -> None:
        """Hide these words; what tells nobody is left out."""
        for word in map(str.strip, words):
            if len(word) >= least and word.casefold() not in _TELLS_NOBODY and not word.isdecimal():
                self.words.setdefault(word, shown)

    def add_camera(self, number: int, names: Iterable[str]) -> None:
        """Hide the names of a camera: what its maker or the person calls it, and where it is in the network."""
        self.add((part for name in names for part in _camera_words(name)), f"<camera-{number}>")

    def add_secret_address(self, address: str) -> None:
        """Hide the login of a full address, and what else of it is shown to nobody."""
        self.add(_secrets_of(address), HIDDEN)

    def anonymiser(self) -> Anonymiser:
        """Who hides all of it."""
        return Anonymiser(self.words, self.folders, self.homes)


def own_identity() -> Identity:
    """The person, the computer, its folders, and secrets of the environment; no cameras yet."""
    identity = Identity()
    values = [value for name, value in os.environ.items() if _SECRET_VARIABLE.search(name)]
    identity.add(values, HIDDEN, _LEAST_SECRET)
    identity.homes = sorted(set(_homes()), key=lambda path: len(str(path)), reverse=True)
    identity.folders = dict(_folders(identity.homes))
    users = (*_users(), *(home.name for home in identity.homes))
    identity.add(users, "<user>")
    identity.add((part for user in users for part in re.split(r"[\s._-]+", user)), "<user>", _LEAST_PART)
    identity.add(_hosts(), "<computer>")
    return identity


def _users() -> Iterator[str]:
    yield from _variables(_USER_VARIABLES)
    with suppress(KeyError, OSError, ImportError):  # a container may have a user without a name
        yield getpass.getuser()
    if sys.platform != "win32":
        import pwd

        with suppress(KeyError):
            entry = pwd.getpwuid(os.getuid())
            yield entry.pw_name
            yield entry.pw_gecos.partition(",")[0]


def _hosts() -> Iterator[str]:
    for name in (socket.gethostname(), *_variables(_HOST_VARIABLES)):
        yield name
        yield name.partition(".")[0]


def _homes() -> Iterator[Path]:
    named = list(_variables(_HOME_VARIABLES))
    with suppress(RuntimeError):  # there is none
        named.append(str(Path.home()))
    if sys.platform != "win32":
        import pwd

        with suppress(KeyError):
            named.append(pwd.getpwuid(os.getuid()).pw_dir)
    for path in map(Path, named):
        if path.is_absolute() and len(path.parts) > 1:
            yield path
            yield Path(os.path.realpath(path))


def _folders(homes: list[Path]) -> Iterator[tuple[Path, str]]:
    """The longest first: one may lie in another. None that a home lies in: it would tell of it."""
    found = {
        data_folder(): "<data>",
        cache_folder(): "<cache>",
        Path(__file__).resolve().parents[2]: "<program>",
        Path(sys.prefix): "<python>",
        Path(sys.base_prefix): "<python>",
        Path(tempfile.gettempdir()): "<temporary>",
    }
    for folder, shown in sorted(found.items(), key=lambda item: len(str(item[0])), reverse=True):
        if len(folder.parts) > 1 and not any(home.is_relative_to(folder) for home in homes):
            yield folder, shown


def _variables(names: Iterable[str]) -> Iterator[str]:
    return (os.environ[name] for name in names if os.environ.get(name))


def _camera_words(name: str) -> Iterator[str]:
    """The words of a camera's name, of a source, or of an address."""
    if not is_network_address(name):
        yield name.partition(":")[2] if name.startswith("camera:") else name
        return
    parts = _split(redact(name))
    if parts is None or (parts.hostname or "") in ("localhost", "127.0.0.1", "::1"):
        return
    host = parts.hostname or ""
    yield host
    yield host.partition(".")[0]  # a number of an address in numbers is hidden by nobody: see ``Identity.add``
    path = unquote(parts.path)
    if len(path) > _LEAST_SECRET:
        yield path


def _secrets_of(address: str) -> Iterator[str]:
    parts, shown = _split(address), redact(address)
    if parts is None:
        return
    login = parts.netloc.rpartition("@")[0]
    user, _, password = login.partition(":")
    yield from (login, unquote(login))
    yield from (part for word in (user, password) for part in (word, unquote(word)))
    yield from (value for _, value in parse_qsl(parts.query) if value not in unquote(shown))


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.hostname
    except ValueError:
        return None
    return parts
