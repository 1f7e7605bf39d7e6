"""Does what a plan says: collects frames, builds each variant, proves it, and tells each result as it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.cards import ModelCard
from engine.errors import BackendError, CancelledError, InferoscopeError, ModelError, SourceError
from engine.optimise.build import build, refuse, variant_file, work_folder
from engine.optimise.calibration import Calibration, collect
from engine.optimise.candidate import ORIGINAL, Refused
from engine.optimise.findings import findings_of
from engine.optimise.guard import Goal
from engine.optimise.guarded_build import GuardedBuild, quantise_guarded
from engine.optimise.labelled import Labels
from engine.optimise.plan import FRAMES_STEP, Plan, Progress, Step, StepState
from engine.optimise.proving import Demand, Ground, Proving, devices_of
from engine.optimise.report import Entry
from engine.optimise.variant import BuildControl, Variant, VariantKind


class OptimiseJob:
    """Runs once, in a thread of the caller's choice; any thread may look at ``now``.

    Args:
        plan: What is wanted.
        ended: Told of each step that is done or refused, by the thread that runs.
    """

    def __init__(self, plan: Plan, ended: Callable[[Step], None] = lambda _: None) -> None:
        self._plan = plan
        self._ended = ended
        self._has_frames = bool(plan.source or plan.tapped)
        names = (*[FRAMES_STEP] * self._has_frames, ORIGINAL, *(kind.name for kind in plan.kinds))
        self._step = names[0]
        self.now = Progress(tuple(Step(name) for name in names))
        """How far it is: an immutable value, replaced as a whole."""

    def run(self, control: BuildControl) -> Progress:
        """Do everything; a variant that is refused keeps no other from being built.

        Raises:
            SourceError: There are no frames, or nothing to be found on them, so that nothing could be proven.
            BackendError: The original does not run as it is to.
            ModelError: The labels cannot be read.
            SinkError: There is no room to work in.
            CancelledError: Nobody wants it any more. Variants that were finished stay, and nothing else.
        """
        plan, told = self._plan, _Told(self, control)
        with work_folder() as folder:
            labels = Labels.read(plan.annotations, plan.images or Path(plan.source)) if plan.annotations else None
            calibration = self._collect(folder, told) if self._has_frames else None
            backends, missing = devices_of(plan.backends)
            ground = Ground(backends, folder, calibration, labels)
            proving = Proving(plan.card, ground, told, Demand(plan.limit, effort=plan.effort), plan.reference)
            proving.refused += missing
            self._measure_original(proving)
            for kind in plan.kinds:
                self._do(kind, calibration, proving, told)
        return self.now

    def tell(self, phase: str, share: float | None) -> None:
        """The step of the moment goes on."""
        self._put(Step(self._step, StepState.RUNNING, phase, share))

    def _collect(self, folder: Path, told: BuildControl) -> Calibration:
        plan = self._plan
        self._begin(FRAMES_STEP)
        calibration = collect(
            plan.card, plan.source, folder, told, frames=plan.frames, options=plan.options, tapped=plan.tapped
        )
        self.now = replace(self.now, calibration=calibration)
        self._end(Step(FRAMES_STEP, StepState.DONE))
        return calibration

    def _measure_original(self, proving: Proving) -> None:
        self._begin(ORIGINAL)
        original = proving.original()
        if not original.ways:
            reason = f": {proving.refused[0].reason.rstrip('.')}" if proving.refused else ""
            raise BackendError(
                f"The model does not run{reason}", subject=original.path.name, remedy="Choose another backend or device"
            )
        if self._plan.limit and original.likeness is not None and not original.likeness.expected:
            raise SourceError(
                "The model finds nothing on these frames, so nothing can be proven",
                subject=proving.report().source,
                remedy="Choose frames that show what the model is to find",
            )
        self._take(original, proving)

    def _do(self, kind: VariantKind, calibration: Calibration | None, proving: Proving, told: BuildControl) -> None:
        """Build and prove one variant, or say why not."""
        self._begin(kind.name)
        try:
            self._take(proving.variant(self._build(kind, calibration, proving, told)), proving)
        except CancelledError:
            raise
        except InferoscopeError as error:
            proving.refused.append(Refused(kind.name, "", error.what))
            self._end(Step(kind.name, StepState.REFUSED, error=error))

    def _build(
        self, kind: VariantKind, calibration: Calibration | None, proving: Proving, told: BuildControl
    ) -> Variant:
        """A variant; a quantised one within the limit.

        Raises:
            ModelError: None is worth it, or it cannot be built.
            SinkError: The file cannot be written.
            CancelledError: Nobody wants it any more.
        """
        plan = self._plan
        output = variant_file(plan.card, kind, plan.folder)
        if not (kind.is_int8 and plan.limit and calibration is not None):
            return build(plan.card, kind, calibration, output=output, control=told)
        refuse(plan.card, kind)
        goal = Goal(plan.limit, plan.search_s)
        found = quantise_guarded(
            plan.card, kind, calibration, goal, output=output, control=told, accuracy=proving.accuracy
        )
        return _worth(found, plan.card)

    def _take(self, entry: Entry, proving: Proving) -> None:
        report = proving.report()
        findings = findings_of(entry, report, proving.witness) if proving.witness is not None else ()
        self.now = replace(self.now, findings=(*self.now.findings, *findings), report=report)
        self._end(Step(self._step, StepState.DONE))

    def _begin(self, name: str) -> None:
        self._step = name
        self._put(Step(name, StepState.RUNNING))

    def _end(self, step: Step) -> None:
        self._put(step)
        self._ended(step)

    def _put(self, step: Step) -> None:
        self.now = self.now.with_step(step)


def _worth(found: GuardedBuild, card: ModelCard) -> Variant:
    """The quantised variant that was found.

    Raises:
        ModelError: None is worth it.
    """
    if found.variant is None:
        remedy = "Allow more to be lost, or choose another variant"
        raise ModelError(found.verdict, subject=card.path.name, remedy=remedy)
    return replace(found.variant, notes=(*found.variant.notes, found.verdict))


class _Told:
    """The control of the whole: what is told to it is told of the step of the moment, too."""

    def __init__(self, job: OptimiseJob, control: BuildControl) -> None:
        self._job = job
        self._control = control
        self.cancelled = control.cancelled
        self.wait = control.wait

    def progress(self, phase: str, share: float | None = None) -> None:
        """Pass it on.

        Raises:
            CancelledError: Nobody wants it any more.
        """
        self._job.tell(phase, share)
        self._control.progress(phase, share)
