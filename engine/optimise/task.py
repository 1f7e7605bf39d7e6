"""What the builder and its child process say to each other: plain data. Loads nothing heavy.

A request is a file, because names of layers and values of inputs may be longer than a command line.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.cards import ColourOrder, ExtraInput, Fit, InputSpec, TensorLayout
from engine.errors import InferoscopeError, ModelError
from engine.folders import write_atomic
from engine.optimise.variant import Layer, Origin, Quantisation, Recipe, VariantKind

_SHORT, _LONG = 160, 4000
"""Letters of a native error text, for the message and for its detail."""
_UNKNOWN_OPERATORS = re.compile(
    r"(?:Fatal error: |No conversion rule found for operations: |No Op registered for )([\w.:]+(?:, [\w.:]+)*)"
)
"""How ONNX Runtime, OpenVINO and the onnx package say it."""
_NOT_TAKEN = "The library that builds it cannot take this model"

Told = Callable[[str, float | None], None]
"""Told the phase and how much of the whole is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a child is to do.

    Attributes:
        source: The original.
        kind: Which variant.
        target: File to write; None to list the layers.
        folder: Work folder of this child, for whatever it needs on the way.
        input: How a canvas becomes the input tensor.
        quantisation: What stays in float.
        canvases: .npy of canvases, None where none are needed.
        frames: How many of them are filled.
        metadata: What the file is to say beside what the original says.
        origin: Where the variant comes from; the child completes it.
    """

    source: Path
    kind: VariantKind
    target: Path | None
    folder: Path
    input: InputSpec
    quantisation: Quantisation = field(default_factory=Quantisation)
    canvases: Path | None = None
    frames: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = field(default_factory=lambda: Origin("", "", ""))

    @property
    def file(self) -> Path:
        """The file to write."""
        if self.target is None:
            raise ValueError("this task only lists layers")
        return self.target

    @property
    def progress(self) -> Path:
        """The file in which the child tells how far it is."""
        return self.folder / "progress.json"


def write_task(task: Task, path: Path) -> None:
    """Put a task into a file."""
    document = asdict(task)
    document["quantisation"]["keep_float"] = sorted(task.quantisation.keep_float)
    path.write_text(json.dumps(document, default=str), encoding="utf-8")


def read_task(path: Path) -> Task:
    """The task in a file."""
    told = json.loads(path.read_text(encoding="utf-8"))
    quantisation = told["quantisation"]
    return Task(
        source=Path(told["source"]),
        kind=VariantKind(Recipe(told["kind"]["recipe"]), told["kind"]["percent"]),
        target=Path(told["target"]) if told["target"] else None,
        folder=Path(told["folder"]),
        input=_input(told["input"]),
        quantisation=Quantisation(**{**quantisation, "keep_float": frozenset(quantisation["keep_float"])}),
        canvases=Path(told["canvases"]) if told["canvases"] else None,
        frames=told["frames"],
        metadata=told["metadata"],
        origin=Origin(**told["origin"]),
    )


def _input(told: Mapping[str, Any]) -> InputSpec:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}
    values["extra_inputs"] = tuple(
        ExtraInput(**{**extra, "values": tuple(extra["values"]), "shape": tuple(extra["shape"])})
        for extra in told["extra_inputs"]
    )
    values |= {
        "fit": Fit(told["fit"]),
        "layout": TensorLayout(told["layout"]),
        "colour_order": ColourOrder(told["colour_order"]),
    }
    return InputSpec(**values)


def tell(path: Path, phase: str, share: float | None) -> None:
    """The child's side: how far it is."""
    write_atomic(path, json.dumps([phase, share]).encode())


def told_progress(path: Path) -> tuple[str, float | None] | None:
    """The parent's side: how far the child was when it last told; None before it did."""
    try:
        phase, share = json.loads(path.read_bytes())
    except (OSError, ValueError):  # Not told yet, or just being replaced.
        return None
    return phase, share


def built_answer(origin: Origin, notes: tuple[str, ...]) -> dict[str, Any]:
    """The answer of a child that has built a variant: its whole origin, and what was done."""
    return {"origin": asdict(origin), "notes": list(notes)}


def layers_answer(layers: tuple[Layer, ...]) -> dict[str, Any]:
    """The answer of a child that has listed layers."""
    return {"layers": [asdict(layer) for layer in layers]}


def layers_of(answer: Mapping[str, Any]) -> tuple[Layer, ...]:
    """The layers that were listed."""
    return tuple(Layer(**{**told, "inputs": tuple(told["inputs"])}) for told in answer["layers"])


def error_answer(error: Exception) -> dict[str, Any]:
    """The answer of a child that could not do its task."""
    if isinstance(error, OSError) and error.errno is not None:
        return {"refused_by_disk": error.errno}
    if isinstance(error, InferoscopeError):
        told = {"what": error.what, "expected": error.expected, "remedy": error.remedy, "detail": error.detail}
        return {"error": told}
    if isinstance(error, ImportError):
        return {"error": _not_loaded(error)}
    text = " ".join(str(error).split())
    unknown = _UNKNOWN_OPERATORS.search(text)
    told = {
        "what": f"The library that builds it has no such operator: {unknown[1][:_SHORT]}" if unknown else _NOT_TAKEN,
        "expected": "",
        "remedy": "Choose another variant, or export the model in another way",
        "detail": f"{type(error).__name__}: {text[:_LONG]}",
    }
    return {"error": told}


def _not_loaded(error: ImportError) -> dict[str, str]:
    """A library that is not there, or does not load."""
    name = (error.name or "a library").partition(".")[0]
    what = f"{name}, which builds this variant, cannot be loaded"
    if isinstance(error, ModuleNotFoundError):
        what = f"{name}, which builds this variant, is not installed"
    return {
        "what": what,
        "expected": "",
        "remedy": "Install Inferoscope again with all its parts, or choose another variant",
        "detail": str(error),
    }


def raise_error(answer: Mapping[str, Any], subject: str) -> None:
    """Raise what kept a child from doing its task.

    Raises:
        ModelError: The model cannot be taken.
        OSError: The disk refused.
    """
    if "refused_by_disk" in answer:
        number = answer["refused_by_disk"]
        raise OSError(number, os.strerror(number))
    if "error" in answer:
        raise ModelError(subject=subject, **answer["error"])


def out_of_space() -> OSError:
    """For native code that says in other words that the disk is full."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
