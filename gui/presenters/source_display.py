"""What the source picker shows, as plain values: pure functions of what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from engine.addresses import NETWORK_SCHEMES, is_network_address, parse_address
from engine.capture.source import SourceInfo, TryOut
from engine.errors import InferoscopeError, SourceError
from engine.frames import Frame
from gui.engine_words import as_sentence, translated
from gui.presenters.demo import DEMO_SOURCE
from gui.presenters.quantities import pixels_words
from gui.presenters.tile_display import length_words
from gui.texts import text

if TYPE_CHECKING:
    from engine.capture.camera_list import CameraInfo
    from engine.capture.screen import ScreenInfo

_CODECS = {
    "avc1": "H.264", "h264": "H.264", "x264": "H.264", "hev1": "H.265", "hvc1": "H.265", "hevc": "H.265",
    "vp80": "VP8", "vp90": "VP9", "vp09": "VP9", "av01": "AV1", "mp4v": "MPEG-4", "fmp4": "MPEG-4", "xvid": "MPEG-4",
    "mjpg": "Motion JPEG", "mpg2": "MPEG-2",
}  # fmt: skip
"""FourCC in small letters -> the name that people know."""


class Kind(StrEnum):
    """Kinds of sources, as the picker lists them."""

    CAMERA = "camera"
    FILE = "file"
    ADDRESS = "address"
    SCREEN = "screen"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of a list. ``source`` is what opens it; ``detail`` tells it from others."""

    source: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """A list, or why it is empty and what to do about that. ``busy`` while it is being made."""

    items: tuple[Offer, ...] = ()
    busy: bool = False
    message: str = ""
    remedy: str = ""


class Trying(StrEnum):
    """How far a try-out is."""

    IDLE = "idle"
    BUSY = "busy"
    FOUND = "found"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, eq=False)
class TryOutDisplay:
    """What a try-out has found.

    Attributes:
        trying: How far it is.
        title: What it is called, or what went wrong.
        facts: What was found: what it is, and its value.
        notes: What a person should know about it; what to do where it failed.
        frame: The first picture, None where there is none.
        detail: Technical text for those who ask for it.
    """

    trying: Trying = Trying.IDLE
    title: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    frame: Frame | None = None
    detail: str = ""


def kind_of(source: str) -> Kind:
    """The kind a source belongs to; cameras for an empty tile."""
    scheme = source.partition(":")[0].lower()
    if is_network_address(source):
        return Kind.ADDRESS
    if source == DEMO_SOURCE:
        return Kind.DEMO
    if scheme in (Kind.CAMERA, Kind.SCREEN) or not source:
        return Kind(scheme or Kind.CAMERA)
    return Kind.FILE


# Lists -----------------------------------------------------------------------------------------------------------


def camera_offers(cameras: Sequence[CameraInfo]) -> Offers:
    """Cameras by name; by number where two have the same."""
    names = [camera.name.casefold() for camera in cameras]
    items = tuple(
        Offer(
            f"camera:{camera.name if camera.name and names.count(camera.name.casefold()) == 1 else camera.index}",
            camera.name or text("SourcePicker", "Camera {number}").format(number=camera.index),
            camera.path,
        )
        for camera in cameras
    )
    if items:
        return Offers(items)
    return Offers(
        message=text("SourcePicker", "No camera is plugged in"),
        remedy=text(
            "SourcePicker",
            "Plug one in and press Refresh. If one is plugged in, close other programs that use it, and allow this "
            "program to use cameras in the system's settings.",
        ),
    )


def screen_offers(screens: Sequence[ScreenInfo]) -> Offers:
    """The screens of this computer."""
    return Offers(
        tuple(
            Offer(f"screen:{screen.index}", screen.name, pixels_words(screen.width, screen.height))
            for screen in screens
        )
    )


