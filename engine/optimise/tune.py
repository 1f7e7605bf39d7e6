"""Finds the best way to run a model on this machine: backend, device and precision first, then lanes and threads.

Everything that is here runs a few short rounds side by side. What is far behind leaves, what finds too little of what
the original finds leaves, and of those that are left the best try other numbers of lanes and threads; the slower half
leaves after every further round. Short measurements are for the many, long ones for the few between which they decide.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.backends.processor import core_count
from engine.cards import ModelCard, Precision, Profile
from engine.optimise.alike import Likeness
from engine.optimise.candidate import ORIGINAL, Candidate, Refused
from engine.optimise.int8_variant import find_int8
from engine.optimise.proving import Demand, Ground, blank_report, concluded, timing_pictures
from engine.optimise.race import Race, Runner, timing_of
from engine.optimise.report import Entry, Report, Way, is_proven
from engine.optimise.timing import combinations, fill
from engine.optimise.variant import BuildControl, Recipe
from engine.optimise.witness import Witness

BUDGET_S = 120.0

_QUALIFYING_ROUNDS = 2
_FAR_BEHIND = 0.7
"""Of the best: who is slower than that in the first rounds leaves."""
_FINALISTS = 2
_MOST_LANES = 64
_LEAST_GAIN = 1.03
_LEAST_ROUNDS = 4
_DOUBTS = 2.0
"""Other numbers of lanes and threads must gain so much, over so many rounds, and by so many standard errors."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What came of it.

    Attributes:
        report: Everything that was tried.
        winner: How to run the model here; None where nothing runs.
    """

    report: Report
    winner: Candidate | None


def tune(card: ModelCard, ground: Ground, control: BuildControl, demand: Demand) -> Tuned:
    """Find the best way to run a model.

    Args:
        card: The model.
        ground: Where to look; without frames to compare, lower precisions than FP32 do not take part.
        control: Told how far it is; can stop it.
        demand: What a person asks for; ``effort.budget_s`` bounds the measuring.

    Raises:
        CancelledError: Nobody wants it any more.
    """
    candidates, refused = combinations(ORIGINAL, card.path, ground.backends)
    int8 = _int8_variants(card, ground)
    with Race(timing_pictures(ground.calibration, ground.folder), control) as race:
        cards = {card.path: card, **{variant.path: variant for variant in int8.values()}}
        contest = _Contest(cards, ground, race, control, demand)
        contest.qualify([*candidates, *int8])
        contest.compare()
        contest.vary_lanes()
        contest.vary_threads()
        contest.decide()
        original, *variants = contest.entries(card)
        report = blank_report(card, original, ground, demand)
        report = replace(report, variants=tuple(variants), refused=(*refused, *race.refused))
    report = concluded(report, demand, contest.witness)
    return Tuned(report, report.recommendation.candidate if report.recommendation else None)


def _int8_variants(card: ModelCard, ground: Ground) -> dict[Candidate, ModelCard]:
    """The model's INT8 variants that are here, as each backend would run them when it is asked for INT8."""
    found = {backend: find_int8(card, backend) for backend, _ in ground.backends}
    return {_int8_candidate(variant, backend): variant for backend, variant in found.items() if variant is not None}


def _int8_candidate(variant: ModelCard, backend: str) -> Candidate:
    recipe = Recipe.OPENVINO_INT8 if variant.file_format == "openvino_ir" else Recipe.ONNX_INT8
    return Candidate(recipe.value, variant.path, backend, "CPU", Precision.INT8)


