"""Builds variants of a model, each in a child process: whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from engine.cards import ModelCard, Precision
from engine.errors import ModelError, SinkError
from engine.folders import cache_folder
from engine.optimise.calibration import Calibration
from engine.optimise.exported import remember_export
from engine.optimise.likeness import names_metadata, settle
from engine.optimise.task import Task, layers_of, raise_error, told_progress, write_task
from engine.optimise.variant import BuildControl, Layer, Origin, Quantisation, Recipe, Variant, VariantKind
from engine.pipeline.child import ChildLimits, ChildLostError, ask_child, command_of
from engine.sinks.disk import partial, place_together, refusal, require_space, require_writable

_LIMITS = ChildLimits(seconds=4 * 3600.0)
"""A child that takes longer than this has lost its way."""
_SPARE_BYTES = 64_000_000

_OPENVINO = (Recipe.OPENVINO_FP16, Recipe.OPENVINO_INT8)
_KEEP_PRECISION = (Recipe.ONNX_FUSED, Recipe.OPENVINO_FP16)
"""What can be made of a quantised model, too."""
_SAME_FORMAT = (Recipe.PRUNED,)
"""What is written in the format of its original."""
_NAME_A_SOURCE = "Name a source to calibrate with (--calibrate)"


def variant_file(card: ModelCard, kind: VariantKind, folder: Path) -> Path:
    """What the file of a variant is called in a folder."""
    suffix = ".xml" if kind.recipe in _OPENVINO or (kind.recipe in _SAME_FORMAT and _is_ir(card)) else ".onnx"
    return folder / f"{card.path.stem}-{kind.name}{suffix}"


@contextmanager
def work_folder() -> Iterator[Path]:
    """An empty folder for what is needed on the way, gone afterwards; those of programs that died go, too.

    Raises:
        SinkError: It cannot be made.
    """
    home = cache_folder() / "optimise"
    try:
        home.mkdir(parents=True, exist_ok=True)
        for left in home.glob("*-*"):
            owner = left.name.partition("-")[0]
            if owner.isdecimal() and not psutil.pid_exists(int(owner)):
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=home))
    except OSError as error:
        raise refusal(home, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def build(
    card: ModelCard, kind: VariantKind, calibration: Calibration | None, *, output: Path, control: BuildControl
) -> Variant:
    """Build one variant; a quantised one with everything in INT8 that can be.

    Args:
        card: The original.
        kind: Which variant.
        calibration: Frames, for a quantised one.
        output: File to write, .onnx or .xml as the kind has it.
        control: Told how far it is; can stop it.

    Raises:
        ModelError: It cannot be built from this model, with the reason.
        SinkError: The file cannot be written.
        CancelledError: Nobody wants it any more.
    """
    if kind.is_int8:
        refuse(card, kind)
        if calibration is None:
            raise ModelError(
                f"{kind.name} cannot be built without frames", subject=card.path.name, remedy=_NAME_A_SOURCE
            )
        return quantise(card, kind, Quantisation(), calibration, output=output, control=control)
    settings = {"percent": kind.percent} if kind.percent else {}
    origin = Origin(card.path.name, card.sha256, kind.name, settings)
    return _build(card, Task(card.path, kind, output, Path(), card.input, origin=origin), control)


def quantise(
    card: ModelCard,
    kind: VariantKind,
    quantisation: Quantisation,
    calibration: Calibration,
    *,
    output: Path,
    control: BuildControl,
) -> Variant:
    """Build one quantised variant.

    Args:
        card: The original.
        kind: onnx-int8 or openvino-int8.
        quantisation: What stays in float.
        calibration: Frames to calibrate with.
        output: File to write, .onnx or .xml as the kind has it.
        control: Told how far it is; can stop it.

    Raises:
        ModelError: It cannot be quantised, with the reason.
        SinkError: The file cannot be written.
        CancelledError: Nobody wants it any more.
    """
    settings = {
        "preset": quantisation.preset,
        "ranges": quantisation.ranges,
        "keep_float": sorted(quantisation.keep_float),
    }
    frames = min(quantisation.frames or calibration.frames, calibration.frames)
    calibrated = {"source": calibration.source, "frames": frames}
    origin = Origin(card.path.name, card.sha256, kind.name, settings, calibrated)
    task = Task(
        card.path, kind, output, Path(), card.input, quantisation, calibration.canvases, calibration.frames,
        origin=origin,
    )  # fmt: skip
    return _build(card, task, control)


def layers(card: ModelCard, kind: VariantKind, control: BuildControl) -> tuple[Layer, ...]:
    """What there is to quantise or to keep, in the order of computation.

    Raises:
        ModelError: It cannot be quantised, with the reason.
        CancelledError: Nobody wants it any more.
    """
    refuse(card, kind)
    with work_folder() as folder:
        answer = _asked(Task(card.path, kind, None, folder, card.input), card, control)
    return layers_of(answer)


def _build(card: ModelCard, task: Task, control: BuildControl) -> Variant:
    """Build in a work folder, look at what came of it, and move it to its place."""
    begun, output = time.monotonic(), task.file
    refuse(card, task.kind)
    _check_output(card, output)
    with work_folder() as folder:
        require_space(folder, 3 * card.model_bytes + _SPARE_BYTES)
        made = folder / output.name
        answer = _asked(replace(task, target=made, folder=folder, metadata=names_metadata(card)), card, control)
        control.progress("Checking", 0.97)
        found, remembered = settle(card, made)
        control.progress("Moving it to its place", 0.99)
        _move(made, output)
    place = remember_export(card.sha256, task.kind, output)
    notes = (*answer["notes"], *(note for note in (remembered, place) if note))
    origin = Origin(**answer["origin"])
    return Variant(task.kind.name, output, found.model_bytes, origin, notes, time.monotonic() - begun)


def refuse(card: ModelCard, kind: VariantKind) -> None:
    """Check what can be told without looking further.

    Raises:
        ModelError: This variant cannot be built from this model.
    """
    if _is_ir(card) and kind.recipe not in (*_OPENVINO, *_SAME_FORMAT):
        raise ModelError(
            "An OpenVINO IR cannot be turned back into ONNX",
            subject=card.path.name,
            expected="an .onnx file",
            remedy="Build it from the ONNX file that the IR was converted from",
        )
    if card.stored_precision is Precision.INT8 and kind.recipe not in _KEEP_PRECISION:
        raise ModelError(
            "The model is quantised already",
            subject=card.path.name,
            expected="a float model",
            remedy="Build it from the float model that this one was made from",
        )
    if card.stored_precision is Precision.FP16 and kind.recipe is Recipe.ONNX_FP16:
        raise ModelError(
            "The model is in half precision already",
            subject=card.path.name,
            expected="an FP32 model",
            remedy="Build it from the FP32 model that this one was made from",
        )


def _is_ir(card: ModelCard) -> bool:
    return card.file_format == "openvino_ir"


def _check_output(card: ModelCard, output: Path) -> None:
    """Make the folder, and check that the variant replaces no input and can be written.

    Raises:
        SinkError: It does, or cannot.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(output.parent, error) from error
    for file in _files(output):
        require_writable(file)
        require_writable(partial(file))
        if any(file.exists() and file.samefile(own) for own in (card.path, *card.weight_files)):
            raise SinkError("The variant would replace the model", subject=str(file), remedy="Choose another folder")
    require_space(output, 2 * card.model_bytes + _SPARE_BYTES)


