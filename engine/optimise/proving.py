"""Proves a model and its variants on this machine: each is timed in turn with the original, and compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from engine.backends.backend import DeviceInfo
from engine.backends.processor import machine
from engine.backends.table import load_backend
from engine.cards import ModelCard, Profile
from engine.errors import BackendError
from engine.frames import Image
from engine.library.identify import identify
from engine.optimise.build import remove
from engine.optimise.calibration import Calibration
from engine.optimise.candidate import ORIGINAL, Candidate, Measured, Refused, Sample, Timing
from engine.optimise.labelled import Labels
from engine.optimise.recommend import recommend
from engine.optimise.report import Entry, Report, Way, WorstFrame
from engine.optimise.stopwatch import save_pictures
from engine.optimise.timing import Effort, combinations, measure
from engine.optimise.variant import BuildControl, Variant
from engine.optimise.witness import Witness
from engine.scene import RATE_HZ, Scene

_PICTURES = 4
"""Timed with so many, in turn."""
_MOST_WORST = 8
_READ_BY = {"onnx": ("onnxruntime", "openvino", "opencv"), "openvino_ir": ("openvino",)}
"""Format of a variant -> the backends that read it, its own first."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a person asks for.

    Attributes:
        limit: Least agreement with the original, 0 to 1.
        wish: Many frames a second, or quick answers.
        effort: How thoroughly to measure.
    """

    limit: float = 0.95
    wish: Profile = Profile.THROUGHPUT
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is to prove a model on.

    Attributes:
        backends: Keys of ``engine.backends.table``, each with its devices.
        folder: Work folder, for what children are given.
        calibration: Its held-out frames are compared; None where there is no source.
        labels: Labelled pictures, None where there are none.
    """

    backends: Sequence[tuple[str, Sequence[DeviceInfo]]]
    folder: Path
    calibration: Calibration | None = None
    labels: Labels | None = None


class Proving:
    """Measures the original first, then its variants, one by one.

    Args:
        card: The original.
        ground: What there is to prove it on.
        control: Told how far it is; can stop it.
        demand: What a person asks for.
        reference: How the original is run that all are held against, None for the first way in which it runs.
    """

    def __init__(
        self,
        card: ModelCard,
        ground: Ground,
        control: BuildControl,
        demand: Demand | None = None,
        reference: Candidate | None = None,
    ) -> None:
        self.refused: list[Refused] = []
        """What could not be built or run."""
        self.witness: Witness | None = None
        """Compares; from when it is known how the original runs, where there are frames."""
        self.accuracy = partial(ground.labels.accuracy, control=control) if ground.labels is not None else None
        """Mean average precision of a model, where there are labels."""
        self._card = card
        self._ground = ground
        self._control = control
        self._demand = demand or Demand()
        self._reference = reference
        self._pictures = timing_pictures(ground.calibration, ground.folder)
        self._entries: list[Entry] = []

    def original(self) -> Entry:
        """The model in every way in which it can be run here, the reference first; in no way where it cannot be.

        Raises:
            BackendError: It does not run as the reference.
            InferoscopeError: It cannot be held against the labels.
            CancelledError: Nobody wants it any more.
        """
        card, wanted = self._card, self._reference
        candidates, refused = combinations(ORIGINAL, card.path, self._ground.backends)
        if wanted is not None:
            candidates = [wanted, *(candidate for candidate in candidates if candidate != wanted)]
        measured = self._timed(candidates, wanted)
        self.refused += [*refused, *measured.refused]
        if measured.timings:
            self._reference = measured.timings[0].candidate
            self.witness = self._witness(self._reference)
        entry = Entry(ORIGINAL, card.path, card.model_bytes, self._ways(card, measured.timings))
        self._entries.append(entry)
        return entry

    def variant(self, variant: Variant) -> Entry:
        """A variant in every way in which it can be run here; one that cannot be run at all is removed again.

        Raises:
            InferoscopeError: It does not run.
            CancelledError: Nobody wants it any more.
        """
        entry = None
        try:
            entry = self._proven(variant, identify(variant.path))
        finally:
            if entry is None:
                remove(variant.path)
        self._entries.append(entry)
        return entry

    def report(self) -> Report:
        """Everything so far."""
        report = blank_report(self._card, self._entries[0], self._ground, self._demand)
        report = replace(report, variants=tuple(self._entries[1:]), refused=tuple(self.refused))
        return concluded(report, self._demand, self.witness)

    def _proven(self, variant: Variant, card: ModelCard) -> Entry:
        assert self._reference is not None  # the original was measured first
        backends = dict(self._ground.backends)
        readers = [(name, backends[name]) for name in _READ_BY[card.file_format] if name in backends]
        candidates, _ = combinations(variant.name, variant.path, readers)
        measured = self._timed([self._reference, *candidates], self._reference)
        self.refused += measured.refused
        if not measured.timings[1:]:
            reason = measured.refused[0].reason if measured.refused else ""
            raise BackendError(
                "It runs on none of the runtimes",
                subject=variant.path.name,
                remedy="Choose another variant",
                detail=reason,
            )
        return Entry(
            variant.name,
            variant.path,
            variant.model_bytes,
            self._ways(card, [self._as_at_first(timing, measured.timings[0]) for timing in measured.timings[1:]]),
            build_s=variant.build_s,
            notes=variant.notes,
            origin=asdict(variant.origin),
        )

    def _timed(self, candidates: Sequence[Candidate], reference: Candidate | None) -> Measured:
        """Measure candidates in turn, the reference first where there is one.

        Raises:
            BackendError: The reference does not run.
        """
        measured = measure(candidates, self._pictures, self._control, self._demand.effort)
        if reference is not None and not any(timing.candidate == reference for timing in measured.timings[:1]):
            reason = next((each.reason for each in measured.refused if each.place == reference.place), "")
            raise BackendError(
                "The model does not run",
                subject=reference.title,
                remedy="Choose another backend or device",
                detail=reason,
            )
        return measured

    def _as_at_first(self, timing: Timing, reference: Timing) -> Timing:
        """A timing as if measured together with the original at first: machines are not always equally fast."""
        first, now = self._entries[0].ways[0].timing.figures, reference.figures
        scaled = {
            each.name: getattr(timing.figures, each.name) * getattr(first, each.name) / getattr(now, each.name)
            for each in fields(Sample)
        }
        return replace(timing, figures=Sample(**scaled))

    def _witness(self, reference: Candidate) -> Witness | None:
        calibration = self._ground.calibration
        return Witness(self._card, reference, calibration, self._control) if calibration is not None else None

    def _ways(self, card: ModelCard, timings: Sequence[Timing]) -> tuple[Way, ...]:
        likeness = self.witness.likeness if self.witness is not None else lambda *_: None
        return tuple(
            Way(timing, likeness(card, timing.candidate), self._accuracy(card, timing.candidate)) for timing in timings
        )

    def _accuracy(self, card: ModelCard, candidate: Candidate) -> float | None:
        return self.accuracy(card, run=candidate) if self.accuracy is not None else None


