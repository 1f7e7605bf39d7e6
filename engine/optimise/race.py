"""Candidates, each in a child process of its own, measured in turn: noise of the machine hits all alike.

A round measures each once, for a moment; ratios are taken within a round, and rounds in which other programs kept the
processor busy count least. What crashes leaves the race.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import psutil

from engine.errors import InferoscopeError
from engine.optimise.candidate import Candidate, Refused, Sample, Spread, Timing
from engine.optimise.stopwatch import question_of
from engine.optimise.variant import BuildControl
from engine.pipeline.child import ChildLimits, ChildLostError, command_of
from engine.pipeline.conversation import Conversation

LIMITS = ChildLimits(seconds=900.0)
"""Of each answer of a child; a GPU may compile kernels for minutes."""


_QUIET = 0.1
"""Share of the processor that other work may take without disturbing much."""
_LEAST_QUIET = 5
"""So many rounds count at least, where there are so many."""


class RefusedError(InferoscopeError):
    """A candidate cannot be run; ``what`` says why in whole sentences."""


@dataclass(slots=True)
class Runner:
    """A candidate that runs.

    Attributes:
        candidate: What it runs.
        loaded: What its child said when it was loaded.
        samples: Round -> figures.
        disturbances: Round -> share of the processor that other work took meanwhile, 0 to 1.
    """

    candidate: Candidate
    conversation: Conversation
    loaded: dict[str, Any]
    samples: dict[int, Sample] = field(default_factory=dict)
    disturbances: dict[int, float] = field(default_factory=dict)

    def median(self, figure: str) -> float:
        """Median of one of the figures over the quieter rounds."""
        return float(np.median([getattr(self.samples[r], figure) for r in self.quiet_rounds(self)]))

    def ratio(self, reference: Runner, figure: str) -> Spread:
        """One of the figures as a multiple of another runner's, from the quieter of the rounds that both were in."""
        rounds = self.quiet_rounds(reference)
        ratios = [getattr(self.samples[r], figure) / getattr(reference.samples[r], figure) for r in rounds]
        low, median, high = np.percentile(ratios, (25, 50, 75))
        return Spread(float(median), float(low), float(high))

    def uncertainty(self, reference: Runner, figure: str) -> float:
        """About how far off the ratio's median may be, as a share of it: its standard error under normal noise."""
        spread = self.ratio(reference, figure)
        rounds = len(self.quiet_rounds(reference))
        return 1.25 * (spread.high - spread.low) / 1.35 / spread.median / math.sqrt(rounds)

    def quiet_rounds(self, reference: Runner) -> list[int]:
        """The rounds that both were in, without those in which other programs disturbed one of them most."""
        both = self.samples.keys() & reference.samples.keys()
        noise = {r: max(self.disturbances[r], reference.disturbances[r]) for r in both}
        quiet = [r for r in both if noise[r] <= _QUIET]
        enough = min(len(both), max(_LEAST_QUIET, len(both) // 2))
        return quiet if len(quiet) >= enough else sorted(both, key=lambda r: noise[r])[:enough]


class Race:
    """Entered, it holds child processes, which are gone afterwards.

    Args:
        pictures: What they run on: a file of ``engine.optimise.stopwatch.save_pictures``.
        control: Can stop it.
        command: Starts a child.
    """

    def __init__(
        self,
        pictures: Path,
        control: BuildControl,
        command: Callable[[], list[str]] = lambda: command_of("bench-child", {}),
    ) -> None:
        self.runners: list[Runner] = []
        """Those in the race; the first is the reference of all ratios."""
        self.refused: list[Refused] = []
        self._pictures = pictures
        self._control = control
        self._command = command
        self._rounds = 0

    def __enter__(self) -> Race:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.drop(self.runners)

    def enter(self, candidate: Candidate) -> Runner | None:
        """Load a candidate; None where that is refused.

        Raises:
            CancelledError: Nobody wants to know any more.
        """
        conversation = Conversation(self._command(), LIMITS)
        try:
            loaded = self._ask(conversation, question_of(candidate, self._pictures))
        except RefusedError as error:
            conversation.close()
            self.refused.append(Refused(candidate.name, candidate.place, error.what))
            return None
        except BaseException:
            conversation.close()
            raise
        runner = Runner(candidate, conversation, loaded)
        self.runners.append(runner)
        return runner

    def run_round(self, seconds: float) -> None:
        """Measure each once, in turn; each of three measurements takes so long.

        Raises:
            CancelledError: Nobody wants to know any more.
        """
        self._rounds += 1
        # Backwards every other time: what comes right after a hot neighbour should not always be the same.
        for runner in list(self.runners)[:: 1 if self._rounds % 2 else -1]:
            try:
                self._measure(runner, seconds)
            except RefusedError as error:
                self.refused.append(Refused(runner.candidate.name, runner.candidate.place, error.what))
                self.drop([runner])

    def _measure(self, runner: Runner, seconds: float) -> None:
        before = _busy_s()
        begun = time.monotonic()
        answer = self._ask(runner.conversation, {"seconds": seconds})
        elapsed_s = time.monotonic() - begun
        others_s = _busy_s() - before - answer.pop("process_s")
        runner.samples[self._rounds] = Sample(**answer)
        runner.disturbances[self._rounds] = min(1.0, max(0.0, others_s / elapsed_s / (psutil.cpu_count() or 1)))

    def drop(self, runners: Sequence[Runner]) -> None:
        """Let some leave the race; what was measured of them stays with them."""
        for runner in list(runners):
            runner.conversation.close()
            self.runners.remove(runner)

    def _ask(self, conversation: Conversation, question: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = dict(conversation.ask(question, self._control.cancelled))
        except ChildLostError as error:
            raise RefusedError(f"It {error.what}.") from error
        if "refused" in answer:
            raise RefusedError(answer["refused"])
        return answer


def _busy_s() -> float:
    """Seconds that all processors of the machine have been busy, or were taken from it by its host."""
    times = psutil.cpu_times()
    # Linux counts guests' time in user's, too.
    names = set(times._fields) - {"idle", "iowait", "guest", "guest_nice"}
    return float(sum(getattr(times, name) for name in names))


def timing_of(runner: Runner, reference: Runner) -> Timing:
    """What was measured of a runner."""
    return Timing(
        candidate=runner.candidate,
        execution=runner.loaded["execution"],
        figures=Sample(**{f.name: runner.median(f.name) for f in fields(Sample)}),
        speed=runner.ratio(reference, "inferences_per_s"),
        live_speed=runner.ratio(reference, "frames_per_s"),
        latency=runner.ratio(reference, "latency_p50_ms"),
        peak_memory_bytes=runner.loaded["peak_memory_bytes"],
        load_s=runner.loaded["load_s"],
        rounds=len(runner.samples),
        disturbance=float(np.mean([runner.disturbances[r] for r in runner.quiet_rounds(reference)])),
    )
