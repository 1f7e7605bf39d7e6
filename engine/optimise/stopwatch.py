"""The child's side of timing: one candidate, loaded once, and measured for a moment whenever it is asked.

Three things are measured: the latency of one lane compiled for latency; what all lanes of the engine do together,
compiled for throughput, from pictures to results as in the live view; and the same with nothing but inference, which
is what a runtime's own benchmark tells.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.backends.backend import CompiledModel, CompileRequest, InferenceLane
from engine.backends.table import load_backend
from engine.cards import Precision, Profile, Thresholds
from engine.cards_json import execution_json
from engine.decoders.table import make_decoder
from engine.errors import BackendError, InferoscopeError
from engine.frames import Image
from engine.library.identify import identify
from engine.optimise.candidate import Candidate, Sample
from engine.pipeline.mailbox import Mailbox, Signal
from engine.pipeline.stages import run_stages
from engine.pipeline.worker import Worker

_THRESHOLDS = Thresholds()
_LEAST_RUNS = 3
"""A lane runs so often at least, however slow the model."""
_LONGEST_S = 600.0
"""Of one measurement; whoever asks has a limit of his own."""

Step = Callable[[InferenceLane, int], tuple[int, int, int]]
"""One run of a lane, told its number; what preprocess, infer and decode took, in ns."""


@dataclass(frozen=True, slots=True)
class _LaneRun:
    """What one lane did: durations of its runs (ns, N x 3), and how long it was at it."""

    stage_ns: list[tuple[int, int, int]]
    elapsed_s: float


class Stopwatch:
    """Loads a candidate and measures it.

    Args:
        candidate: What to run.
        pictures: What to run it on, uint8 (H, W, 3), BGR, in turn.

    Raises:
        InferoscopeError: It cannot be run so.
    """

    def __init__(self, candidate: Candidate, pictures: Sequence[Image]) -> None:
        begun = time.monotonic()
        self._card = identify(candidate.path)
        self._decoder = make_decoder(self._card)
        self._pictures = pictures
        self._backend = load_backend(candidate.backend)
        self._request = CompileRequest(
            self._card,
            candidate.device,
            candidate.precision,
            Profile.THROUGHPUT,
            lanes=candidate.lanes,
            threads=candidate.threads,
            cache=False,
        )
        self._throughput = self._compile(self._request)
        self._run(self._throughput, self._frame, 0.0)
        self.load_s = time.monotonic() - begun
        self.execution = execution_json(self._throughput.refresh())
        self.peak_memory_bytes = peak_memory_bytes()
        self._latency = self._compile(replace(self._request, profile=Profile.LATENCY, lanes=1))

    def measure(self, seconds: float) -> Sample:
        """Measure each of the three things for so long.

        Raises:
            BackendError: The model failed.
        """
        cpu_s = time.process_time()
        live = self._run(self._throughput, self._frame, seconds)
        cpu_s = time.process_time() - cpu_s
        bare = self._run(self._throughput, self._inference, seconds)
        (alone,) = self._run(self._latency, self._frame, seconds)
        stage_ms = np.array(alone.stage_ns, np.float64) / 1e6
        total_ms = stage_ms.sum(axis=1)
        pictures = self._card.input.batch * sum(len(lane.stage_ns) for lane in live)
        return Sample(
            latency_p50_ms=float(np.percentile(total_ms, 50)),
            latency_p95_ms=float(np.percentile(total_ms, 95)),
            infer_p50_ms=float(np.percentile(stage_ms[:, 1], 50)),
            frames_per_s=self._rate(live),
            inferences_per_s=self._rate(bare),
            cpu_ms=cpu_s * 1e3 / pictures,
        )

    def _compile(self, request: CompileRequest) -> CompiledModel:
        return self._backend.compile(request, lambda _phase: None, lambda: False)

    def _rate(self, lanes: Sequence[_LaneRun]) -> float:
        return self._card.input.batch * sum(len(lane.stage_ns) / lane.elapsed_s for lane in lanes)

    def _frame(self, lane: InferenceLane, number: int) -> tuple[int, int, int]:
        """As a lane of the live view."""
        batch = self._card.input.batch
        images = [self._pictures[(number * batch + i) % len(self._pictures)] for i in range(batch)]
        return run_stages(lane, self._card.input, self._decoder, images, [_THRESHOLDS] * batch).stage_ns

    def _inference(self, lane: InferenceLane, _number: int) -> tuple[int, int, int]:
        begun = time.monotonic_ns()
        lane.infer()
        return 0, time.monotonic_ns() - begun, 0

    def _run(self, model: CompiledModel, step: Step, seconds: float) -> list[_LaneRun]:
        """Let all lanes of a model run at the same time."""
        count, ready, go = model.report.lanes, Mailbox[bool](model.report.lanes), Signal()
        done: Mailbox[_LaneRun | Exception] = Mailbox(count)

        def work() -> None:
            try:
                done.offer(_run_lane(model, step, seconds, ready, go))
            except Exception as error:  # noqa: BLE001 - the top of the lane's thread
                done.offer(error)
                ready.offer(False)

        for number in range(count):
            Worker(f"lane-{number}", work).start()
        for _ in range(count):
            ready.take(_LONGEST_S)
        go.set()
        return [_outcome(done.take(_LONGEST_S)) for _ in range(count)]


def _run_lane(model: CompiledModel, step: Step, seconds: float, ready: Mailbox[bool], go: Signal) -> _LaneRun:
    with closing(model.open_lane()) as lane:
        step(lane, 0)  # the first run of a request is the slow one
        ready.offer(True)
        go.wait(_LONGEST_S)
        stage_ns: list[tuple[int, int, int]] = []
        begun = time.monotonic()
        while (elapsed_s := time.monotonic() - begun) < seconds or len(stage_ns) < _LEAST_RUNS:
            stage_ns.append(step(lane, len(stage_ns)))
        return _LaneRun(stage_ns, elapsed_s)


def _outcome(done: _LaneRun | Exception | None) -> _LaneRun:
    if isinstance(done, _LaneRun):
        return done
    raise done or BackendError(
        f"A lane did not finish within {_LONGEST_S:g} s", remedy="Choose another backend or device"
    )


# Questions ------------------------------------------------------------------------------------------------------------


class Answering:
    """Answers the questions of ``engine.optimise.race``, the first of which must be to load a candidate."""

    def __init__(self) -> None:
        self._stopwatch: Stopwatch | None = None

    def answer(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what is asked; whatever goes wrong is an answer, too."""
        try:
            if self._stopwatch is None:
                return self._load(question)
            process_s = time.process_time()
            sample = self._stopwatch.measure(question["seconds"])
            return {**asdict(sample), "process_s": time.process_time() - process_s}
        except InferoscopeError as error:
            return {"refused": f"{error.what.rstrip('.')}." + (f" {error.remedy.rstrip('.')}." if error.remedy else "")}
        except Exception as error:  # noqa: BLE001 - the top of the child: a runtime may raise anything
            return {"refused": f"Unexpected {type(error).__name__}: {' '.join(str(error).split())[:300]}."}

    def _load(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        self._stopwatch = Stopwatch(candidate_of(question), load_pictures(Path(question["pictures"])))
        return {
            "execution": self._stopwatch.execution,
            "load_s": self._stopwatch.load_s,
            "peak_memory_bytes": self._stopwatch.peak_memory_bytes,
        }


def question_of(candidate: Candidate, pictures: Path) -> dict[str, Any]:
    """Asks to load a candidate."""
    return {**asdict(candidate), "path": str(candidate.path), "pictures": str(pictures)}


def candidate_of(question: Mapping[str, Any]) -> Candidate:
    """The candidate that is to be loaded."""
    told = {key: value for key, value in question.items() if key != "pictures"}
    return Candidate(**{**told, "path": Path(told["path"]), "precision": Precision(told["precision"])})


def save_pictures(pictures: Sequence[Image], path: Path) -> None:
    """Put pictures of any sizes into one .npz file."""
    np.savez(path, *pictures)


def load_pictures(path: Path) -> list[Image]:
    """The pictures in a file."""
    with np.load(path) as arrays:
        return [arrays[name] for name in arrays.files]


def peak_memory_bytes() -> int:
    """The most memory that this process ever had resident."""
    if sys.platform == "linux":
        # Not getrusage: a child inherits its parent's peak there.
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    import psutil

    memory = psutil.Process().memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))