def devices_of(names: Sequence[str]) -> tuple[list[tuple[str, Sequence[DeviceInfo]]], list[Refused]]:
    """What each backend has, and why others cannot be loaded."""
    found: list[tuple[str, Sequence[DeviceInfo]]] = []
    missing: list[Refused] = []
    for name in names:
        try:
            found.append((name, load_backend(name).devices()))
        except BackendError as error:
            missing.append(Refused(ORIGINAL, name, f"{error.what}. {error.remedy}."))
    return found, missing


def timing_pictures(calibration: Calibration | None, folder: Path) -> Path:
    """A file of pictures to time with: of the source, or else of the demo."""
    path = folder / "timing-pictures.npz"
    save_pictures(_source_pictures(calibration) if calibration else _demo_pictures(), path)
    return path


def _source_pictures(calibration: Calibration) -> list[Image]:
    step = max(1, len(calibration.held_out) // _PICTURES)
    return [image for number, image in enumerate(calibration.pictures()) if number % step == 0][:_PICTURES]


def _demo_pictures() -> list[Image]:
    scene = Scene()
    return [scene.frame(int(number * 2 * RATE_HZ)).image for number in range(_PICTURES)]


# The report -----------------------------------------------------------------------------------------------------------


def blank_report(card: ModelCard, original: Entry, ground: Ground, demand: Demand) -> Report:
    """A report about the original alone, without a conclusion."""
    calibration = ground.calibration
    return Report(
        model=card.path.name,
        task=card.task.value,
        machine=machine(),
        source=calibration.source if calibration else "",
        frames=len(calibration.held_out) if calibration else 0,
        limit=demand.limit,
        original=original,
        created_utc=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def concluded(report: Report, demand: Demand, witness: Witness | None) -> Report:
    """A report with what to take, and with frames to look at."""
    report = replace(report, recommendation=recommend(report, demand.wish))
    return replace(report, worst=_worst(report, witness.worst if witness else []))


def _worst(report: Report, frames: Sequence[WorstFrame]) -> tuple[WorstFrame, ...]:
    """What would be taken first, then from the worst on."""
    taken = report.recommendation
    chosen = (taken.name, taken.candidate.place) if taken else ("", "")
    return tuple(sorted(frames, key=lambda f: ((f.name, f.place) != chosen, f.agreement)))[:_MOST_WORST]
