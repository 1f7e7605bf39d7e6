"""Which module makes which variant. Nothing is imported before it is needed."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import engine.silence  # noqa: F401 - before NNCF, OpenVINO and ONNX Runtime, which would report their use
from engine.backends.processor import processor_name
from engine.errors import InferoscopeError
from engine.optimise.task import Task, built_answer, error_answer, layers_answer, out_of_space, read_task, tell
from engine.optimise.variant import Recipe

RECIPES = {
    Recipe.ONNX_FUSED: "engine.optimise.recipes.onnx_fused",
    Recipe.ONNX_FP16: "engine.optimise.recipes.onnx_fp16",
    Recipe.ONNX_INT8: "engine.optimise.recipes.onnx_int8",
    Recipe.OPENVINO_FP16: "engine.optimise.recipes.openvino_fp16",
    Recipe.OPENVINO_INT8: "engine.optimise.recipes.openvino_int8",
    Recipe.PRUNED: "engine.optimise.recipes.pruned",
}
"""Recipe -> module with ``make(task, told) -> notes``, ``PACKAGES``, and ``layers(task)`` where it quantises."""

_TELL_EACH_S = 0.2
_FULL_BYTES = 1_000_000


def carry_out(request: Path) -> dict[str, Any]:
    """The child's side: do the task of a request file; whatever goes wrong is an answer, too."""
    task = read_task(request)
    try:
        return _done(task)
    except InferoscopeError as error:
        return error_answer(error)
    except Exception as error:  # noqa: BLE001 - the top of the child: a library may raise anything
        full = shutil.disk_usage(task.folder).free < _FULL_BYTES
        return error_answer(out_of_space() if full else error)


def _done(task: Task) -> dict[str, Any]:
    recipe = import_module(RECIPES[task.kind.recipe])
    if task.target is None:
        return layers_answer(recipe.layers(task))
    origin = replace(
        task.origin,
        versions=_versions(recipe.PACKAGES),
        built_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        processor=processor_name(),
    )
    notes = recipe.make(replace(task, origin=origin), _Teller(task.progress))
    return built_answer(origin, notes)


def _versions(packages: tuple[str, ...]) -> Mapping[str, str]:
    return {name: version(name) for name in ("inferoscope", *packages)}


class _Teller:
    """Tells the parent how far it is, not too often; ends where the parent has gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parent = os.getppid()
        self._told_s = 0.0

    def __call__(self, phase: str, share: float | None) -> None:
        if os.getppid() != self._parent:
            sys.exit(1)
        now = time.monotonic()
        if now - self._told_s >= _TELL_EACH_S:
            self._told_s = now
            tell(self._path, phase, share)
