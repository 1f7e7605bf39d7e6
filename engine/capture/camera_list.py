"""Which cameras there are, by name, and which of them a person means."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import SourceError, SourceReason
from engine.opencv import cv2

CAMERA_API = {"win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}.get(sys.platform, cv2.CAP_V4L2)
"""OpenCV's way to the cameras of this system; names and indices belong to it."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """One camera that is plugged in.

    Attributes:
        index: Its number, which can change when a camera is plugged in or out.
        name: What its maker calls it.
        path: Where the system has it: a device file or an identifier; "" where it does not say.
    """

    index: int
    name: str
    path: str


def list_cameras() -> tuple[CameraInfo, ...]:
    """The cameras that are plugged in, by index."""
    from cv2_enumerate_cameras import enumerate_cameras

    found = enumerate_cameras(CAMERA_API)
    cameras = (CameraInfo(camera.index, (camera.name or "").strip(), camera.path or "") for camera in found)
    return tuple(sorted(cameras, key=lambda camera: camera.index))


def find_camera(wanted: str, cameras: Sequence[CameraInfo]) -> CameraInfo:
    """The camera of this index or name; capitals do not matter, and the beginning of a name is enough.

    Raises:
        SourceError: None or several are meant; the message names what there is.
    """
    if wanted.isdecimal():
        found = [camera for camera in cameras if camera.index == int(wanted)]
    else:
        name = wanted.casefold()
        found = [camera for camera in cameras if camera.name.casefold() == name]
        found = found or [camera for camera in cameras if name and camera.name.casefold().startswith(name)]
    if len(found) == 1:
        return found[0]
    raise SourceError(
        "Several cameras have this name" if found else "There is no such camera",
        reason=SourceReason.NOT_FOUND,
        subject=f"camera:{wanted}",
        expected="one of " + _listing(found or cameras) if cameras else "a camera that is plugged in",
        remedy="Name one camera" if cameras else "Plug one in, and check that you may use it",
    )


def find_again(lost: CameraInfo, was_only_one: bool, cameras: Sequence[CameraInfo]) -> CameraInfo | None:
    """A camera that was unplugged and may have come back under another index.

    Args:
        lost: What was known of it.
        was_only_one: Whether no other camera had its name; then it is known by that, wherever it is plugged in.
        cameras: What is there now.
    """
    same = [camera for camera in cameras if camera.name == lost.name]
    same_place = [camera for camera in same if camera.path == lost.path]
    if same_place:
        return same_place[0]
    return same[0] if was_only_one and len(same) == 1 else None


def _listing(cameras: Sequence[CameraInfo]) -> str:
    return ", ".join(f"camera:{camera.index} ({camera.name})" for camera in cameras)
