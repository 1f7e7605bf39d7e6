"""How results are drawn, and the sizes that follow from it and from the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.cards import ModelCard
from engine.overlay.operations import Box
from engine.overlay.palette import Colour, class_colour

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
        class_colours: Class -> its colour where it is not that of the palette.
        text_px, line_px: Height of texts and width of lines in source pixels, None for sizes that follow the picture.
        pixel_px: Size in source pixels of a pixel of what is painted on: sizes and places of texts are multiples of it.
        area_xyxy: The part of the picture that is shown, in source pixels: texts stay inside; None for all of it.
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
    class_colours: Mapping[int, Colour] = field(default_factory=dict)
    text_px: float | None = None
    line_px: float | None = None
    pixel_px: float = 1.0
    area_xyxy: Box | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every part of a drawing needs to know of the picture and the style."""

    width: int
    height: int
    style: Style
    card: ModelCard
    text_width: TextWidth

    @property
    def area_xyxy(self) -> Box:
        """The part of the picture that texts stay inside."""
        return self.style.area_xyxy or (0.0, 0.0, float(self.width), float(self.height))

    @property
    def line_px(self) -> float:
        """2 pixels at 432 lines, 4 at 1080, unless the style says it."""
        if self.style.line_px is not None:
            return self.style.line_px
        return max(1.0, round((0.8 + min(self.width, self.height) / 330.0) * self.style.scale))

    @property
    def text_px(self) -> float:
        """14 pixels at 432 lines, 28 at 1080, unless the style says it."""
        if self.style.text_px is not None:
            return self.style.text_px
        return max(10.0, round((5.0 + min(self.width, self.height) / 47.0) * self.style.scale))

    @property
    def has_room_for_text(self) -> bool:
        """False for pictures that a single label would hide."""
        left, top, right, bottom = self.area_xyxy
        return bottom - top >= 4.0 * self.text_px and right - left >= 4.0 * self.text_px

    def colour(self, class_id: int) -> Colour:
        """Colour of a class."""
        return self.style.class_colours.get(class_id) or class_colour(class_id)

    def whole(self, length_px: float) -> float:
        """The length in source pixels that is nearest to this one and a multiple of ``pixel_px``."""
        return round(length_px / self.style.pixel_px) * self.style.pixel_px

    def fitting(self, text: str, width_px: float) -> str:
        """The text, cut with an ellipsis where it is wider."""
        have = self.text_width(text, self.text_px)
        while have > width_px and len(text) > 1:
            keep = min(len(text) - 1, int(len(text) * width_px / have))
            text = text[: max(1, keep - 1)].rstrip() + "…" if keep > 1 else "…"
            have = self.text_width(text, self.text_px)
        return text
