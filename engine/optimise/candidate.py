"""What is timed, and what came of it: data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.cards import Precision

ORIGINAL = "original"
"""Name of the model that variants are made from."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to run a model.

    Attributes:
        name: Of the variant; ``ORIGINAL`` for the model itself.
        path: Its file.
        backend: Key of ``engine.backends.table``.
        device: As ``DeviceInfo.name`` has it.
        precision: Of its float layers.
        lanes: Inferences at the same time, None for what the engine takes by itself.
        threads: CPU threads in all, None for what the engine takes by itself.
    """

    name: str
    path: Path
    backend: str
    device: str = "CPU"
    precision: Precision = Precision.FP32
    lanes: int | None = None
    threads: int | None = None

    @property
    def place(self) -> str:
        """Where and how it is to run, in words."""
        return " · ".join((self.backend, self.device, self.precision.upper(), *self.chosen))

    @property
    def chosen(self) -> tuple[str, ...]:
        """Numbers of lanes and threads that are not the engine's own, in words."""
        numbers = ((self.lanes, "lane"), (self.threads, "thread"))
        return tuple(f"{count} {what}{'s' * (count > 1)}" for count, what in numbers if count)

    @property
    def title(self) -> str:
        """What is to run where and how, in words."""
        return f"{self.name} on {self.place}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A candidate's figures of one round.

    Attributes:
        latency_p50_ms, latency_p95_ms: From a picture to its result, one lane.
        infer_p50_ms: Of these, the inference alone.
        frames_per_s: Pictures to results, all lanes.
        inferences_per_s: Inferences alone, all lanes, times the pictures of a batch.
        cpu_ms: Processor time of the whole process for a picture, all lanes.
    """

    latency_p50_ms: float
    latency_p95_ms: float
    infer_p50_ms: float
    frames_per_s: float
    inferences_per_s: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Spread:
    """A ratio to the reference: the median over the rounds in which both were measured, and how far these lie apart.

    Attributes:
        median: The figure.
        low, high: Quartiles of the rounds.
    """

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Timing:
    """What was measured of a candidate; medians over rounds.

    Attributes:
        candidate: What ran.
        execution: What really ran, as ``engine.cards_json.execution_json`` has it.
        figures: The medians.
        speed: ``inferences_per_s`` as a multiple of the reference's, from the same rounds.
        live_speed: ``frames_per_s`` likewise.
        latency: ``latency_p50_ms`` likewise; below 1 is quicker.
        peak_memory_bytes: Of the process that loads the model once and runs all its lanes.
        load_s: Seconds from the file until it is warm, nothing being cached.
        rounds: How many there were; the quieter ones count.
        disturbance: Share of the processor that other work took meanwhile, 0 to 1.
    """

    candidate: Candidate
    execution: Mapping[str, Any]
    figures: Sample
    speed: Spread
    live_speed: Spread
    latency: Spread
    peak_memory_bytes: int
    load_s: float
    rounds: int
    disturbance: float = 0.0

    @property
    def badge(self) -> str:
        """Runtime, device and precision in use."""
        return str(self.execution["badge"])


@dataclass(frozen=True, slots=True)
class Refused:
    """What could not be run, or not be built.

    Attributes:
        name: Of the variant.
        place: Where and how it was to run, "" where it was not even built.
        reason: One sentence.
    """

    name: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of timing candidates.

    Attributes:
        timings: Of those that ran, the reference first; in the order in which they were given.
        refused: The others.
    """

    timings: tuple[Timing, ...]
    refused: tuple[Refused, ...] = field(default=())
