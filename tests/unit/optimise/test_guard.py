"""The search for what stays in float, against a quantiser whose layers cost what a test says they do."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from engine.errors import CancelledError, ModelError
from engine.optimise.alike import Likeness
from engine.optimise.guard import Attempt, Goal, Guarded
from engine.optimise.guard_search import search
from engine.optimise.variant import Layer, Quantisation

BUILD_S = 10.0


class Control:
    """Cancels at the phase that a test names."""

    def __init__(self, cancel_at: int = 10**9) -> None:
        self.phases: list[str] = []
        self._cancel_at = cancel_at

    def progress(self, phase: str, share: float | None = None) -> None:
        assert share is None or 0 <= share <= 1
        self.phases.append(phase)
        if self.cancelled():
            raise CancelledError

    def cancelled(self) -> bool:
        return len(self.phases) >= self._cancel_at

    def wait(self, seconds: float) -> bool:
        raise AssertionError("a search waits for nothing")


@dataclass
class FakeQuantiser:
    """A chain of layers; each has a time in float and in INT8, and a loss that it costs in INT8.

    Attributes:
        costs: Layer name -> loss of agreement in INT8; none for those that are not named.
        slow: Names of layers that take longer in INT8.
        optimism: By how much the frames of the search are kinder than the others.
        widest: So many times is lost with the widest ranges.
        strictness: So many times is lost where nothing is granted to scores at the threshold.
        expected: Objects that the original found.
    """

    chain: Sequence[Layer]
    costs: Mapping[str, float] = field(default_factory=dict)
    slow: frozenset[str] = frozenset()
    optimism: float = 0.0
    widest: float = 2.0
    strictness: float = 1.0
    expected: int = 100
    gain: float = 0.5
    now_s: float = 0.0
    measured: list[tuple[Quantisation, bool]] = field(default_factory=list)

    def layers(self) -> Sequence[Layer]:
        return self.chain

    def measure(self, quantisation: Quantisation, *, thoroughly: bool) -> Attempt:
        self.now_s += BUILD_S * (2 if thoroughly else 1)
        self.measured.append((quantisation, thoroughly))
        return self.attempt(quantisation, thoroughly=thoroughly)

    def attempt(self, quantisation: Quantisation, *, thoroughly: bool = True) -> Attempt:
        keep = quantisation.keep_float
        loss = sum(cost for name, cost in self.costs.items() if name not in keep)
        loss *= self.widest if quantisation.ranges == "widest" else 1.0
        loss = 1 - (1 - loss / 4) ** 4 if loss < 4 else 1.0  # A ruined model can hardly be ruined more.
        loss -= 0.0 if thoroughly else min(loss, self.optimism)
        likeness = Likeness(1 - loss, 1 - loss, (1 - loss,), self.expected, at_threshold=1 - self.strictness * loss)
        return Attempt(quantisation, likeness, self._float_s / self._seconds(keep))

    @property
    def _float_s(self) -> float:
        return self._seconds(frozenset(layer.name for layer in self.chain))

    def _seconds(self, keep: frozenset[str]) -> float:
        total = 0.0
        for layer in self.chain:
            in_float = max(layer.multiply_adds, 1)
            share = 1.0 if layer.name in keep or layer.in_tail else self.gain
            total += in_float * share + (20 if layer.name in self.slow and layer.name not in keep else 0)
        return total


def _chain(linear: int, *, work: Sequence[int] = ()) -> list[Layer]:
    """Convolution, Sigmoid, convolution, Sigmoid .. and a tail."""
    layers: list[Layer] = []
    for i in range(linear):
        before = (layers[-1].name,) if layers else ()
        layers.append(Layer(f"conv{i}", "Conv", work[i] if work else 100, len(layers), before))
        layers.append(Layer(f"act{i}", "Sigmoid", 0, len(layers), (f"conv{i}",)))
    layers.append(Layer("decode", "Concat", 0, len(layers), (layers[-1].name,), in_tail=True))
    return layers


def _search(quantiser: FakeQuantiser, goal: Goal | None = None, control: Control | None = None) -> Guarded:
    return search(quantiser, goal or Goal(), control or Control(), clock=lambda: quantiser.now_s)


def _best(guarded: Guarded) -> Attempt:
    assert guarded.best is not None
    return guarded.best


def test_where_nothing_is_lost_everything_is_quantised_at_once() -> None:
    quantiser = FakeQuantiser(_chain(24))

    found = _search(quantiser)

    assert not _best(found).quantisation.keep_float
    assert _best(found).speed_up == pytest.approx(2.0, rel=0.02)
    assert found.trials <= 7
    assert "times as fast" in found.verdict


def test_operations_between_the_convolutions_stay_in_float_where_they_cost() -> None:
    chain = _chain(24)
    acts = frozenset(layer.name for layer in chain if layer.kind == "Sigmoid")
    quantiser = FakeQuantiser(chain, dict.fromkeys(acts, 0.02), slow=acts)

    found = _search(quantiser)

    assert _best(found).quantisation.keep_float >= acts
    assert _best(found).speed_up > 1.9


def test_operations_that_gain_only_together_are_quantised_together() -> None:
    """As where INT8 goes from one convolution to the next through what lies between."""

    @dataclass
    class Joined(FakeQuantiser):
        def attempt(self, quantisation: Quantisation, *, thoroughly: bool = True) -> Attempt:
            plain = super().attempt(quantisation, thoroughly=thoroughly)
            broken = any(not name.startswith("conv") for name in quantisation.keep_float)
            return Attempt(quantisation, plain.likeness, plain.speed_up - (0.2 if broken else 0.0))

    chain = _chain(48)
    kinds = [Layer(a.name, "Sigmoid" if i % 4 else "Concat", 0, i, a.inputs) for i, a in enumerate(chain)]
    chain = [kind if layer.kind == "Sigmoid" else layer for layer, kind in zip(chain, kinds, strict=True)]

    found = _search(Joined(chain, {"conv20": 0.2, **{f"act{i}": 0.0005 for i in range(48)}}))

    assert _best(found).quantisation.keep_float == {"conv20"}


def test_what_is_given_back_must_be_worth_what_it_loses() -> None:
    gains = {"Sigmoid": 0.02, "Concat": 0.2, "Resize": 0.02}

    @dataclass
    class Mixed(FakeQuantiser):
        def attempt(self, quantisation: Quantisation, *, thoroughly: bool = True) -> Attempt:
            plain = super().attempt(quantisation, thoroughly=thoroughly)
            kept = {layer.kind for layer in self.chain if layer.name in quantisation.keep_float}
            return replace(plain, speed_up=plain.speed_up - sum(gains.get(kind, 0.0) for kind in kept))

    kinds = [*gains, *gains, *gains, *gains]
    chain = _chain(len(kinds))
    chain = [replace(one, kind=kinds[int(one.name[3:])]) if one.kind == "Sigmoid" else one for one in chain]
    costly = {one.name: 0.03 / 4 for one in chain if one.kind in {"Sigmoid", "Resize"}}

    best = _best(_search(Mixed(chain, costly)))

    assert {one.kind for one in chain if one.name in best.quantisation.keep_float} == {"Sigmoid", "Resize"}


def test_one_guilty_layer_is_found_and_nothing_else_stays_in_float() -> None:
    quantiser = FakeQuantiser(_chain(64), {"conv37": 0.3})

    found = _search(quantiser)

    convolutions = {name for name in _best(found).quantisation.keep_float if name.startswith("conv")}
    assert convolutions == {"conv37"}
    assert found.seconds < 600


def test_guilty_layers_far_apart_are_found() -> None:
    guilty = {"conv3": 0.2, "conv30": 0.1, "conv31": 0.15, "conv60": 0.3}
    quantiser = FakeQuantiser(_chain(64), {**guilty, "conv10": 0.005, "conv50": 0.005})

    found = _search(quantiser)

    best = _best(found)
    assert best.likeness.agreement >= 0.95
    kept = {name for name in best.quantisation.keep_float if name.startswith("conv")}
    assert guilty.keys() <= kept
    assert len(kept) <= 8


@pytest.mark.parametrize("seed", range(8))
def test_the_search_comes_near_the_best_there_is(seed: int) -> None:
    chance = random.Random(seed)
    work = [chance.choice((10, 50, 100, 400)) for _ in range(40)]
    costs = {f"conv{i}": 0.3 * chance.random() ** 6 for i in range(40)}
    quantiser = FakeQuantiser(_chain(40, work=work), costs, strictness=0.0)

    best = _best(_search(quantiser))

    known = _of_one_who_knows(quantiser, work)
    assert best.likeness.holds(0.95)
    assert best.speed_up - 1 >= 0.85 * (max(one.speed_up for one in known) - 1)
    assert _trade(best) >= 0.95 * max(map(_trade, known))


def _of_one_who_knows(quantiser: FakeQuantiser, work: Sequence[int]) -> list[Attempt]:
    """What one who knew every cost would choose from: the cheapest for their work in INT8, as many as hold."""
    order = sorted(range(len(work)), key=lambda i: quantiser.costs[f"conv{i}"] / work[i])
    kept = (frozenset(f"conv{i}" for i in order[count:]) for count in range(1, len(order) + 1))
    attempts = (quantiser.attempt(Quantisation(keep)) for keep in kept)
    return [one for one in attempts if one.likeness.holds(0.95)]


def _trade(one: Attempt) -> float:
    return one.speed_up * one.likeness.closeness


@pytest.mark.parametrize(("times", "ranges"), [(0.5, "widest"), (0.95, "usual"), (2.0, "usual")])
def test_ranges_are_those_with_which_less_is_lost(times: float, ranges: str) -> None:
    found = _search(FakeQuantiser(_chain(24), {f"conv{i}": 0.003 for i in range(24)}, widest=times))

    assert _best(found).quantisation.ranges == ranges


def test_wide_ranges_save_layers_from_float() -> None:
    costs = {f"conv{i}": 0.003 for i in range(24)}

    narrow, wide = (_best(_search(FakeQuantiser(_chain(24), costs, widest=times))) for times in (2.0, 0.5))

    assert len(wide.quantisation.keep_float) < len(narrow.quantisation.keep_float)
    assert wide.speed_up > narrow.speed_up


@pytest.mark.parametrize(("work", "kept"), [(65, True), (3000, False)])
def test_a_little_speed_is_given_for_much_agreement_and_much_speed_is_not(work: int, kept: bool) -> None:
    quantiser = FakeQuantiser(_chain(40, work=_uneven(conv17=work)), {"conv17": 0.045}, strictness=2.0)

    assert ("conv17" in _best(_search(quantiser)).quantisation.keep_float) is kept


def test_what_holds_by_grace_alone_is_relieved() -> None:
    chain = _chain(40, work=_uneven(conv17=65))

    kind, strict = (
        _best(_search(FakeQuantiser(chain, {"conv17": 0.045}, strictness=times, expected=2500))) for times in (1.0, 2.0)
    )

    assert "conv17" not in kind.quantisation.keep_float
    assert "conv17" in strict.quantisation.keep_float


def _uneven(*, conv17: int) -> list[int]:
    """Work of 40 layers, of which the last ten do least and one may do much."""
    return [*[300] * 15, 65, 65, conv17, 65, 65, *[300] * 10, *[64] * 10]


def test_what_holds_by_grace_and_cannot_be_relieved_for_little_speed_is_left_soon() -> None:
    costs = {f"conv{i}": 0.001 for i in range(40)}

    kind, strict = (_search(FakeQuantiser(_chain(40), costs, strictness=times)) for times in (0.5, 3.0))

    assert _best(strict).quantisation == _best(kind).quantisation
    assert strict.trials < kind.trials + 20


def test_a_few_objects_must_show_more_than_many() -> None:
    few, many = (Likeness(1.0, 1.0, (), expected, at_threshold=0.96) for expected in (25, 2500))

    assert Goal().is_met(Attempt(Quantisation(), many, 1.5))
    assert not Goal().is_met(Attempt(Quantisation(), few, 1.5))
    assert Goal().is_met(Attempt(Quantisation(), few, 1.5, map_lost=0.0)), "labels decide"
    assert not Goal().is_met(Attempt(Quantisation(), Likeness(1.0, 1.0, (), 0, at_threshold=1.0), 1.5))


def test_where_int8_is_no_faster_it_says_so_after_a_few_builds() -> None:
    found = _search(FakeQuantiser(_chain(24), {"conv3": 0.2}, gain=0.98))

    assert found.best is None
    assert found.nearest is None
    assert found.trials <= 4
    assert found.verdict == "INT8 is no faster than the original here"


def test_where_every_layer_costs_too_much_it_names_the_nearest() -> None:
    quantiser = FakeQuantiser(_chain(16), {f"conv{i}": 0.2 for i in range(16)})

    found = _search(quantiser)

    assert found.best is None
    assert found.nearest is not None
    assert not found.nearest.likeness.holds(0.95)
    assert "the nearest runs" in found.verdict
    assert f"(places and scores to {found.nearest.likeness.closeness:.1%})" in found.verdict


def test_a_stricter_limit_costs_speed() -> None:
    costs = {f"conv{i}": 0.004 * i / 10 for i in range(40)}

    loose, strict = (_best(_search(FakeQuantiser(_chain(40), costs), Goal(agreement))) for agreement in (0.9, 0.98))

    assert loose.speed_up > strict.speed_up
    assert strict.likeness.agreement >= 0.98


def test_the_winner_is_measured_on_all_frames_and_replaced_where_it_fails_there() -> None:
    quantiser = FakeQuantiser(_chain(40), {f"conv{i}": 0.003 for i in range(40)}, optimism=0.02)

    found = _search(quantiser)

    finals = [quantisation for quantisation, thoroughly in quantiser.measured if thoroughly]
    assert len(finals) > 1
    assert all(quantisation.frames == 0 for quantisation in finals)
    assert _best(found).likeness.agreement >= 0.95


def test_what_was_timed_too_fast_gives_way_to_what_is_fast_for_sure() -> None:
    @dataclass
    class Lucky(FakeQuantiser):
        def measure(self, quantisation: Quantisation, *, thoroughly: bool) -> Attempt:
            plain = super().measure(quantisation, thoroughly=thoroughly)
            lucky = not thoroughly and quantisation.preset == "performance"
            return replace(
                plain, speed_up=plain.speed_up * (1.3 if lucky else 0.9 if quantisation.preset != "mixed" else 1)
            )

    quantiser = Lucky(_chain(24))

    best = _best(_search(quantiser))

    assert best.quantisation.preset == "mixed"
    assert best.speed_up == quantiser.attempt(best.quantisation).speed_up
    finals = [quantisation.preset for quantisation, thoroughly in quantiser.measured if thoroughly]
    assert finals == ["performance", "mixed"]


def test_where_the_first_idea_fails_on_all_frames_the_search_goes_on() -> None:
    quantiser = FakeQuantiser(_chain(64), {"conv37": 0.06}, optimism=0.02)

    found = _search(quantiser)

    assert "conv37" in _best(found).quantisation.keep_float
    assert _best(found).speed_up > 1.8


def test_the_time_is_kept_and_what_was_found_until_then_is_taken() -> None:
    quantiser = FakeQuantiser(_chain(64), {f"conv{i}": 0.002 for i in range(64)})
    goal = Goal(seconds=200)

    found = _search(quantiser, goal)

    assert quantiser.now_s <= 200
    assert found.best is not None
    assert found.best.likeness.holds(0.95)


def test_where_nothing_holds_yet_it_looks_on_for_longer() -> None:
    quantiser = FakeQuantiser(_chain(8), {"conv0": 0.5})

    found = _search(quantiser, Goal(seconds=9 * BUILD_S))

    assert found.best is not None
    assert quantiser.now_s <= 9 * BUILD_S


def test_the_shortest_time_still_tries_once() -> None:
    quantiser = FakeQuantiser(_chain(8))

    assert _search(quantiser, Goal(seconds=0.1)).best is not None


def test_a_cancel_ends_it_at_the_next_build() -> None:
    quantiser = FakeQuantiser(_chain(64), {"conv37": 0.3})

    with pytest.raises(CancelledError):
        _search(quantiser, control=Control(cancel_at=5))
    assert len(quantiser.measured) == 4


def test_where_there_are_labels_they_decide() -> None:
    like, unlike = (Likeness(share, share, (share,), 10) for share in (1.0, 0.5))

    assert Goal().allows(Attempt(Quantisation(), unlike, 1.5, map_lost=0.009))
    assert not Goal().allows(Attempt(Quantisation(), like, 1.5, map_lost=0.011))


def test_without_a_winner_labels_name_the_nearest() -> None:
    quantiser = Labelled(_chain(8), {f"conv{i}": 0.2 for i in range(8)})

    found = _search(quantiser, Goal(map_loss=-1.0))

    assert found.best is None
    assert found.nearest is not None
    assert found.nearest.map_lost == min(quantiser.lost)
    assert f"its mean average precision is {found.nearest.map_lost:.3f} lower" in found.verdict


class Labelled(FakeQuantiser):
    """Loses the more accuracy, the more alike it looks."""

    def measure(self, quantisation: Quantisation, *, thoroughly: bool) -> Attempt:
        attempt = super().measure(quantisation, thoroughly=thoroughly)
        return replace(attempt, map_lost=0.1 + attempt.likeness.agreement)

    @property
    def lost(self) -> list[float]:
        """Of every attempt that is worth it."""
        attempts = [self.attempt(quantisation, thoroughly=False) for quantisation, _ in self.measured]
        return [0.1 + attempt.likeness.agreement for attempt in attempts if attempt.speed_up >= 1.05]


def test_a_limit_that_only_closeness_misses_asks_for_more_closeness() -> None:
    goal = Goal()
    far = Likeness(0.97, 0.82, (), 10)

    assert far.limit == pytest.approx(0.94)
    missing = -goal.margin(Attempt(Quantisation(), far, 1.5))
    assert not goal.stricter(missing).allows(Attempt(Quantisation(), Likeness(0.97, 0.86, (), 10), 1.5))
    assert goal.stricter(missing).allows(Attempt(Quantisation(), Likeness(0.97, 0.89, (), 10), 1.5))


def test_frames_that_show_nothing_prove_nothing() -> None:
    with pytest.raises(ModelError, match="finds nothing"):
        _search(FakeQuantiser(_chain(8), expected=0))


def test_a_model_without_convolutions_is_refused() -> None:
    with pytest.raises(ModelError, match="no convolution"):
        _search(FakeQuantiser([Layer("add", "Add", 0, 0, ())]))


def test_the_frontier_runs_from_fast_to_alike_and_no_build_is_made_twice() -> None:
    quantiser = FakeQuantiser(_chain(64), {f"conv{i}": 0.001 * i for i in range(64)})

    found = _search(quantiser)

    for faster, closer in pairwise(found.frontier):
        assert faster.speed_up > closer.speed_up
        assert faster.likeness.closeness < closer.likeness.closeness
    assert len(quantiser.measured) == len(set(quantiser.measured)) == found.trials


def test_progress_says_what_is_done_and_how_far_it_got() -> None:
    control = Control()
    _search(FakeQuantiser(_chain(64), {"conv37": 0.3}), control=control)

    assert control.phases[0] == "Trying coarse choices"
    assert any("best so far" in phase for phase in control.phases)
    assert control.phases[-1].startswith("Checking on all frames")
