"""Names of classes: from the person, the metadata, a file beside the model, or a known set of that count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from engine.library.metadata import MOST_NAMES

KEYPOINTS_COCO = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder", "left elbow",
    "right elbow", "left wrist", "right wrist", "left hip", "right hip", "left knee", "right knee", "left ankle",
    "right ankle",
)  # fmt: skip
"""Keypoints of a person in the order of the COCO annotations."""

SKELETON_COCO = (
    (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10),
    (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
)  # fmt: skip
"""Joints of a person, from the "skeleton" of the COCO annotations (there counted from 1)."""

LANDMARKS_FACE = ("right eye", "left eye", "nose tip", "right mouth corner", "left mouth corner")
"""Landmarks of a face in the order of YuNet; right and left are the person's own."""


@dataclass(frozen=True, slots=True)
class KnownSet:
    """A published list of classes. Lines ``first`` to ``last`` of its file."""

    title: str
    file: str
    first: int
    last: int
    before: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of names."""
        return len(self.before) + self.last - self.first

    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return self.before + _lines(self.file)[self.first : self.last]


KNOWN_SETS = {
    "coco": KnownSet("COCO (80)", "coco.txt", 0, 80),
    "coco_91": KnownSet("COCO (91 numbers with gaps)", "coco_91.txt", 0, 91),
    "coco_90": KnownSet("COCO (90 numbers with gaps)", "coco_91.txt", 1, 91),
    "imagenet": KnownSet("ImageNet (1000)", "imagenet.txt", 0, 1000),
    "imagenet_1001": KnownSet("ImageNet (1000) behind a background class", "imagenet.txt", 0, 1000, ("background",)),
    "voc": KnownSet("Pascal VOC (20)", "voc.txt", 1, 21),
    "voc_21": KnownSet("Pascal VOC (20) behind a background class", "voc.txt", 0, 21),
    "cityscapes": KnownSet("Cityscapes (19)", "cityscapes.txt", 0, 19),
    "dota": KnownSet("DOTA (15)", "dota.txt", 0, 15),
    "person": KnownSet("one class: person", "coco.txt", 0, 1),
    "face": KnownSet("one class: face", "coco.txt", 0, 0, ("face",)),
}


@cache
def _lines(file: str) -> tuple[str, ...]:
    text = files("engine.library").joinpath("data", file).read_text(encoding="utf-8")
    return tuple(text.splitlines())


@dataclass(frozen=True, slots=True)
class Offer:
    """Names that may be those of a model's classes. ``shared`` ones may belong to another model."""

    source: str
    names: tuple[str, ...]
    shared: bool = False


@dataclass(frozen=True, slots=True)
class NamedClasses:
    """Names of a model's classes, where they are from, and what did not fit."""

    names: tuple[str, ...]
    source: str
    warnings: tuple[str, ...] = ()


def name_classes(count: int | None, offers: Sequence[Offer], known_sets: Sequence[str]) -> NamedClasses:
    """Choose names for the classes.

    Args:
        count: Number of classes of the outputs, None where they do not tell.
        offers: The most trusted first.
        known_sets: Keys of ``KNOWN_SETS`` that may be meant.
    """
    if count is not None and count > MOST_NAMES:
        return NamedClasses((), "numbers", (f"The outputs seem to have {count} classes; they are shown as numbers",))
    misfits: list[str] = []
    for offer in offers:
        if offer.names and (count is None or len(offer.names) == count):
            return NamedClasses(offer.names, offer.source, tuple(misfits))
        if not offer.shared:
            misfits.append(f"The {offer.source} names {len(offer.names)} classes, but the outputs have {count}")
    if misfits:
        advice = "Classes are shown as numbers; give the right names with inspect --set names=FILE"
        return NamedClasses(_numbers(count), "numbers", (*misfits, advice))
    for known in (KNOWN_SETS[key] for key in known_sets):
        if known.count == count:
            return NamedClasses(known.names(), f"known set {known.title}")
    return NamedClasses(_numbers(count), "numbers")


def _numbers(count: int | None) -> tuple[str, ...]:
    return tuple(str(number) for number in range(count or 0))
