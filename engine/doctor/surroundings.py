"""What is round the program: its files, its folders, the cameras."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.capture.camera_list import CameraInfo, list_cameras
from engine.doctor.answers import Answers, read_answers
from engine.doctor.check import Check, Outcome, failed, passed, skipped
from engine.errors import InferoscopeError, ModelError, SinkError
from engine.folders import cache_folder, data_folder
from engine.library.bundled import bundled, demo_model
from engine.library.catalogue import read_catalogue
from engine.sinks.disk import refusal, require_space, require_writable
from engine.sinks.video_file import KEEP_FREE_BYTES

_REMEDY = "Install Inferoscope again"


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """The demo model and its stored answer."""

    model: Path
    answers: Path


def demo_files() -> DemoFiles:
    """Those that come with the program.

    Raises:
        ModelError: One is missing.
    """
    model = demo_model()
    try:
        return DemoFiles(model, bundled("demo_answers.json"))
    except FileNotFoundError as error:
        raise ModelError("The stored answer of the demo model is missing", remedy=_REMEDY, detail=str(error)) from error


def check_files(files: DemoFiles | InferoscopeError) -> list[Check]:
    """Whether the files that come with the program are whole."""
    return [_check_demo(files), _check_catalogue()]


def _check_demo(files: DemoFiles | InferoscopeError) -> Check:
    title = "Demo model"
    if isinstance(files, InferoscopeError):
        return failed("files", title, files)
    try:
        answers = _whole(files)
    except InferoscopeError as error:
        return failed("files", title, error)
    return passed("files", title, f"{files.model.stat().st_size / 1e6:.1f} MB, its answer is of {answers.reference}")


def _whole(files: DemoFiles) -> Answers:
    """The answer, when it is of this very model.

    Raises:
        ModelError: A file cannot be read, is damaged, or does not belong to the other.
    """
    answers = read_answers(files.answers)
    try:
        sha256 = hashlib.sha256(files.model.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError("The demo model cannot be read", remedy=_REMEDY, detail=str(error)) from error
    if sha256 != answers.model_sha256:
        raise ModelError("The demo model is not the file that the stored answer is of", remedy=_REMEDY)
    return answers


def _check_catalogue() -> Check:
    title = "Catalogue of open models"
    try:
        return passed("files", title, f"{len(read_catalogue())} models")
    except (OSError, ValueError, KeyError) as error:
        broken = ModelError("The catalogue is missing or damaged", remedy=_REMEDY, detail=str(error))
        return failed("files", title, broken)


# Folders --------------------------------------------------------------------------------------------------------------


def check_folders() -> list[Check]:
    """Whether the program's own folders can be written and have room."""
    return [_check_folder("Cache folder", cache_folder()), _check_folder("Data folder", data_folder())]


def _check_folder(title: str, folder: Path) -> Check:
    probe = folder / "doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        require_writable(probe)
        require_space(probe, KEEP_FREE_BYTES)
        free = shutil.disk_usage(folder).free
    except SinkError as error:
        return _failed_folder(title, folder, error)
    except OSError as error:
        return _failed_folder(title, folder, refusal(folder, error))
    return passed("folders", title, f"{folder}: {free / 1e9:.1f} GB free")


def _failed_folder(title: str, folder: Path, error: SinkError) -> Check:
    expected = f"; expected {error.expected}" if error.expected else ""
    return Check(
        "folders", title, Outcome.FAILED, found=str(folder), reason=f"{error.what}{expected}", cure=error.remedy
    )


# Cameras --------------------------------------------------------------------------------------------------------------


def check_cameras() -> list[Check]:
    """The cameras that are plugged in, none of them opened; and those that may not be used."""
    cameras = list_cameras()
    if not cameras:
        return [skipped("cameras", "Cameras", "No camera is plugged in")]
    return [_check_camera(camera) for camera in cameras]


def _check_camera(camera: CameraInfo) -> Check:
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
