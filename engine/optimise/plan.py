"""What a person wants to be built and proven, and what has come of it so far: data only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from engine.backends.table import BACKENDS
from engine.capture.source import Source, SourceOptions
from engine.cards import ModelCard, Precision
from engine.errors import InferoscopeError
from engine.optimise.alike import Likeness
from engine.optimise.calibration import FRAMES, Calibration
from engine.optimise.candidate import ORIGINAL, Candidate
from engine.optimise.guard import Goal
from engine.optimise.report import Report, WorstFrame
from engine.optimise.timing import Effort
from engine.optimise.variant import VariantKind

FRAMES_STEP = "frames"
"""Name of the step that collects frames; the last one measures the original; those between are called as variants."""
BUDGET_S = 40.0
"""For timing the original, and each variant."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is wanted.

    Attributes:
        card: The original.
        kinds: Variants to build, in this order.
        folder: Where they go.
        source: Where frames come from, as for ``engine.capture.table.open_source``, with its secrets; "" for none.
        options: What was chosen about the source.
        tapped: Gives the frames instead, where the source cannot be opened twice.
        limit: Least agreement with the original, 0 to 1; 0 to quantise everything at once, without a search.
        backend, device, precision: How the original runs now: what speeds are held against. Without a backend, the
            first way in which it runs.
        backends: Keys of ``engine.backends.table``: where everything is measured.
        annotations: COCO labels of pictures, None where there are none.
        images: Folder of these pictures, None where it is ``source``.
        frames: So many to calibrate with.
        search_s: How long the search for each INT8 variant may take.
        effort: How thoroughly each variant is timed.
    """

    card: ModelCard
    kinds: tuple[VariantKind, ...]
    folder: Path
    source: str
    options: SourceOptions = field(default_factory=SourceOptions)
    tapped: Source | None = None
    limit: float = 0.95
    backend: str = ""
    device: str = "CPU"
    precision: Precision = Precision.FP32
    backends: tuple[str, ...] = tuple(BACKENDS)
    annotations: Path | None = None
    images: Path | None = None
    frames: int = FRAMES
    search_s: float = Goal().seconds
    effort: Effort = field(default_factory=lambda: Effort.within(BUDGET_S))

    @property
    def reference(self) -> Candidate | None:
        """How the original runs now; None for the first way in which it runs."""
        if not self.backend:
            return None
        return Candidate(ORIGINAL, self.card.path, self.backend, self.device, self.precision)


class StepState(StrEnum):
    """waiting -> running -> done | refused."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be done.

    Attributes:
        name: ``FRAMES_STEP``, ``candidate.ORIGINAL``, or the name of a variant.
        state: How far it is.
        phase: What is done now, "" while nothing is.
        share: How much of this step is done, 0 to 1; None where that is unknown.
        error: Why it is refused.
    """

    name: str
    state: StepState = StepState.WAITING
    phase: str = ""
    share: float | None = None
    error: InferoscopeError | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The original, or a variant, as it runs best here.

    Attributes:
        name: Of the variant; ``candidate.ORIGINAL`` for the original.
        path: Its file.
        model_bytes: Size on disk, weights included.
        backend, device, precision: How it ran; keys as in ``candidate.Candidate``.
        badge: The same as it was read back.
        speed: Frames a second as a multiple of the original's as it runs now: the median over rounds.
        speed_low, speed_high: Quartiles of the rounds.
        frames_per_s: Pictures to results, all lanes.
        latency_p50_ms, latency_p95_ms: From a picture to its result, one lane.
        peak_memory_bytes: Of a process that runs it.
        likeness: How far it finds what the original finds.
        map: Mean average precision on labelled pictures, None without labels.
        build_s: Seconds that building it took, None for the original.
        worst: Frames on which it agrees least, worst first.
    """

    name: str
    path: Path
    model_bytes: int
    backend: str
    device: str
    precision: Precision
    badge: str
    speed: float
    speed_low: float
    speed_high: float
    frames_per_s: float
    latency_p50_ms: float
    latency_p95_ms: float
    peak_memory_bytes: int
    likeness: Likeness
    map: float | None = None
    build_s: float | None = None
    worst: tuple[WorstFrame, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, as one value.

    Attributes:
        steps: Everything to be done, in order.
        findings: What was measured so far, the original first; none where there are no frames to compare.
        calibration: The frames, from when they are collected.
        report: Everything that was measured, for saving; grows with the findings, None before the first.
    """

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...] = ()
    calibration: Calibration | None = None
    report: Report | None = None

    def with_step(self, step: Step) -> Progress:
        """The same with one step as it is now."""
        return replace(self, steps=tuple(step if each.name == step.name else each for each in self.steps))