def file_offers(paths: Iterable[str]) -> Offers:
    """Files that were opened lately."""
    items = tuple(Offer(path, PurePath(path).name or path, str(PurePath(path).parent)) for path in paths)
    return Offers(items, message="" if items else text("SourcePicker", "Files that you open are listed here"))


def address_offers(addresses: Iterable[str]) -> Offers:
    """Addresses that were opened lately, without secrets."""
    items = tuple(Offer(address, address) for address in addresses)
    return Offers(items, message="" if items else text("SourcePicker", "Addresses that you open are listed here"))


def failed_offers(error: InferoscopeError) -> Offers:
    """A list that could not be made."""
    return Offers(message=translated(error.what), remedy=translated(error.remedy))


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """Whether an address can be used as it is typed, and what is plainly wrong with it ("" while it may still grow)."""

    usable: bool
    complaint: str = ""


def check_address(address: str) -> AddressCheck:
    """Look at an address that is being typed."""
    typed = address.strip()
    if any(f"{scheme}://".startswith(typed.lower()) for scheme in NETWORK_SCHEMES):
        return AddressCheck(usable=False)
    if not is_network_address(typed):
        complaint = text("SourcePicker", "An address begins with rtsp://, rtsps://, http:// or https://")
        return AddressCheck(usable=False, complaint=complaint)
    try:
        parse_address(typed)
    except SourceError:
        return AddressCheck(usable=False, complaint=_complaint(typed))
    return AddressCheck(usable=True)


def _complaint(address: str) -> str:
    if "@" in address:
        return text(
            "SourcePicker", "It cannot be told where the password ends: type user and password into the fields below"
        )
    return text("SourcePicker", "This is no whole address. It looks like rtsp://camera.local:554/stream")


# Try-out ---------------------------------------------------------------------------------------------------------


def busy_display(source: str) -> TryOutDisplay:
    """A try-out goes on."""
    words = (
        text("SourcePicker", "Connecting…")
        if kind_of(source) in (Kind.ADDRESS, Kind.CAMERA)
        else text("SourcePicker", "Opening…")
    )
    return TryOutDisplay(Trying.BUSY, words)


def found_display(found: TryOut, *notes: str) -> TryOutDisplay:
    """What a source is."""
    info = found.info
    missing = () if found.frame is not None else (text("SourcePicker", "No picture came yet"),)
    told = (*notes, *missing, *map(translated, info.warnings))
    return TryOutDisplay(Trying.FOUND, translated(info.title), _facts(info), told, found.frame)


def failed_display(error: InferoscopeError) -> TryOutDisplay:
    """Why a source cannot be used now, and what to do."""
    expected = (
        text("SourcePicker", "Expected: {expected}.").format(expected=translated(error.expected))
        if error.expected
        else ""
    )
    notes = tuple(note for note in (error.subject, expected, as_sentence(error.remedy)) if note)
    return TryOutDisplay(Trying.FAILED, as_sentence(error.what), notes=notes, detail=error.detail)


def _facts(info: SourceInfo) -> tuple[tuple[str, str], ...]:
    facts = [(text("SourcePicker", "Size"), pixels_words(info.width, info.height))]
    if info.rate_hz is not None:
        rate = text("SourcePicker", "{rate:g} pictures a second").format(rate=round(info.rate_hz, 2))
        facts.append((text("SourcePicker", "Rate"), rate))
    if info.codec:
        facts.append((text("SourcePicker", "Format"), _CODECS.get(info.codec.lower(), info.codec)))
    if info.duration_s is not None:
        facts.append((text("SourcePicker", "Length"), length_words(info.duration_s)))
    if info.frames is not None and info.frames > 1:
        facts.append((text("SourcePicker", "Pictures"), f"{info.frames}"))
    if info.live:
        facts.append((text("SourcePicker", "Type"), text("SourcePicker", "Live")))
    return tuple(facts)


def start_folder(recent: Sequence[str]) -> str:
    """Where the file dialog begins: beside the file that was opened last."""
    return str(Path(recent[0]).parent) if recent else ""
