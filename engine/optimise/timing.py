"""How fast candidates are on this machine, side by side."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.backends.backend import DeviceInfo
from engine.cards import Precision
from engine.optimise.candidate import Candidate, Measured, Refused, Timing
from engine.optimise.race import Race, Runner, timing_of
from engine.optimise.variant import BuildControl

_SETTLED = 0.01
"""Ratios that are known to so much of themselves need no further round."""
_SHORTEST_S, _LONGEST_S = 0.02, 0.4
"""Of one measurement."""
_USUAL_MEASUREMENTS = 3 * 5 * 9
"""Three of five candidates in nine rounds."""
_LEAST_FREE = 0.25
"""Of the memory; where less is available, further candidates wait for the next heat."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How thoroughly to measure.

    Attributes:
        seconds: Of each of the three measurements of a candidate in a round.
        least_rounds, most_rounds: Between these it ends when ratios are known well.
        budget_s: No new round begins after so long, once ``least_rounds`` are done.
    """

    seconds: float = 0.4
    least_rounds: int = 5
    most_rounds: int = 15
    budget_s: float = 180.0

    @classmethod
    def within(cls, budget_s: float) -> Effort:
        """About so long for a model that a few backends can run; little, and the rounds become short."""
        return cls(min(_LONGEST_S, max(_SHORTEST_S, budget_s / _USUAL_MEASUREMENTS)), budget_s=budget_s)


def combinations(
    name: str, path: Path, backends: Iterable[tuple[str, Sequence[DeviceInfo]]]
) -> tuple[list[Candidate], list[Refused]]:
    """Every way to run a file here, and why others are none.

    Args:
        name: Of the variant.
        path: Its file.
        backends: Keys of ``engine.backends.table``, each with its devices.

    INT8 is no candidate: integer layers are integer in all of them, and a float model has none. AUTO is none either:
    it is one of the devices beside it.
    """
    candidates: list[Candidate] = []
    refused: list[Refused] = []
    for backend, devices in backends:
        for device in devices:
            if not device.usable or device.name == "AUTO":
                continue
            for told in device.precisions:
                candidate = Candidate(name, path, backend, device.name, told.precision)
                if told.usable and told.precision is not Precision.INT8:
                    candidates.append(candidate)
                elif not told.usable:
                    refused.append(Refused(name, candidate.place, f"{told.reason}. {told.cure}."))
    return candidates, refused


def measure(
    candidates: Sequence[Candidate], pictures: Path, control: BuildControl, effort: Effort | None = None
) -> Measured:
    """Measure candidates alternating; the first that runs is the reference of all ratios.

    As many at the same time as memory holds, then the others, with the reference again among them.

    Args:
        candidates: What to measure.
        pictures: File of ``engine.optimise.stopwatch.save_pictures``.
        control: Told how far it is; can stop it.
        effort: How thoroughly.

    Raises:
        CancelledError: Nobody wants to know any more; the children are gone.
    """
    waiting, done = list(candidates), 0
    timings: list[Timing] = []
    refused: list[Refused] = []
    while waiting:
        with Race(pictures, control) as race:
            again = [timings[0].candidate] if timings else []
            waiting = fill(race, [*again, *waiting], control)
            share = (len(candidates) - len(waiting) - done) / len(candidates)
            _run(race, control, effort or Effort(), done / len(candidates), share)
            done = len(candidates) - len(waiting)
            new = [runner for runner in race.runners if runner.candidate not in again]
            timings += [timing_of(runner, race.runners[0]) for runner in new]
            refused += race.refused
    return Measured(tuple(timings), tuple(refused))


def fill(race: Race, candidates: Sequence[Candidate], control: BuildControl) -> list[Candidate]:
    """Load as many as memory holds, two at least; those that have to wait."""
    for number, candidate in enumerate(candidates):
        memory = psutil.virtual_memory()
        if len(race.runners) >= 2 and memory.available < _LEAST_FREE * memory.total:
            return list(candidates[number:])
        control.progress(f"Loading {candidate.title}")
        race.enter(candidate)
    return []


def _run(race: Race, control: BuildControl, effort: Effort, begin: float, share: float) -> None:
    until = time.monotonic() + effort.budget_s * share
    for number in range(effort.most_rounds):
        if number >= effort.least_rounds and (time.monotonic() > until or _settled(race.runners)):
            return
        control.progress(
            f"Round {number + 1}: measuring {len(race.runners)} in turn", begin + share * number / effort.most_rounds
        )
        race.run_round(effort.seconds)


def _settled(runners: Sequence[Runner]) -> bool:
    return all(
        runner.uncertainty(runners[0], figure) < _SETTLED
        for runner in runners[1:]
        for figure in ("inferences_per_s", "frames_per_s", "latency_p50_ms")
    )
