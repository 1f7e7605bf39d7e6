"""Proves variants one by one, as they are built: each is timed beside its original and compared with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from engine.backends.table import load_backend
from engine.cards import ModelCard, Precision
from engine.errors import BackendError, InferoscopeError, SourceError
from engine.library.identify import identify
from engine.optimise.build import remove
from engine.optimise.calibration import Calibration
from engine.optimise.candidate import ORIGINAL, Candidate, Refused, Timing
from engine.optimise.labelled import Labels
from engine.optimise.plan import Finding, Plan
from engine.optimise.prove import Demand, Ground, Witness, blank_report, concluded, timing_pictures
from engine.optimise.report import Entry, Report, Way, is_allowed
from engine.optimise.timing import Effort, measure
from engine.optimise.variant import BuildControl, Variant

_EFFORT = Effort(seconds=0.3, least_rounds=5, most_rounds=9, budget_s=40.0)
_READ_BY = {"onnx": ("openvino", "onnxruntime"), "openvino_ir": ("openvino",)}
_HALVES = (Precision.BF16, Precision.FP16)


class Proving:
    """Measures the original first, then each variant in turn.

    Args:
        plan: What is wanted.
        calibration: Its held-out frames are compared.
        labels: Decide, where there are any.
        folder: Work folder, for what children are given.
        control: Told how far it is; can stop it.
    """

    def __init__(
        self, plan: Plan, calibration: Calibration, labels: Labels | None, folder: Path, control: BuildControl
    ) -> None:
        self.refused: list[Refused] = []
        """What could not be built."""
        self._plan = plan
        self._calibration = calibration
        self.accuracy = partial(labels.accuracy, control=control) if labels is not None else None
        """Measures it where there are labels."""
        self._folder = folder
        self._control = control
        self._pictures = timing_pictures(calibration, folder)
        self._reference = Candidate(ORIGINAL, plan.card.path, plan.backend, plan.device, plan.precision)
        self._witness = Witness(plan.card, self._reference, calibration, control)
        self._entries: list[Entry] = []

    def original(self) -> list[Finding]:
        """The model as it runs now, and in the half precisions that its layers are really computed in here.

        Raises:
            BackendError: It does not run as it is to.
            SourceError: It finds nothing on the frames, so that nothing could be proven.
            CancelledError: Nobody wants it any more.
        """
        card = self._plan.card
        halves = [replace(self._reference, precision=half) for half in self._halves()]
        ways = self._ways(card, self._timed(halves))
        if not any(way.likeness and way.likeness.expected for way in ways[:1]):
            raise SourceError(
                "The model finds nothing on these frames, so nothing can be compared",
                subject=self._calibration.source,
                remedy="Choose frames that show what the model is to find",
            )
        entry = Entry(ORIGINAL, card.path, card.model_bytes, ways, map=self.accuracy(card) if self.accuracy else None)
        self._entries.append(entry)
        return [self._finding(entry, way) for way in ways]

    def variant(self, variant: Variant) -> list[Finding]:
        """A variant as it runs best; one that does not run at all is removed again.

        Raises:
            InferoscopeError: It does not run.
            CancelledError: Nobody wants it any more.
        """
        try:
            card = identify(variant.path)
            ways = self._ways(card, self._timed(list(self._candidates(variant, card)))[1:])
            if not ways:
                raise BackendError("It runs on none of the runtimes", subject=variant.path.name)
            accuracy = self.accuracy(card) if self.accuracy else None
        except InferoscopeError:
            remove(variant.path)
            raise
        entry = Entry(
            variant.name,
            variant.path,
            variant.model_bytes,
            ways,
            build_s=variant.build_s,
            map=accuracy,
            notes=variant.notes,
            origin=asdict(variant.origin),
        )
        self._entries.append(entry)
        return [self._finding(entry, self._best(entry))]

    def report(self) -> Report:
        """Everything so far."""
        demand = Demand(self._plan.limit)
        ground = Ground((), self._folder, self._calibration)
        report = blank_report(self._plan.card, self._entries[0], ground, demand)
        report = replace(report, variants=tuple(self._entries[1:]), refused=tuple(self.refused))
        return concluded(report, demand, self._witness)

    def _halves(self) -> Iterator[Precision]:
        device = next((d for d in load_backend(self._plan.backend).devices() if d.name == self._plan.device), None)
        for told in device.precisions if device is not None else ():
            if told.usable and told.precision in _HALVES and told.precision is not self._plan.precision:
                yield told.precision

    def _candidates(self, variant: Variant, card: ModelCard) -> Iterator[Candidate]:
        for backend in _READ_BY[card.file_format]:
            device = self._plan.device if backend == self._plan.backend else "CPU"
            yield Candidate(variant.name, variant.path, backend, device)

    def _timed(self, candidates: Sequence[Candidate]) -> tuple[Timing, ...]:
        """The reference, and the candidates that run, measured in turn.

        Raises:
            BackendError: The reference does not run.
        """
        measured = measure([self._reference, *candidates], self._pictures, self._control, _EFFORT)
        if not measured.timings or measured.timings[0].candidate != self._reference:
            reason = measured.refused[0].reason if measured.refused else ""
            raise BackendError("The model does not run", subject=self._reference.title, detail=reason)
        return measured.timings

    def _ways(self, card: ModelCard, timings: Sequence[Timing]) -> tuple[Way, ...]:
        """What was measured, compared with the original; the first that is asked for must be the reference."""
        pairs = ((timing, self._witness.likeness(card, timing.candidate)) for timing in timings)
        return tuple(Way(timing, likeness) for timing, likeness in pairs if likeness is not None)

    def _best(self, entry: Entry) -> Way:
        """The fastest that loses no more than is allowed; where none does, the one that is most like the original."""
        original, limit = self._entries[0], self._plan.limit
        allowed = [way for way in entry.ways if is_allowed(entry, way, original, limit)]
        if allowed:
            return max(allowed, key=lambda way: way.timing.live_speed.median)
        return max(entry.ways, key=lambda way: way.likeness.agreement if way.likeness else 0.0)

    def _finding(self, entry: Entry, way: Way) -> Finding:
        """What was measured beside the original, as if all had been measured at the same time as it was at first."""
        timing, candidate = way.timing, way.timing.candidate
        assert way.likeness is not None  # those that nobody has looked at were left out
        first = self._entries[0].ways[0].timing.figures
        p50_ms = first.latency_p50_ms * timing.latency.median
        return Finding(
            name=entry.name,
            path=entry.path,
            model_bytes=entry.model_bytes,
            backend=candidate.backend,
            device=candidate.device,
            precision=candidate.precision,
            badge=timing.badge,
            speed=timing.live_speed.median,
            speed_low=timing.live_speed.low,
            speed_high=timing.live_speed.high,
            frames_per_s=first.frames_per_s * timing.live_speed.median,
            latency_p50_ms=p50_ms,
            latency_p95_ms=p50_ms * timing.figures.latency_p95_ms / timing.figures.latency_p50_ms,
            peak_memory_bytes=timing.peak_memory_bytes,
            likeness=way.likeness,
            map=entry.map,
            build_s=entry.build_s,
            worst=tuple(
                frame for frame in self._witness.worst if (frame.name, frame.place) == (entry.name, candidate.place)
            ),
        )
