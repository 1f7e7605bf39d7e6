"""The files that come with the program, and the folders that it writes in."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from engine.doctor.answers import Answers, read_answers
from engine.doctor.check import Check, Outcome, failed, passed
from engine.doctor.messages import DEMO_TITLE, Answer, Question, checks_answer
from engine.errors import InferoscopeError, ModelError, SinkError
from engine.folders import cache_folder, data_folder
from engine.library.catalogue import read_catalogue
from engine.sinks.disk import refusal, require_space, require_writable
from engine.sinks.video_file import KEEP_FREE_BYTES

_REMEDY = "Install Inferoscope again"


def answer(question: Question) -> Answer:
    """The task "surroundings": files and folders. ``model`` and ``answers`` are paths."""
    return checks_answer([*check_files(question["model"], question["answers"]), *check_folders()])


def check_files(model: str, answers: str) -> list[Check]:
    """Whether the files that come with the program are whole."""
    return [_check_demo(model, answers), _check_catalogue()]


def _check_demo(model: str, answers: str) -> Check:
    try:
        reference = _whole(Path(model), Path(answers)).reference
    except InferoscopeError as error:
        return failed("files", DEMO_TITLE, error)
    return passed(
        "files", DEMO_TITLE, f"{Path(model).stat().st_size / 1e6:.2f} MB; its stored answer is of {reference}"
    )


def _whole(model: Path, answers: Path) -> Answers:
    """The stored answer, when it is of this very model.

    Raises:
        ModelError: A file is missing, cannot be read, is damaged, or does not belong to the other.
    """
    for file, what in ((model, "The demo model"), (answers, "The stored answer of the demo model")):
        if not file.is_file():
            raise ModelError(f"{what} is missing", remedy=_REMEDY)
    stored = read_answers(answers)
    try:
        sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError("The demo model cannot be read", remedy=_REMEDY, detail=str(error)) from error
    if sha256 != stored.model_sha256:
        raise ModelError("The demo model is damaged, or of another version", remedy=_REMEDY)
    return stored


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
