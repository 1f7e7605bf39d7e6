"""Does what a plan says: collects frames, builds each variant, proves it, and tells each result as it comes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.errors import CancelledError, InferoscopeError
from engine.optimise.build import variant_file, work_folder
from engine.optimise.calibration import Calibration, collect
from engine.optimise.candidate import ORIGINAL, Refused
from engine.optimise.export import build_within
from engine.optimise.guard import Goal
from engine.optimise.labelled import Labels
from engine.optimise.plan import FRAMES_STEP, Finding, Plan, Progress, Step, StepState
from engine.optimise.proving import Proving
from engine.optimise.variant import BuildControl, VariantKind


class OptimiseJob:
    """Runs once, in a thread of the caller's choice; any thread may look at ``now``.

    Args:
        plan: What is wanted.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._step = FRAMES_STEP
        names = (FRAMES_STEP, ORIGINAL, *(kind.name for kind in plan.kinds))
        self.now = Progress(tuple(Step(name) for name in names))
        """How far it is: an immutable value, replaced as a whole."""

    def run(self, control: BuildControl) -> Progress:
        """Do everything; a variant that is refused keeps no other from being built.

        Raises:
            SourceError: There are no frames.
            BackendError: The original does not run as it is to.
            ModelError: The labels cannot be read.
            SinkError: There is no room to work in.
            CancelledError: Nobody wants it any more. Variants that were finished stay, and nothing else.
        """
        plan, told = self._plan, _Told(self, control)
        with work_folder() as folder:
            labels = Labels.read(plan.annotations, Path(plan.source)) if plan.annotations else None
            calibration = self._collect(folder, told)
            self._begin(ORIGINAL)
            proving = Proving(plan, calibration, labels, folder, told)
            self._take(proving.original(), proving)
            for kind in plan.kinds:
                self._begin(kind.name)
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
        self.now = replace(self.now, warnings=calibration.warnings)
        self._put(Step(FRAMES_STEP, StepState.DONE))
        return calibration

    def _do(self, kind: VariantKind, calibration: Calibration, proving: Proving, told: BuildControl) -> None:
        """Build and prove one variant, or say why not."""
        plan, goal = self._plan, Goal(self._plan.limit, self._plan.search_s)
        try:
            output = variant_file(plan.card, kind, plan.folder)
            variant = build_within(
                goal, plan.card, kind, calibration, output=output, control=told, accuracy=proving.accuracy
            )
            self._take(proving.variant(variant), proving)
        except CancelledError:
            raise
        except InferoscopeError as error:
            proving.refused.append(Refused(kind.name, "", error.what))
            self._put(Step(kind.name, StepState.REFUSED, error=error))

    def _take(self, findings: list[Finding], proving: Proving) -> None:
        self.now = replace(self.now, findings=(*self.now.findings, *findings), report=proving.report())
        self._put(Step(self._step, StepState.DONE))

    def _begin(self, name: str) -> None:
        self._step = name
        self._put(Step(name, StepState.RUNNING))

    def _put(self, step: Step) -> None:
        self.now = self.now.with_step(step)


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