class _Contest:
    """The state of one search: who was ever in the race, and what is known of their answers.

    The cards are those of the original, first, and of its variants, by file.
    """

    def __init__(
        self, cards: Mapping[Path, ModelCard], ground: Ground, race: Race, control: BuildControl, demand: Demand
    ) -> None:
        self.witness: Witness | None = None
        self._cards = cards
        self._ground = ground
        self._race = race
        self._control = control
        self._demand = demand
        self._runners: list[Runner] = []
        self._likeness: dict[Candidate, Likeness | None] = {}
        self._incumbent: Runner | None = None
        """The best with the engine's own numbers of lanes and threads, from when it is known."""
        self._until = time.monotonic() + demand.effort.budget_s

    # Stages -----------------------------------------------------------------------------------------------------------

    def qualify(self, candidates: Sequence[Candidate]) -> None:
        """A few rounds for everyone; who is far behind leaves."""
        waiting, before = list(candidates), 0
        while waiting and len(waiting) != before:
            before = len(waiting)
            waiting = fill(self._race, waiting, self._control)
            self._note()
            self._rounds(_QUALIFYING_ROUNDS, "Trying what is here")
            best = max((self._worth(runner) for runner in self._race.runners), default=0.0)
            self._drop(r for r in self._others() if self._worth(r) < _FAR_BEHIND * best)
        self._race.refused += [
            Refused(c.name, c.place, "There is too little memory beside the others.") for c in waiting
        ]

    def compare(self) -> None:
        """Who finds too little of what the original finds leaves; without frames, all but FP32."""
        if self._ground.calibration and self._runners:
            reference = self._runners[0].candidate
            self.witness = Witness(self._cards[reference.path], reference, self._ground.calibration, self._control)
        for runner in list(self._race.runners):
            candidate = runner.candidate
            self._likeness[candidate] = (
                self.witness.likeness(self._cards[candidate.path], candidate) if self.witness else None
            )
        self._drop(r for r in self._others() if not self._is_allowed(r))
        self._halve(_FINALISTS)
        self._incumbent = next(iter(self._best(1)), None)

    def vary_lanes(self) -> None:
        """Other numbers of lanes for the best; they answer the same."""
        if self._demand.wish is Profile.THROUGHPUT:
            counts = _around(core_count(), _MOST_LANES)
            self._vary(
                [replace(r.candidate, lanes=n) for r in self._best(_FINALISTS) for n in counts if n != _lanes(r)]
            )

    def vary_threads(self) -> None:
        """Other numbers of threads for the best."""
        counts = {max(1, core_count() // 2), os.cpu_count() or 1} - {core_count()}
        self._vary([replace(r.candidate, threads=n) for r in self._best(1) for n in sorted(counts)])

    def decide(self) -> None:
        """Further rounds for those that are left."""
        effort = self._demand.effort
        self._halve(_FINALISTS)
        while self._race.runners and self._in_time() and self._fewest() < effort.most_rounds:
            self._rounds(1, "Deciding")

    def entries(self, original: ModelCard) -> list[Entry]:
        """What is known of every way that was tried, the reference first; lanes and threads where they surely gain."""
        shown = [r for r in self._runners if self._worth(r) and (_is_plain(r.candidate) or self._gains(r))]
        entries = {ORIGINAL: Entry(ORIGINAL, original.path, original.model_bytes)}
        for r in shown:
            way = Way(timing_of(r, self._runners[0]), self._likeness.get(_plain(r.candidate)))
            name, card = r.candidate.name, self._cards[r.candidate.path]
            entry = entries.get(name) or Entry(name, card.path, card.model_bytes)
            entries[name] = replace(entry, ways=(*entry.ways, way))
        return list(entries.values())

    # Parts of them ----------------------------------------------------------------------------------------------------

    def _vary(self, candidates: Sequence[Candidate]) -> None:
        """Let them join, and leave again where they do not win."""
        if not self._in_time():
            return
        fill(self._race, candidates, self._control)  # Where memory has no room for more, these do.
        self._note()
        while len(self._others()) > _FINALISTS and self._in_time():
            self._rounds(_QUALIFYING_ROUNDS, "Trying lanes and threads")
            self._halve(max(_FINALISTS, len(self._others()) // 2))

    def _rounds(self, count: int, phase: str) -> None:
        for _ in range(count):
            left = max(0.0, self._until - time.monotonic())
            self._control.progress(phase, 1 - left / self._demand.effort.budget_s)
            self._race.run_round(self._demand.effort.seconds)

    def _note(self) -> None:
        self._runners += [runner for runner in self._race.runners if runner not in self._runners]

    def _halve(self, count: int) -> None:
        """The best stay, of those that need not stay anyway."""
        best = self._best(count)
        self._drop(runner for runner in self._others() if runner not in best)

    def _best(self, count: int) -> list[Runner]:
        allowed = [runner for runner in self._race.runners if self._is_allowed(runner)]
        return sorted(allowed, key=self._worth, reverse=True)[:count]

    def _gains(self, runner: Runner) -> bool:
        """Whether it surely is better than the incumbent, and than with the engine's own number of threads."""
        simpler = replace(runner.candidate, threads=None)
        rivals = [r for r in self._runners if r is self._incumbent or r.candidate == simpler]
        return all(rival is runner or self._beats(runner, rival) for rival in rivals)

    def _beats(self, runner: Runner, rival: Runner) -> bool:
        """Whether it is better by more than chance, in the same rounds."""
        if len(runner.samples.keys() & rival.samples.keys()) < _LEAST_ROUNDS:
            return False
        worth, doubt = self._ratio(runner, rival), runner.uncertainty(rival, self._figure)
        return worth >= _LEAST_GAIN and worth * (1 - _DOUBTS * doubt) > 1

    def _fewest(self) -> int:
        return min(len(runner.samples) for runner in self._race.runners)

    def _worth(self, runner: Runner) -> float:
        """How many times as good as the reference it is, in what a person wishes; 0 where that is not known."""
        reference = self._runners[0]
        return self._ratio(runner, reference) if runner.samples.keys() & reference.samples.keys() else 0.0

    @property
    def _figure(self) -> str:
        return "latency_p50_ms" if self._demand.wish is Profile.LATENCY else "frames_per_s"

    def _ratio(self, runner: Runner, other: Runner) -> float:
        """How many times as good it is as another one."""
        ratio = runner.ratio(other, self._figure).median
        return 1 / ratio if self._demand.wish is Profile.LATENCY else ratio

    def _is_allowed(self, runner: Runner) -> bool:
        if runner is self._runners[0]:
            return True
        likeness = self._likeness.get(_plain(runner.candidate))
        if likeness is not None:
            return is_proven(likeness, self._demand.limit)
        return self.witness is None and runner.candidate.precision == self._runners[0].candidate.precision

    def _others(self) -> list[Runner]:
        """All but those that stay to the end, because others are held against them."""
        return [runner for runner in self._race.runners if runner not in (self._runners[0], self._incumbent)]

    def _drop(self, runners: Iterable[Runner]) -> None:
        self._race.drop(list(runners))

    def _in_time(self) -> bool:
        return time.monotonic() < self._until


def _plain(candidate: Candidate) -> Candidate:
    """The same with the engine's own numbers of lanes and threads."""
    return replace(candidate, lanes=None, threads=None)


def _is_plain(candidate: Candidate) -> bool:
    return candidate == _plain(candidate)


def _lanes(runner: Runner) -> int:
    return int(runner.loaded["execution"]["lanes"])


def _around(cores: int, most: int) -> list[int]:
    """Numbers of lanes that may be best on so many cores."""
    return sorted({1, max(1, cores // 2), cores, cores + max(1, cores // 2), 2 * cores} & set(range(1, most + 1)))
