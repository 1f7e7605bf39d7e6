"""The cameras that are plugged in, none of them opened, and those that may not be used."""

from __future__ import annotations

import os
import sys

from engine.capture.camera_list import CameraInfo, list_cameras
from engine.doctor.check import Check, Outcome, passed, skipped
from engine.doctor.messages import Answer, Question, checks_answer


def answer(_question: Question) -> Answer:
    """The task "cameras"."""
    return checks_answer(check_cameras())


def check_cameras() -> list[Check]:
    """A check for each camera. No camera is no failure."""
    cameras = list_cameras()
    if not cameras:
        return [skipped("cameras", "Cameras", "No camera is plugged in")]
    return [_check(camera) for camera in cameras]


def _check(camera: CameraInfo) -> Check:
    title, found = f"camera:{camera.index}", f"{camera.name}  {camera.path}".strip()
    if _may_use(camera.path):
        return passed("cameras", title, found)
    return Check(
        "cameras",
        title,
        Outcome.FAILED,
        found=found,
        reason="You may not read and write its device file",
        cure="Have yourself added to the group that owns it (sudo usermod -aG video NAME), and log in again",
    )


def _may_use(path: str) -> bool:
    """Whether the system lets this user at a device; only Linux has a file for each."""
    return sys.platform != "linux" or not path.startswith("/dev/") or os.access(path, os.R_OK | os.W_OK)
