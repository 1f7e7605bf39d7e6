"""What is said of what was built and measured."""

from __future__ import annotations

from engine.cards import Precision
from engine.optimise.candidate import ORIGINAL
from engine.optimise.plan import FRAMES_STEP, Finding
from gui.presenters.optimise.kinds import kind_title
from gui.presenters.quantities import bytes_words
from gui.texts import text

_SAME_SPEED = 1.05
HALVES = (Precision.BF16, Precision.FP16)


def step_title(name: str) -> str:
    """What a step does."""
    if name == FRAMES_STEP:
        return text("Optimise", "Collect frames")
    if name == ORIGINAL:
        return text("Optimise", "Measure the original")
    return kind_title(name)


def finding_title(finding: Finding, reference: Finding | None) -> str:
    """What a row is called; the original says where and how it runs where that is not as it runs now."""
    if finding.name != ORIGINAL or reference is None or finding == reference:
        return kind_title(finding.name)
    names = {"runtime": finding.badge.partition(" · ")[0], "precision": finding.precision.upper()}
    if finding.backend == reference.backend:
        return text("Optimise", "Original in {precision}").format(**names)
    if finding.precision in HALVES:
        return text("Optimise", "Original on {runtime} in {precision}").format(**names)
    return text("Optimise", "Original on {runtime}").format(**names)


def loss_words(percent: int) -> str:
    """How much may be lost, in a sentence."""
    if percent == 0:
        return text("Optimise", "Nothing: it must find exactly what the original finds.")
    return text("Optimise", "{count} of 100 finds may differ from those of the original.").format(count=percent)


def speed_words(speed: float) -> str:
    """How many times as fast: "1.9 ×"."""
    return f"{speed:.2f} ×"


def share_words(share: float) -> str:
    """A share as a percentage that never claims more than it is: "97.3 %", "100 %"."""
    percent = 100.0 * share
    return "100 %" if share >= 1.0 else f"{min(percent, 99.9):.1f} %"


def about_words(finding: Finding, original: Finding) -> str:
    """Everything about a variant, in sentences."""
    parts = [f"{finding.badge}.", _fast(finding), _large(finding, original), *_alike(finding)]
    return " ".join(parts)


def _fast(finding: Finding) -> str:
    speed = finding.speed
    if speed >= _SAME_SPEED and finding.speed_low > 1.0:
        return text("Optimise", "Runs {times:.2f} times as fast as the original.").format(times=speed)
    if speed > 1 / _SAME_SPEED or finding.speed_high >= 1.0:
        return text("Optimise", "Runs about as fast as the original.")
    return text("Optimise", "Runs at {times:.2f} times the speed of the original, so slower.").format(times=speed)


def _large(finding: Finding, original: Finding) -> str:
    return text("Optimise", "Takes {size}, {share:.0f} % of the original; {memory} of memory while it runs.").format(
        size=bytes_words(finding.model_bytes),
        share=100 * finding.model_bytes / max(1, original.model_bytes),
        memory=bytes_words(finding.peak_memory_bytes),
    )


def _alike(finding: Finding) -> list[str]:
    like = finding.likeness
    parts = [
        text("Optimise", "Agrees with the original to {share} on {frames} frames.").format(
            share=share_words(like.agreement), frames=len(like.by_frame)
        )
    ]
    if like.class_flips:
        flips = text("Optimise", "Finds of another class: {count}.").format(count=like.class_flips)
        parts.append(flips)
    if like.lost_frames:
        lost = text("Optimise", "Frames on which it finds nothing any more: {count}.").format(count=like.lost_frames)
        parts.append(lost)
    return parts
