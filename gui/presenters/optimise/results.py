"""Table and plot: what was found, judged by how much may be lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.errors import InferoscopeError
from engine.optimise.candidate import ORIGINAL
from engine.optimise.plan import Finding, Step, StepState
from engine.optimise.report import keeps_within
from gui.engine_words import in_full
from gui.presenters.optimise.display import Comparison, Point, ResultRow, Results
from gui.presenters.optimise.kinds import kind_title
from gui.presenters.optimise.words import HALVES, about_words, finding_title, share_words, speed_words
from gui.presenters.quantities import bytes_words
from gui.presenters.workspace import ModelChoice
from gui.texts import text

_GAIN = 1.05
"""Less is no reason to change anything."""


def row_key(finding: Finding) -> str:
    """Tells findings of one model apart."""
    return f"{finding.name} {finding.backend} {finding.device} {finding.precision}"


def reference_of(findings: Sequence[Finding]) -> Finding | None:
    """The original as it runs now."""
    return next((finding for finding in findings if finding.name == ORIGINAL), None)


def with_kept(fresh: tuple[Finding, ...], kept: Sequence[Finding]) -> tuple[Finding, ...]:
    """What was measured now, and what is known from before of others; the original is that of now."""
    if not fresh:
        return tuple(kept)
    known = {ORIGINAL, *(finding.name for finding in fresh)}
    return (*fresh, *(finding for finding in kept if finding.name not in known))


def is_allowed(finding: Finding, original: Finding, limit: float) -> bool:
    """Whether no more is lost than a person allows; where there are labels, these decide."""
    return finding is original or keeps_within(limit, finding.likeness, finding.map, original.map)


def recommended(findings: Sequence[Finding], limit: float, asked: str = "") -> Finding | None:
    """The fastest of what is allowed; None where none is worth a change.

    The fastest is what reached most in three of four rounds: one lucky round on a busy computer decides nothing.

    Args:
        findings: The original first.
        limit: Least agreement, 0 to 1.
        asked: Name of the only variant that is meant, "" for all of them.
    """
    original = reference_of(findings)
    if original is None:
        return None
    meant = (finding for finding in findings if finding is not original and asked in ("", finding.name))
    worth = [finding for finding in meant if _is_faster(finding) and is_allowed(finding, original, limit)]
    return max(worth, key=lambda finding: finding.speed_low, default=None)


def _is_faster(finding: Finding) -> bool:
    """By more than what one machine differs from itself."""
    return finding.speed >= _GAIN and finding.speed_low > 1.0


def results(
    findings: Sequence[Finding],
    steps: Sequence[Step],
    limit: float,
    present: ModelChoice | None = None,
    *,
    original_path: Path,
    saveable: bool = False,
) -> Results:
    """Everything that is shown.

    Args:
        findings: What was measured, the original first.
        steps: Of these, the refused ones become rows, too.
        limit: Least agreement, 0 to 1.
        present: What the selected tile runs, None where it runs nothing.
        original_path: What a person's models call the original.
        saveable: Whether there is a report.
    """
    original = reference_of(findings)
    best = recommended(findings, limit)
    rows = [
        _row(f, original, best, limit, _is_in_use(f, original, present, original_path)) for f in findings if original
    ]
    refused = [_refused(step.name, step.error) for step in steps if step.state is StepState.REFUSED and step.error]
    points = tuple(_point(f, row) for f, row in zip(findings, rows, strict=False))
    return Results(
        (*rows, *refused),
        points,
        frontier(points),
        limit,
        labelled=any(finding.map is not None for finding in findings),
        exportable=any(finding.name != ORIGINAL for finding in findings),
        saveable=saveable,
    )


def frontier(points: Sequence[Point]) -> tuple[tuple[float, float], ...]:
    """Speed and agreement of those that none beats in both, slowest first."""
    best: list[tuple[float, float]] = []
    for point in sorted(points, key=lambda point: (point.speed, point.agreement), reverse=True):
        if not best or point.agreement > best[-1][1]:
            best.append((point.speed, point.agreement))
    return tuple(reversed(best))


def comparison(findings: Sequence[Finding], key: str, number: int) -> Comparison | None:
    """A frame through the original and through the variant of a row; numbers go round. None where there is none."""
    finding = next((finding for finding in findings if row_key(finding) == key), None)
    if finding is None or not finding.worst:
        return None
    index = number % len(finding.worst)
    frame = finding.worst[index]
    return Comparison(
        finding_title(finding, reference_of(findings)),
        text("Optimise", "On this frame {share} of the finds agree.").format(share=share_words(frame.agreement)),
        index + 1,
        len(finding.worst),
        frame.original,
        frame.variant,
    )


def _row(
    finding: Finding,
    original: Finding,
    best: Finding | None,
    limit: float,
    in_use: bool,
) -> ResultRow:
    is_reference = finding is original
    verdict, tone = _verdict(finding, original, best, limit)
    return ResultRow(
        key=row_key(finding),
        title=finding_title(finding, original),
        runs=finding.badge,
        size=bytes_words(finding.model_bytes),
        speed=speed_words(1.0 if is_reference else finding.speed),
        rate=f"{finding.frames_per_s:.0f}",
        latency=f"{finding.latency_p50_ms:.1f} ms",
        agreement="" if is_reference else share_words(finding.likeness.agreement),
        accuracy="" if finding.map is None else f"{finding.map:.3f}",
        verdict=verdict,
        tone=tone,
        about=_original_words(finding) if is_reference else about_words(finding, original),
        in_use=in_use,
        usable=True,
        frames=len(finding.worst),
    )


def _is_in_use(finding: Finding, original: Finding, present: ModelChoice | None, original_path: Path) -> bool:
    if present is None:
        return False
    if finding.name != ORIGINAL:
        return present.path == finding.path
    same = present.precision is finding.precision if finding.precision in HALVES else present.precision not in HALVES
    return (present.path, present.backend) == (original_path, finding.backend) and same


def _verdict(finding: Finding, original: Finding, best: Finding | None, limit: float) -> tuple[str, str]:
    if finding is original:
        return (text("Optimise", "keep it"), "good") if best is None else ("", "")
    if not is_allowed(finding, original, limit):
        return text("Optimise", "loses too much"), "error"
    if finding is best:
        return text("Optimise", "recommended"), "good"
    if finding.speed < 1 / _GAIN and finding.speed_high < 1.0:
        return text("Optimise", "slower"), "warning"
    return text("Optimise", "fine"), ""


def _original_words(finding: Finding) -> str:
    return text("Optimise", "The model as it is, on {badge}: what the others are held against.").format(
        badge=finding.badge
    )


def _refused(name: str, error: InferoscopeError) -> ResultRow:
    return ResultRow(name, kind_title(name), verdict=text("Optimise", "not built"), tone="error", about=in_full(error))


def _point(finding: Finding, row: ResultRow) -> Point:
    speed = 1.0 if finding.name == ORIGINAL and not row.agreement else finding.speed
    return Point(row.key, row.title, speed, finding.likeness.agreement, finding.model_bytes, row.tone)
