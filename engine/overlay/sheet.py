"""How results are drawn, and the sizes that follow from it and from the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.cards import ModelCard

TextWidth = Callable[[str, float], float]
"""Width in pixels of a text at a text size in pixels."""


@dataclass(frozen=True, slots=True)
class Style:
    """How results are drawn. Hides things in the picture alone, never in the results.

    Attributes:
        scale: Factor for line widths and text sizes, which follow the size of the picture.
        hidden_classes: Classes that are not drawn.
        boxes, labels, scores, track_ids, masks, keypoints: What is drawn.
        unseen: Shade what the model did not see.
        mask_opacity: Opacity of masks and class maps, 0 to 1.
        keypoint_score: Keypoints below this score are not drawn.
        top_classes: Classes named for a whole picture, and in the legend of a class map.
    """

    scale: float = 1.0
    hidden_classes: frozenset[int] = frozenset()
    boxes: bool = True
    labels: bool = True
    scores: bool = True
    track_ids: bool = True
    masks: bool = True
    keypoints: bool = True
    unseen: bool = True
    mask_opacity: float = 0.45
    keypoint_score: float = 0.3
    top_classes: int = 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every part of a drawing needs to know of the picture and the style."""

    width: int
    height: int
    style: Style
    card: ModelCard
    text_width: TextWidth

    @property
    def line_px(self) -> float:
        """2 pixels at 432 lines, 4 at 1080."""
        return max(1.0, round((0.8 + min(self.width, self.height) / 330.0) * self.style.scale))

    @property
    def text_px(self) -> float:
        """14 pixels at 432 lines, 28 at 1080."""
        return max(10.0, round((5.0 + min(self.width, self.height) / 47.0) * self.style.scale))

    @property
    def has_room_for_text(self) -> bool:
        """False for pictures that a single label would hide."""
        return self.height >= 4.0 * self.text_px and self.width >= 4.0 * self.text_px

    def fitting(self, text: str, width_px: float) -> str:
        """The text, cut with an ellipsis where it is wider."""
        have = self.text_width(text, self.text_px)
        while have > width_px and len(text) > 1:
            keep = min(len(text) - 1, int(len(text) * width_px / have))
            text = text[: max(1, keep - 1)].rstrip() + "…" if keep > 1 else "…"
            have = self.text_width(text, self.text_px)
        return text
