"""How a model was measured to run best on this machine, kept by its SHA-256 and used where nothing is asked for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from engine.cards import Precision, Profile
from engine.library.kept import Shelf

_VERSION = 1
_SHELF = Shelf("preferences", "How the model runs best cannot be kept")


@dataclass(frozen=True, slots=True)
class Preference:
    """A way to run a model.

    Attributes:
        machine: Which machine it was measured on, in words: on another one it means nothing.
        backend: Key of ``engine.backends.table``.
        device: As ``DeviceInfo.name`` has it.
        precision: Of its float layers.
        profile: What it was tuned for.
        lanes: Inferences at the same time, None for what the engine takes by itself.
        threads: CPU threads in all, likewise.
    """

    machine: str
    backend: str
    device: str
    precision: Precision
    profile: Profile
    lanes: int | None = None
    threads: int | None = None


def load_preference(sha256: str, machine: str) -> Preference | None:
    """What is stored for a model on this machine; None where there is nothing, or nothing that can be read."""
    try:
        told = json.loads(_SHELF.path(sha256).read_text(encoding="utf-8"))
        if told.pop("version") != _VERSION or told["machine"] != machine:
            return None
        told |= {"precision": Precision(told["precision"]), "profile": Profile(told["profile"])}
        return Preference(**told)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # Only a convenience: the model runs as it does by itself.


def store_preference(sha256: str, preference: Preference) -> None:
    """Keep it. Whole or not at all.

    Raises:
        ModelError: It cannot be written.
    """
    _SHELF.store(sha256, {"version": _VERSION, **asdict(preference)})


def forget_preference(sha256: str) -> bool:
    """Delete what is stored; False where there was nothing.

    Raises:
        ModelError: It cannot be deleted.
    """
    return _SHELF.forget(sha256)
