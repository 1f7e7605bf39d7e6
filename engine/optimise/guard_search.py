"""Guarded quantisation: which layers stay in float, so that no more is lost than a person allows and as much is gained.

Nothing is known of a model beforehand; every idea is built, looked at and timed. From coarse to fine:

1. *Where to begin.* Everything in INT8; without what does not multiply and add; without what does little of it. For
   operations between the convolutions gain little and can cost a lot, and depthwise convolutions likewise. Then all of
   it with the widest ranges, where these are clearly closer: for one model they lose a third less, for another more.
2. *Who is guilty.* The layers in a few runs, in the order of computation. Each run in INT8 alone, the others in float,
   tells what that run costs. The runs that cost most for what they compute go to float, just as many as it takes: that
   number is found by halving, as more float means more agreement. The runs in float are then parted in two, and so on,
   as long as that gains. Faster coarse ideas are relieved of the same layers. What is within the limit only because a
   little is granted to scores at the threshold is relieved as well, where that makes a better trade.
3. *What can be given back.* Whatever stands in float is tried in INT8 once more, the cheapest first.
4. *What holds.* Of those within the limit the best trade is built again, calibrated with all frames, and judged by all
   held-out ones: those too that no choice was made by. If it fails there, the search goes on and asks for more; if it
   was timed too fast, the next best has its turn. In a trade, one percent closer to the original is worth one percent
   of speed, and to need no grace is worth seven.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.errors import ModelError
from engine.optimise.alike import CLOSENESS_SLACK
from engine.optimise.guard import Attempt, Goal, Guarded, Quantiser
from engine.optimise.variant import BuildControl, Layer, Quantisation

SEARCH_FRAMES = 40
"""Calibration frames while searching: ranges of activations hardly change beyond."""

_LEAST_SPEED_UP = 1.05
"""Less is within what one machine differs from itself."""
_ABOUT_AS_FAST = 0.97
"""Timing can hardly tell them apart."""
_BY_GRACE = 0.93
"""Of its trade: so much is worth what holds only because a little is granted to scores at the threshold."""
_LEAST_STEP = 0.005
"""Of a value: a change that gains less is none."""
_LEAST_CLOSER = 0.9
"""Of what the usual ranges lose: the widest are taken where they lose less than that, for frames differ."""
_RUNS = 8
_LEAST_WORK = 0.02
"""Of all multiply-adds: less in float is not worth looking into."""
_LEAST_LOSS = 0.15
"""Of the closeness that may be lost: runs in INT8 that cost less are not looked into."""
_LIGHT_SHARE = 0.08
"""The layers that together do so much of all multiply-adds are light: those that do least, each."""
_MOST_FAILED = 6
_RESERVE = 8.0
"""The time of so many of the longest trials is kept for the end: a thorough one takes about three, or twice that."""
_LEAST_RESERVE = 4.0
"""The same where nothing holds yet: then there is more to be had from looking on."""


def search(
    quantiser: Quantiser, goal: Goal, control: BuildControl, *, clock: Callable[[], float] = time.monotonic
) -> Guarded:
    """Find the quantisation with the best trade between speed and agreement that loses no more than is allowed.

    Args:
        quantiser: Builds and measures.
        goal: What is allowed.
        control: Told how far it is; can stop it.
        clock: Seconds.

    Raises:
        ModelError: It cannot be quantised, or nothing can be told from the held-out frames.
        CancelledError: Nobody wants it any more.
    """
    return _Search(quantiser, goal, control, clock).run()


class _OutOfTimeError(Exception):
    """What is left is needed for the end."""


Names = frozenset[str]
Run = tuple[str, ...]
"""Layers that follow each other in the order of computation."""


class _Search:
    def __init__(self, quantiser: Quantiser, goal: Goal, control: BuildControl, clock: Callable[[], float]) -> None:
        self._quantiser = quantiser
        self._goal = goal
        self._control = control
        self._clock = clock
        self._begun_s = clock()
        self._longest_s = 0.0
        self._built = 0
        self._tried: dict[Quantisation, Attempt] = {}
        self._needed = goal
        self._ranges = Quantisation().ranges
        self._confirmed: list[Attempt] = []
        self._failed: set[Quantisation] = set()
        layers = [layer for layer in quantiser.layers() if not layer.in_tail]
        self._linear = [layer for layer in layers if layer.multiply_adds]
        self._kinds = _by_kind(layer for layer in layers if not layer.multiply_adds)
        self._work = {layer.name: layer.multiply_adds for layer in self._linear}

    def run(self) -> Guarded:
        """All four stages, again and more strictly where nothing holds in the end; the time may end them."""
        if not self._linear:
            raise ModelError(
                "The model has no convolution or matrix product that could be quantised",
                remedy="Choose another variant",
            )
        try:
            bases = self._begin()
            while bases and len(self._failed) < _MOST_FAILED:
                if not self._is_met(bases[0]):
                    self._relieve(bases)
                self._give_back()
                if self._settle():
                    break
        except _OutOfTimeError:
            _ = self._confirm() or self._confirm()
        return self._found(self._best(self._confirmed))

    def _found(self, best: Attempt | None) -> Guarded:
        faster = [one for one in self._tried.values() if one.speed_up >= _LEAST_SPEED_UP]
        nearest = max(faster, key=self._goal.margin, default=None)
        return Guarded(best, None if best else nearest, self._frontier(), self._built, self._clock() - self._begun_s)

    # Where to begin ---------------------------------------------------------------------------------------------------

    def _begin(self) -> list[Attempt]:
        """Of a few coarse ideas the one to go on from, and those that are faster; none where none gains.

        That is the fastest within the limit where none is faster than that. Else it is the most alike of those that
        are, or, where none is within the limit, of those with half of the most to be gained.
        """
        between = frozenset().union(*self._kinds.values())
        ideas = (Names(), between, self._light(), between | self._light())
        tried = [self._try(keep, "Trying coarse choices") for keep in ideas]
        if max(one.speed_up for one in tried) < _LEAST_SPEED_UP:
            return []
        if self._are_widest_closer(max(tried, key=lambda one: one.likeness.closeness)):
            tried += [self._try(keep, "Trying the widest ranges") for keep in ideas]
        most = max(one.speed_up for one in tried) - 1
        holding = max((one for one in tried if self._holds(one)), key=lambda one: one.speed_up, default=None)
        least = holding.speed_up / _ABOUT_AS_FAST if holding else 1 + most / 2
        worth = [one for one in tried if one.speed_up >= least]
        base = max(worth, key=lambda one: one.likeness.closeness, default=holding)
        return [base, *(one for one in worth if one.speed_up > base.speed_up)] if base else []

    def _are_widest_closer(self, usual: Attempt) -> bool:
        """Try the widest ranges; where they are clearly closer, all that is tried from now on has them."""
        quantisation = replace(usual.quantisation, ranges="widest")
        widest = self._try_quantisation(quantisation, "Trying the widest ranges")
        closer = 1 - widest.likeness.closeness < _LEAST_CLOSER * (1 - usual.likeness.closeness)
        if closer:
            self._ranges = quantisation.ranges
        return closer

    def _light(self) -> Names:
        """The layers that hardly compute anything, depthwise convolutions above all."""
        left = _LIGHT_SHARE * sum(self._work.values())
        light = []
        for layer in sorted(self._linear, key=lambda layer: layer.multiply_adds):
            left -= layer.multiply_adds
            if left < 0:
                break
            light.append(layer.name)
        return frozenset(light)

    # Who is guilty ----------------------------------------------------------------------------------------------------

    def _relieve(self, bases: Sequence[Attempt]) -> None:
        """Move the guiltiest runs of layers to float, and part them until there is nothing to be won back.

        Who is guilty is found from the first base; the others are relieved of the same layers.
        """
        base, *others = (one.quantisation.keep_float for one in bases)
        runs = _parts([layer.name for layer in self._linear if layer.name not in base], _RUNS)
        reached = [self._reached()]
        while True:
            ranked = sorted(runs, key=lambda run: self._loss(run, base) / self._work_of(run), reverse=True)
            kept = self._enough(ranked, base)
            if not self._confirmed:  # Early, so that there is something, and to know how kind the few frames are.
                self._confirm()
            mixed = self._mixed(ranked[:kept], ranked[kept:], base)
            reached.append(self._reached())
            before = reached[-3:][0]  # Two rounds ago: one may only part the guilty from each other.
            if not mixed or 0 < reached[-1] < before + _LEAST_STEP:
                break
            runs = [part for run in runs for part in (_parts(run, 2) if run in mixed else [run])]
        for other in others:
            self._enough(ranked, other)

    def _mixed(self, kept: Sequence[Run], others: Sequence[Run], base: Names) -> set[Run]:
        """Runs to be parted: first those in float that compute much, then those in INT8 that cost much."""
        least_work = _LEAST_WORK * sum(self._work.values())
        least_loss = _LEAST_LOSS * CLOSENESS_SLACK * (1 - self._goal.agreement)
        return {run for run in kept if len(run) > 1 and self._work_of(run) >= least_work} or {
            run for run in others if len(run) > 1 and self._loss(run, base) >= least_loss
        }

    def _loss(self, run: Run, base: Names) -> float:
        """What a run of layers costs alone."""
        others = base | (self._work.keys() - set(run))
        return 1 - self._try(others, "Finding the layers that cost most").likeness.closeness

    def _work_of(self, run: Run) -> int:
        return sum(self._work[name] for name in run)

    def _enough(self, ranked: Sequence[Run], base: Names) -> int:
        """How many of the ranked runs must stay in float to need no grace; what the limit alone takes is tried, too."""
        self._fewest(ranked, base, self._holds)
        return self._fewest(ranked, base, self._is_met)

    def _fewest(self, ranked: Sequence[Run], base: Names, enough_is: Callable[[Attempt], bool]) -> int:
        """How many of the ranked runs must stay in float so that it is enough; all where that gains nothing."""
        too_few, enough = 0, len(ranked)
        while enough - too_few > 1:
            middle = (too_few + enough) // 2
            one = self._try(base.union(*ranked[:middle]), "Moving layers to float")
            if enough_is(one):
                enough = middle
            else:
                too_few = middle
        return enough

    # What can be given back -------------------------------------------------------------------------------------------

    def _give_back(self) -> None:
        """Quantise what the best keeps in float, one after the other, where that is a better trade."""
        best = self._best(self._holding())
        if best is None:
            return
        for names in self._kept(best.quantisation.keep_float):
            one = self._try(best.quantisation.keep_float - names, "Giving layers back")
            if self._holds(one) and self._value(one) > self._value(best) + _LEAST_STEP:
                best = one
        self._try_quantisation(replace(best.quantisation, preset="performance"), "Trying symmetric activations")

    def _kept(self, keep: Names) -> list[Names]:
        """What could be given back: kinds of operations, then layers that compute much."""
        kinds = [names for names in self._kinds.values() if names <= keep]
        least = _LEAST_WORK / 2 * sum(self._work.values())
        heavy = [layer for layer in self._linear if layer.name in keep and layer.multiply_adds >= least]
        heavy.sort(key=lambda layer: layer.multiply_adds, reverse=True)
        return [*kinds, *(frozenset({layer.name}) for layer in heavy)]

    # What holds -------------------------------------------------------------------------------------------------------

    def _settle(self) -> bool:
        """Confirm until the best is one that was confirmed; False where one fails."""
        while self._unconfirmed() is not None:
            self._keep_reserve()
            if not self._confirm():
                return False
        return True

    def _confirm(self) -> bool:
        """Measure the best that holds thoroughly; False where it fails, and more is asked for from now on."""
        chosen = self._unconfirmed()
        if chosen is None:
            return True
        final = self._measure(_on_all_frames(chosen), "Checking on all frames", thoroughly=True)
        if not self._goal.allows(final) or final.speed_up < _LEAST_SPEED_UP:
            self._failed.add(chosen.quantisation)
            self._ask_more(final)
            return False
        self._confirmed.append(final)
        # The fastest of many was lucky as well: what is measured for longer may leave another one the best.
        self._tried[chosen.quantisation] = replace(chosen, speed_up=final.speed_up)
        return True

    def _unconfirmed(self) -> Attempt | None:
        """The best that holds, None where it is no better than what was measured thoroughly."""
        best = self._best([*self._holding(), *self._confirmed])
        known = {one.quantisation for one in self._confirmed}
        return None if best is None or best.quantisation in known or _on_all_frames(best) in known else best

    def _ask_more(self, final: Attempt) -> None:
        """Raise what the search needs by what was missing in the end: its few frames were kinder than all of them."""
        self._needed = self._needed.stricter(max(0.0, -self._goal.margin(final)))

    def _holding(self) -> list[Attempt]:
        return [one for one in self._tried.values() if self._holds(one) and one.speed_up >= _LEAST_SPEED_UP]

    def _best(self, attempts: Sequence[Attempt]) -> Attempt | None:
        return max(attempts, key=self._value, default=None)

    def _value(self, one: Attempt) -> float:
        """The trade between speed and agreement, less where it needs grace."""
        return one.speed_up * one.likeness.closeness * (1 if self._goal.is_met(one) else _BY_GRACE)

    def _reached(self) -> float:
        """The best value, 0 where nothing holds."""
        return max(map(self._value, self._holding()), default=0.0)

    def _frontier(self) -> tuple[Attempt, ...]:
        frontier: list[Attempt] = []
        for one in sorted(self._tried.values(), key=lambda one: (one.speed_up, one.likeness.closeness), reverse=True):
            if not frontier or one.likeness.closeness > frontier[-1].likeness.closeness:
                frontier.append(one)
        return tuple(frontier)

    # One trial --------------------------------------------------------------------------------------------------------

    def _try(self, keep: Names, phase: str) -> Attempt:
        return self._try_quantisation(Quantisation(keep, ranges=self._ranges, frames=SEARCH_FRAMES), phase)

    def _try_quantisation(self, quantisation: Quantisation, phase: str) -> Attempt:
        """Measure one, once."""
        if quantisation not in self._tried:
            self._keep_reserve()
            self._tried[quantisation] = self._measure(quantisation, phase, thoroughly=False)
        return self._tried[quantisation]

    def _keep_reserve(self) -> None:
        """Raise where what is left of the time is needed for the end."""
        left_s = self._goal.seconds - (self._clock() - self._begun_s)
        reserve = _RESERVE if self._holding() else _LEAST_RESERVE
        if self._built and left_s < reserve * self._longest_s:
            raise _OutOfTimeError

    def _measure(self, quantisation: Quantisation, phase: str, *, thoroughly: bool) -> Attempt:
        begun_s = self._clock()
        self._control.progress(self._described(phase), min(1.0, (begun_s - self._begun_s) / self._goal.seconds))
        measured = self._quantiser.measure(quantisation, thoroughly=thoroughly)
        if not measured.likeness.expected:
            raise ModelError(
                "The original finds nothing on the frames, so nothing can be compared",
                remedy="Calibrate with a source that shows what the model is to find",
            )
        self._built += 1
        self._longest_s = max(self._longest_s, self._clock() - begun_s)
        return measured

    def _described(self, phase: str) -> str:
        best = self._best(self._holding())
        return f"{phase}, best so far {best.speed_up:.2f} times as fast" if best else phase

    def _holds(self, one: Attempt) -> bool:
        return one.quantisation not in self._failed and self._needed.allows(one)

    def _is_met(self, one: Attempt) -> bool:
        return self._holds(one) and self._goal.is_met(one)


def _on_all_frames(one: Attempt) -> Quantisation:
    return replace(one.quantisation, frames=0)


def _by_kind(layers: Iterable[Layer]) -> dict[str, Names]:
    kinds: dict[str, set[str]] = {}
    for layer in layers:
        kinds.setdefault(layer.kind, set()).add(layer.name)
    return {kind: frozenset(names) for kind, names in kinds.items()}


def _parts(names: Sequence[str], count: int) -> list[Run]:
    """Runs of about the same length, none empty."""
    count = min(count, len(names))
    ends = [round(len(names) * i / count) for i in range(count + 1)]
    return [tuple(names[a:b]) for a, b in pairwise(ends)]
