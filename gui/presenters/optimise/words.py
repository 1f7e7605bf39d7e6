"""What is said of variants, for people who have never built one."""

from __future__ import annotations

from engine.cards import ModelCard, Precision
from engine.optimise.candidate import ORIGINAL
from engine.optimise.plan import FRAMES_STEP, Finding
from engine.optimise.variant import Recipe, VariantKind
from gui.presenters.quantities import bytes_words
from gui.texts import text

PRUNED_PERCENT = 50
_SAME_SPEED = 1.05
HALVES = (Precision.BF16, Precision.FP16)


def kinds() -> tuple[VariantKind, ...]:
    """The variants that the page offers, the most useful first."""
    return (
        VariantKind(Recipe.OPENVINO_INT8),
        VariantKind(Recipe.OPENVINO_FP16),
        VariantKind(Recipe.ONNX_INT8),
        VariantKind(Recipe.ONNX_FP16),
        VariantKind(Recipe.ONNX_FUSED),
        VariantKind(Recipe.PRUNED, PRUNED_PERCENT),
    )


def kind_title(name: str) -> str:
    """What a variant is called: "INT8 for OpenVINO"."""
    recipe, _, percent = name.partition("-") if name.startswith(Recipe.PRUNED) else (name, "", "")
    return {
        "openvino-int8": text("Optimise", "INT8 for OpenVINO"),
        "openvino-fp16": text("Optimise", "FP16 for OpenVINO"),
        "onnx-int8": text("Optimise", "INT8 as ONNX"),
        "onnx-fp16": text("Optimise", "FP16 as ONNX"),
        "onnx-fused": text("Optimise", "Fused ONNX"),
        "pruned": text("Optimise", "Pruned by {percent} %").format(percent=percent),
        ORIGINAL: text("Optimise", "Original"),
    }.get(recipe, name)


def kind_about(kind: VariantKind) -> str:
    """What a variant is for, in one plain sentence."""
    return {
        Recipe.OPENVINO_INT8: text("Optimise", "Mostly the fastest, a quarter of the size."),
        Recipe.OPENVINO_FP16: text("Optimise", "Half the size, practically the same results."),
        Recipe.ONNX_INT8: text("Optimise", "The same for ONNX Runtime and other programs."),
        Recipe.ONNX_FP16: text("Optimise", "Half the size; fast on graphics cards alone."),
        Recipe.ONNX_FUSED: text("Optimise", "Tidied up, with exactly the same results."),
        Recipe.PRUNED: text("Optimise", "Without its least weights: packs smaller."),
    }[kind.recipe]


def kind_refusal(kind: VariantKind, card: ModelCard) -> str:
    """Why a variant cannot be made of a model, "" where it can for all that is known."""
    if card.file_format != "onnx" and not kind.recipe.startswith("openvino"):
        return text("Optimise", "It needs the ONNX file that this OpenVINO model was made from.")
    if card.stored_precision is Precision.INT8 and kind.recipe not in (Recipe.ONNX_FUSED, Recipe.OPENVINO_FP16):
        return text("Optimise", "The model is quantised already; it needs the float model.")
    if card.stored_precision is Precision.FP16 and kind.recipe is Recipe.ONNX_FP16:
        return text("Optimise", "The model is in half precision already.")
    return ""


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
