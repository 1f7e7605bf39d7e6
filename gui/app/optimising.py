"""The engine's side of the optimise page, loaded when it is first needed."""

from __future__ import annotations

from engine.optimise.plan import Plan
from gui.presenters.optimise.undertaking import Job


def make_job(plan: Plan) -> Job:
    """The job that does what a plan says."""
    from engine.optimise.job import OptimiseJob

    return OptimiseJob(plan)
