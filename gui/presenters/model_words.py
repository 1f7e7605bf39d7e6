"""What is said of models, in words for people who have never trained one."""

from __future__ import annotations

from collections.abc import Sequence

from engine.cards import ColourOrder, Fit, InputSpec, ModelCard, Task
from gui.texts import text


def task_words(task: Task) -> str:
    """What a model of this task answers: "Finds objects"."""
    return {
        Task.DETECT: text("ModelWords", "Finds objects"),
        Task.SEGMENT: text("ModelWords", "Finds objects and their outlines"),
        Task.POSE: text("ModelWords", "Finds objects and their keypoints"),
        Task.OBB: text("ModelWords", "Finds objects at any angle"),
        Task.CLASSIFY: text("ModelWords", "Says what a picture shows"),
        Task.SEMANTIC: text("ModelWords", "Gives every pixel a class"),
        Task.FACE: text("ModelWords", "Finds faces"),
    }[task]


def fit_words(fit: Fit) -> str:
    """How a picture gets onto the canvas: "letterbox, centred"."""
    return {
        Fit.LETTERBOX_CENTRE: text("ModelWords", "letterbox, centred"),
        Fit.LETTERBOX_TOP_LEFT: text("ModelWords", "letterbox, top left"),
        Fit.STRETCH: text("ModelWords", "stretched"),
        Fit.CROP: text("ModelWords", "cut at the longer sides"),
    }[fit]


def colour_words(order: ColourOrder) -> str:
    """Order of the channels: "BGR"."""
    return text("ModelWords", "grey") if order is ColourOrder.GREY else order.value.upper()


def scaling_words(spec: InputSpec) -> str:
    """Range of the numbers that the model is given: "0 to 1"."""
    if not any(spec.mean) and spec.scale in ((1.0,) * 3, (255.0,) * 3):
        return text("ModelWords", "0 to 255") if spec.scale[0] == 1.0 else text("ModelWords", "0 to 1")
    return f"(x - {numbers(spec.mean)}) / {numbers(spec.scale)}"


def numbers(values: Sequence[float]) -> str:
    """Numbers per channel, once where they are all the same: "0.5", "123.675, 116.28, 103.53"."""
    return ", ".join(f"{value:g}" for value in (values if len(set(values)) > 1 else values[:1]))


def sure_words(card: ModelCard) -> str:
    """How sure the identification is: "98 % sure"."""
    if card.corrected:
        return text("ModelWords", "corrected by you")
    return text("ModelWords", "{share:.0f} % sure").format(share=100.0 * card.confidence)
