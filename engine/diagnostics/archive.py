"""One archive with all that others need to find out what is wrong here, and nothing that tells who or where this is."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from engine.anonymous import Anonymiser
from engine.diagnostics.identity import Identity, own_identity
from engine.diagnostics.known import Known, camera_names
from engine.diagnostics.logs import log_folder
from engine.diagnostics.reports import all_reports
from engine.diagnostics.self_test import SelfTest
from engine.doctor.versions import versions
from engine.errors import SinkError
from engine.folders import data_folder, write_atomic
from engine.sinks.disk import refusal

_LOG_BYTES = 2_000_000
"""So much of the logs, the newest of it."""
_MOST_BYTES = 2_000_000
"""Of any other file."""
_ENVIRONMENT = (
    *("LANG", "LC_ALL", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "WAYLAND_DISPLAY", "DISPLAY"),
    *("QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "QT_PLUGIN_PATH", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES"),
    *("LD_LIBRARY_PATH", "OPENCV_LOG_LEVEL", "OPENCV_FFMPEG_CAPTURE_OPTIONS", "INFEROSCOPE_HOME", "APPIMAGE"),
)
_README = """Diagnostics of Inferoscope.

versions.json   the program, what it is made of, the system and the processor
devices.json    what each runtime says of the devices here
doctor.json     the self-test ("complete" is false where the person did not wait for its end)
running.json    what was running: models, and how they really ran
problems.json   what had gone wrong since the start of the program
settings.json   what was chosen on the settings page
session.json    tiles, models and thresholds
log/, crash/    the last lines of the log, and reports of crashes
Not every file is in every archive.

Replaced: names of the person and of the computer (<user>, <computer>), folders of people (~/…), names and addresses
of cameras (<camera-1> ..), logins, passwords and tokens (***). No picture is in it. Look through it before you send it.
"""

Announce = Callable[[str], None]


def save_archive(path: Path, known: Known, test: SelfTest, announce: Announce) -> None:
    """Collect everything and write it, as a whole or not at all.

    Args:
        path: A .zip file; one that is there is replaced.
        known: What a window adds.
        test: The self-test.
        announce: Told what goes on; may raise ``CancelledError``.

    Raises:
        SinkError: The folder cannot be written, or the disk is full.
        CancelledError: As ``announce`` raises it.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, told in _files(known, test, announce):
            archive.writestr(f"inferoscope/{name}", told.encode("utf-8", "backslashreplace"))
    announce("Writing the archive")
    if path.is_dir():
        raise SinkError(
            "This is a folder", subject=str(path), expected="the name of a file", remedy="Choose a file name"
        )
    try:
        write_atomic(path, content.getvalue())
    except OSError as error:
        raise refusal(path, error) from error


def _files(known: Known, test: SelfTest, announce: Announce) -> Iterator[tuple[str, str]]:
    """Names and what is in them, without anything private."""
    announce("Names to be replaced")
    session = _read_json(known.session or data_folder() / "session.json")
    hidden = _identity(known, session).anonymiser()
    yield "README.txt", _README
    documents = {
        "versions.json": versions() | {"environment": _environment()},
        "devices.json": test.devices,
        "doctor.json": test.document(),
        "settings.json": _read_json(data_folder() / "settings.json"),
        "session.json": _nameless(session),
        **known.documents,
    }
    for name, document in documents.items():
        announce(name)
        if document is not None:
            yield name, json.dumps(hidden.value(document), ensure_ascii=False, indent=2)
    yield from _texts(hidden, announce)


def _texts(hidden: Anonymiser, announce: Announce) -> Iterator[tuple[str, str]]:
    left = _LOG_BYTES
    for log in sorted(log_folder().glob("inferoscope*.log*"), key=_modified, reverse=True):
        announce(log.name)
        words = _end_of(log, left)
        left -= len(words)
        if words:
            yield f"log/{log.name}", hidden.text(words)
    for report in all_reports():
        announce(report.path.name)
        yield f"crash/{report.path.name}", hidden.text(_end_of(report.path, _MOST_BYTES))


# Names ------------------------------------------------------------------------------------------------------------


def _identity(known: Known, session: Any) -> Identity:
    identity = own_identity()
    for number, names in enumerate(_cameras(session, known), start=1):
        identity.add_camera(number, names)
    for address in known.secret_addresses:
        identity.add_secret_address(address)
    return identity


def _plugged_in() -> Iterator[Iterable[str]]:
    """The names of the cameras that are here."""
    try:
        from engine.capture.camera_list import list_cameras  # loads OpenCV, which may be what is broken
    except ImportError:
        return
    for camera in list_cameras():
        yield [camera.name]


def _cameras(session: Any, known: Known) -> Iterator[Iterable[str]]:
    """The names of each camera: the tiles', those that are plugged in, and those that were open lately."""
    for tile in _tiles(session):
        yield camera_names(str(tile.get("name") or ""), str(tile.get("source") or ""))
    yield from known.cameras
    yield from _plugged_in()
    for source in _strings(_read_json(data_folder() / "recent.json")):
        yield camera_names("", source)


def _tiles(session: Any) -> list[dict[str, Any]]:
    tiles = session.get("tiles") if isinstance(session, dict) else None
    return [tile for tile in tiles if isinstance(tile, dict)] if isinstance(tiles, list) else []


def _nameless(session: Any) -> Any:
    """The session without the names of its tiles: too short ones would not be found in a text."""
    for number, tile in enumerate(_tiles(session), start=1):
        if tile.get("name"):
            tile["name"] = f"<camera-{number}>"
    return session


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inside in value.values() if isinstance(value, dict) else value:
            yield from _strings(inside)


# Files ------------------------------------------------------------------------------------------------------------


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


def _read_json(path: Path) -> Any:
    """What a file holds; None where it is not there. In a damaged one nobody knows what is a name: it stays out."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    try:
        return json.loads(content[:_MOST_BYTES])
    except (ValueError, RecursionError):
        return {"damaged_bytes": len(content)}


def _end_of(path: Path, most_bytes: int) -> str:
    """The last lines of a file that fit; "" where it has gone."""
    try:
        content = path.read_bytes()
    except OSError:
        return ""
    if len(content) > most_bytes:
        content = content[len(content) - most_bytes :].partition(b"\n")[2] if most_bytes > 0 else b""
    return content.decode("utf-8", "replace")


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
