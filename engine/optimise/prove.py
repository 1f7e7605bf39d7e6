"""Proves variants on this machine: times all of them in turn, compares what they find, and says what to take."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from engine.backends.backend import DeviceInfo
from engine.backends.processor import machine
from engine.capture.picture import read_picture
from engine.cards import ModelCard, Profile
from engine.errors import BackendError
from engine.frames import Image
from engine.optimise.alike import FAINT, Likeness, compare
from engine.optimise.calibration import Calibration
from engine.optimise.candidate import ORIGINAL, Candidate, Measured, Refused
from engine.optimise.one_lane import OneLane
from engine.optimise.recommend import recommend
from engine.optimise.report import Entry, Report, Way, WorstFrame
from engine.optimise.stopwatch import save_pictures
from engine.optimise.timing import Effort, combinations, measure
from engine.optimise.variant import BuildControl, Variant
from engine.optimise.worst import worst_frames
from engine.results import Result
from engine.scene import RATE_HZ, Scene

_PICTURES = 4
"""Timed with so many, in turn."""
_MOST_WORST = 8


@dataclass(frozen=True, slots=True)
class Built:
    """A variant that is there.

    Attributes:
        variant: What was built.
        card: Of its file.
        map: Mean average precision where there are labels.
    """

    variant: Variant
    card: ModelCard
    map: float | None = None


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
    """

    backends: Sequence[tuple[str, Sequence[DeviceInfo]]]
    folder: Path
    calibration: Calibration | None = None


def prove(
    original: ModelCard,
    built: Sequence[Built],
    ground: Ground,
    control: BuildControl,
    *,
    demand: Demand | None = None,
    original_map: float | None = None,
    refused: Sequence[Refused] = (),
) -> Report:
    """Measure the original and its variants in every way that this machine can run them.

    Args:
        original: Its card.
        built: What was made of it.
        ground: What there is to prove them on.
        control: Told how far it is; can stop it.
        demand: What a person asks for.
        original_map: Mean average precision of the original where there are labels.
        refused: What could not be built.

    Raises:
        CancelledError: Nobody wants it any more.
    """
    demand = demand or Demand()
    cards = {ORIGINAL: original, **{each.variant.name: each.card for each in built}}
    planned = [combinations(name, card.path, ground.backends) for name, card in cards.items()]
    pictures = timing_pictures(ground.calibration, ground.folder)
    measured = measure([c for candidates, _ in planned for c in candidates], pictures, control, demand.effort)
    witness = _witness(original, measured, ground.calibration, control)
    ways = _ways(measured, cards, witness)
    entry = Entry(ORIGINAL, original.path, original.model_bytes, tuple(ways[ORIGINAL]), map=original_map)
    variants = tuple(_entry(each, ways[each.variant.name]) for each in built)
    report = replace(
        blank_report(original, entry, ground, demand),
        variants=variants,
        refused=(*refused, *planned[0][1], *measured.refused),
    )
    return concluded(report, demand, witness)


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


def _witness(
    original: ModelCard, measured: Measured, calibration: Calibration | None, control: BuildControl
) -> Witness | None:
    """For the comparison with the original, where that runs and there are frames."""
    reference = next((t.candidate for t in measured.timings if t.candidate.name == ORIGINAL), None)
    return Witness(original, reference, calibration, control) if calibration and reference else None


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


def _ways(measured: Measured, cards: dict[str, ModelCard], witness: Witness | None) -> dict[str, list[Way]]:
    ways: dict[str, list[Way]] = {name: [] for name in cards}
    for timing in measured.timings:
        name = timing.candidate.name
        ways[name].append(Way(timing, witness.likeness(cards[name], timing.candidate) if witness else None))
    return ways


def _entry(built: Built, ways: Sequence[Way]) -> Entry:
    variant = built.variant
    return Entry(
        variant.name,
        variant.path,
        variant.model_bytes,
        tuple(ways),
        build_s=variant.build_s,
        map=built.map,
        notes=variant.notes,
        origin=asdict(variant.origin),
    )


def _worst(report: Report, frames: Sequence[WorstFrame]) -> tuple[WorstFrame, ...]:
    """What would be taken first, then from the worst on."""
    taken = report.recommendation
    chosen = (taken.name, taken.candidate.place) if taken else ("", "")
    return tuple(sorted(frames, key=lambda f: ((f.name, f.place) != chosen, f.agreement)))[:_MOST_WORST]


class Witness:
    """Sees what the original finds, once, and compares others with it.

    Only for what a child process has run before: it runs here.

    Args:
        original: Card of the model that others are held against.
        reference: How it is run.
        calibration: Holds the frames.
        control: Told how far it is; can stop it.
    """

    def __init__(
        self, original: ModelCard, reference: Candidate, calibration: Calibration, control: BuildControl
    ) -> None:
        self.worst: list[WorstFrame] = []
        """Of all that were compared."""
        self._calibration = calibration
        self._control = control
        self._original = original
        self._reference = reference
        self._expected: list[Result] = []

    def likeness(self, card: ModelCard, candidate: Candidate) -> Likeness | None:
        """Compare a candidate; None where it does not run on one lane.

        Raises:
            BackendError: The original does not run.
            CancelledError: Nobody wants it any more.
        """
        self._expected = self._expected or self._found(self._original, self._reference)
        try:
            found = self._found(card, candidate)
        except BackendError:
            return None
        likeness = compare(found, self._expected)
        pairs = list(zip(found, self._expected, strict=True))
        self.worst += worst_frames(self._original, candidate, likeness, self._picture, pairs)
        return likeness

    def _picture(self, number: int) -> Image:
        return read_picture(self._calibration.held_out[number]).image

    def _found(self, card: ModelCard, candidate: Candidate) -> list[Result]:
        lane = OneLane(
            card,
            self._control.cancelled,
            backend=candidate.backend,
            device=candidate.device,
            precision=candidate.precision,
        )
        with closing(lane):
            results = []
            for number, picture in enumerate(self._calibration.pictures()):
                self._control.progress(f"Comparing {candidate.title}", number / len(self._calibration.held_out))
                results.append(lane.look(picture, FAINT))
            return results