def _asked(task: Task, card: ModelCard, control: BuildControl) -> Mapping[str, Any]:
    """Have a child do a task, and pass on how far it is.

    Raises:
        ModelError: The model cannot be taken, or the child was lost.
        SinkError: The disk refused.
        CancelledError: Nobody wants it any more.
    """
    request = task.folder / "request.json"

    def cancelled() -> bool:
        told = told_progress(task.progress)
        if told is not None:
            control.progress(*told)
        return control.cancelled()

    try:
        write_task(task, request)
        answer = ask_child(command_of("optimise-child", {"request": str(request)}), cancelled, _LIMITS)
        raise_error(answer, card.path.name)
    except OSError as error:
        raise refusal(task.folder, error) from error
    except ChildLostError as error:
        raise ModelError(
            f"The process that built {task.kind.name} {error.what}",
            subject=card.path.name,
            remedy="Choose another variant, or free some memory",
        ) from error
    return answer


def _move(made: Path, output: Path) -> None:
    """Put the file or files of a variant in their place.

    Raises:
        SinkError: The disk refuses; nothing is left behind.
    """
    place_together([pair for pair in zip(_files(made), _files(output), strict=True) if pair[0].exists()], _bring)


def _bring(file: Path, place: Path) -> None:
    """Move a file: at once on the same disk, as a copy onto another one."""
    try:
        file.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(file, place)


def _files(path: Path) -> tuple[Path, ...]:
    """The files of a model, the one that is opened last."""
    return (path.with_suffix(".bin"), path) if path.suffix == ".xml" else (path,)


def remove(variant: Path) -> None:
    """Delete the files of a variant.

    Raises:
        SinkError: The disk refuses.
    """
    try:
        for file in reversed(_files(variant)):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise refusal(variant, error) from error
