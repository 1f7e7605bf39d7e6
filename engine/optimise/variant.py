"""What a variant of a model is, and what may be chosen about one: data only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Protocol

from engine.errors import ModelError

ORIGIN_KEY = "inferoscope_origin"
"""Under which a variant's file carries its origin as JSON (ONNX metadata, runtime info of an IR)."""

_ORIGIN_TEXTS = ("source_name", "source_sha256", "recipe")
_PRUNED = re.compile(r"pruned-([1-9][0-9]?)")


class Recipe(StrEnum):
    """How a variant is made; all but ``PRUNED`` are names of variants as they stand."""

    ONNX_FUSED = "onnx-fused"
    ONNX_FP16 = "onnx-fp16"
    ONNX_INT8 = "onnx-int8"
    OPENVINO_FP16 = "openvino-fp16"
    OPENVINO_INT8 = "openvino-int8"
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class VariantKind:
    """Which variant: a recipe, and for a pruned one the per cent of weights that are zeroed (1 to 99)."""

    recipe: Recipe
    percent: int = 0

    @property
    def name(self) -> str:
        """As a person writes it: "openvino-int8", "pruned-50"."""
        return f"{self.recipe}-{self.percent}" if self.recipe is Recipe.PRUNED else str(self.recipe)

    @property
    def is_int8(self) -> bool:
        """Whether it is quantised, and so needs frames to calibrate with."""
        return self.recipe in (Recipe.ONNX_INT8, Recipe.OPENVINO_INT8)


def parse_kind(text: str) -> VariantKind:
    """The variant that a person named.

    Raises:
        ModelError: There is none of this name.
    """
    pruned = _PRUNED.fullmatch(text)
    if pruned:
        return VariantKind(Recipe.PRUNED, int(pruned[1]))
    plain = {str(recipe): recipe for recipe in Recipe if recipe is not Recipe.PRUNED}
    if text in plain:
        return VariantKind(plain[text])
    raise ModelError(
        "There is no such variant",
        subject=text,
        expected=f"{', '.join(plain)} or pruned-1 to pruned-99",
        remedy="Choose one of these",
    )


Preset = Literal["mixed", "performance"]
"""Activations asymmetric, or symmetric."""
Ranges = Literal["usual", "widest"]
"""Levels of activations are spread over what the recipe finds best, or over everything that occurred."""


@dataclass(frozen=True, slots=True)
class Quantisation:
    """What of a model is quantised: everything but these layers, and never what comes behind the last linear one.

    Attributes:
        keep_float: Names of layers as ``build.layers`` gives them (names of ONNX nodes, friendly names of OpenVINO).
        preset: Of activations.
        ranges: Of activations.
        frames: Calibrate with so many of the frames at most, spread evenly; 0 for all.
    """

    keep_float: frozenset[str] = frozenset()
    preset: Preset = "mixed"
    ranges: Ranges = "usual"
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Layer:
    """One operation of a graph, as a quantiser sees it.

    Attributes:
        name: What ``Quantisation.keep_float`` calls it.
        kind: ONNX's name of the operation ("Conv", "Sigmoid"), also where OpenVINO runs it.
        multiply_adds: Of one run at the card's input size; 0 where it is no convolution or matrix product.
        order: Place in the order of computation, from 0.
        inputs: Names of the layers whose results it reads.
        in_tail: Whether it comes behind the last linear layer and so stays in float whatever is asked.
    """

    name: str
    kind: str
    multiply_adds: int
    order: int
    inputs: tuple[str, ...]
    in_tail: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a variant comes from. Its file carries it.

    Attributes:
        source_name: File name of the original.
        source_sha256: Hash of the original, as in its card.
        recipe: Name of the variant's kind.
        settings: What the recipe was told.
        calibration: What it was calibrated with (source, frames), empty where it was not.
        versions: Package -> version of what built it.
        built_utc: When, ISO 8601.
        processor: On which it was built, and where a search chose it, proven: an older one may compute INT8 otherwise.
    """

    source_name: str
    source_sha256: str
    recipe: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    built_utc: str = ""
    processor: str = ""


def origin_in(metadata: Mapping[str, str]) -> Origin | None:
    """What a file says of its origin; None where it says nothing that can be read. Anybody may have written it."""
    try:
        told = json.loads(metadata[ORIGIN_KEY])
        known = {each.name: told[each.name] for each in fields(Origin) if each.name in told}
        return Origin(**known) if all(isinstance(told[key], str) for key in _ORIGIN_TEXTS) else None
    except (KeyError, ValueError, TypeError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant that was built and checked.

    Attributes:
        name: Name of its kind.
        path: Its .onnx file, or the .xml of its IR.
        model_bytes: Size on disk, weights included.
        origin: Where it comes from.
        notes: What the recipe did, a sentence each.
        build_s: Seconds that it took.
    """

    name: str
    path: Path
    model_bytes: int
    origin: Origin
    notes: tuple[str, ...] = ()
    build_s: float = 0.0


class BuildControl(Protocol):
    """Whoever waits for a variant; ``engine.pipeline.jobs.JobControl`` is one."""

    def progress(self, phase: str, share: float | None = None) -> None:
        """Told what is done now and how much of it, 0 to 1.

        Raises:
            CancelledError: Nobody wants it any more.
        """

    def cancelled(self) -> bool:
        """Whether nobody wants it any more."""

    def wait(self, seconds: float) -> bool:
        """Wait so long; True, at once, when nobody wants it any more."""
