"""What is known of a model's variants on this machine, as one value: speed, agreement, size, and what to take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.optimise.alike import Likeness
from engine.optimise.candidate import Candidate, Refused, Timing

DISTURBED = 0.1
"""Share of the processor that other work may take without a word about it."""
MAP_LOSS = 0.01
"""Of mean average precision: so much may be lost where there are labels to tell."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run a variant here.

    Attributes:
        timing: How fast it is.
        likeness: How far it finds what the original finds in FP32; None where nobody has looked.
        map: Mean average precision on labelled pictures, 0 to 1; None where there are none.
    """

    timing: Timing
    likeness: Likeness | None = None
    map: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """The original, or a variant.

    Attributes:
        name: Of the variant's kind, ``candidate.ORIGINAL`` for the original.
        path: Its file.
        model_bytes: Size on disk, weights included.
        ways: Ways to run it that were measured.
        build_s: Seconds that building it took, None for the original.
        notes: What the recipe did, a sentence each.
        origin: Where it comes from, as its file has it; empty for the original.
    """

    name: str
    path: Path
    model_bytes: int
    ways: tuple[Way, ...] = ()
    build_s: float | None = None
    notes: tuple[str, ...] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def likeness(self) -> Likeness | None:
        """How far it finds what the original finds, as its first way that was looked at runs it."""
        return next((way.likeness for way in self.ways if way.likeness is not None), None)

    @property
    def map(self) -> float | None:
        """Mean average precision, as its first way that was held against labels runs it."""
        return next((way.map for way in self.ways if way.map is not None), None)

    def badge(self, way: Way) -> str:
        """What a way runs as, read back; with what was asked for where something else that was runs as the same."""
        same = {each.timing.candidate.precision for each in self.ways if each.timing.badge == way.timing.badge}
        asked = f" (asked for {way.timing.candidate.precision.upper()})" if len(same) > 1 else ""
        return way.timing.badge + asked


@dataclass(frozen=True, slots=True)
class WorstFrame:
    """A frame on which a variant agrees least with the original.

    Attributes:
        name: Of the variant.
        place: How it ran.
        frame: Number among the frames that were compared.
        agreement: On this frame, 0 to 1.
        original, variant: The frame with what each has found, JPEG.
    """

    name: str
    place: str
    frame: int
    agreement: float
    original: bytes
    variant: bytes


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to take.

    Attributes:
        name: Of the variant; ``candidate.ORIGINAL`` where none is better.
        candidate: How to run it.
        sentence: What it is, and why.
    """

    name: str
    candidate: Candidate
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one model on one machine.

    Attributes:
        model: File name of the original.
        task: What it answers.
        machine: Processor and cores, in words.
        source: Where the frames of the comparison come from, without secrets; "" where there was none.
        frames: How many were compared.
        limit: Least agreement that a person allows, 0 to 1.
        original: The model as it is; its first way is the reference of all ratios.
        variants: What was made of it.
        refused: What could not be built or run, with the reason.
        recommendation: What to take; None where nothing ran.
        worst: Frames to look at.
        created_utc: When, ISO 8601.
    """

    model: str
    task: str
    machine: str
    source: str
    frames: int
    limit: float
    original: Entry
    variants: tuple[Entry, ...] = ()
    refused: tuple[Refused, ...] = ()
    recommendation: Recommendation | None = None
    worst: tuple[WorstFrame, ...] = ()
    created_utc: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The original and its variants."""
        return (self.original, *self.variants)

    @property
    def disturbance(self) -> float:
        """Share of the processor that other work took while it was measured, 0 to 1, on average."""
        shares = [way.timing.disturbance for _, way in self.ways()]
        return sum(shares) / len(shares) if shares else 0.0

    def ways(self) -> Iterator[tuple[Entry, Way]]:
        """Every way to run any of them."""
        return ((entry, way) for entry in self.entries for way in entry.ways)


def is_allowed(entry: Entry, way: Way, original: Entry, limit: float) -> bool:
    """Whether no more is lost than a person allows; where there are labels, these decide.

    A way that nobody has looked at is allowed for the original in FP32 alone, which is what others are held against.
    """
    if way is next(iter(original.ways), None):
        return True
    if way.likeness is None and way.map is None:
        return entry is original and _is_in_stored_precision(way)
    return keeps_within(limit, way.likeness, way.map, original.map)


def keeps_within(limit: float, likeness: Likeness | None, accuracy: float | None, original: float | None) -> bool:
    """Whether no more is lost than a person allows: the one rule of report and page.

    Args:
        limit: Least agreement, 0 to 1.
        likeness: To the original, None where nobody has looked.
        accuracy: Mean average precision, None where there are no labels.
        original: That of the original as the reference runs it.
    """
    if accuracy is not None and original is not None:
        return accuracy >= original - MAP_LOSS
    return likeness is not None and is_proven(likeness, limit)


def is_proven(likeness: Likeness, limit: float) -> bool:
    """Whether frames with something to find on them have shown that no more is lost than a person allows."""
    return likeness.expected > 0 and likeness.holds(limit)


def _is_in_stored_precision(way: Way) -> bool:
    """Whether its float layers are computed in FP32."""
    return not {"bf16", "fp16"} & set(way.timing.execution["precision_shares"])
