"""The kinds of variants, for people who have never built one."""

from __future__ import annotations

from engine.cards import ModelCard, Precision
from engine.optimise.candidate import ORIGINAL
from engine.optimise.variant import Recipe, VariantKind
from gui.texts import text

_PRUNED_PERCENT = 50


def kinds() -> tuple[VariantKind, ...]:
    """The variants that the page offers, the most useful first."""
    return (
        VariantKind(Recipe.OPENVINO_INT8),
        VariantKind(Recipe.OPENVINO_FP16),
        VariantKind(Recipe.ONNX_INT8),
        VariantKind(Recipe.ONNX_FP16),
        VariantKind(Recipe.ONNX_FUSED),
        VariantKind(Recipe.PRUNED, _PRUNED_PERCENT),
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
