"""What is found, class by class: counted, put in order, and shown as a struct of arrays that is cheap for thousands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from engine.cards import ModelCard
from engine.overlay.palette import Colour, class_colour
from engine.results import Classification, Detections, Result

_BARS = 5
_LEAST_SHARE = 0.005
"""Classes that cover less of a picture get no bar."""


class SortBy(StrEnum):
    """Order of the class list."""

    COUNT = "count"
    """Most found now first, then most found at any time."""
    NAME = "name"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a class there is on the present picture, and on the richest one so far.

    Objects for detectors; a share of the picture, or a score, 0 to 1, for others.
    """

    now: float
    most: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One of the best classes of a whole picture; ``share`` is 0 to 1."""

    name: str
    share: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class ListWish:
    """How a person wants the list: only names with this in them, only classes seen so far, and the order."""

    pattern: str = ""
    only_seen: bool = False
    by: SortBy = SortBy.COUNT


@dataclass(frozen=True, slots=True)
class ClassesState:
    """The class list as it is shown.

    Attributes:
        names: By class id.
        order: Class ids, top down. May hold ids beyond the names.
        counts: Of the classes seen so far, by class id.
        hidden: Classes that are not drawn.
        colours: Chosen by the person, by class id; the others have their usual colour.
        whole: The numbers are shares or scores of the whole picture, not objects.
        bars: The best classes of the present picture, where it is a whole that the model judges.
        wish: What order and choice follow from.
    """

    names: tuple[str, ...] = ()
    order: tuple[int, ...] = ()
    counts: Mapping[int, Count] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    colours: Mapping[int, Colour] = field(default_factory=dict)
    whole: bool = False
    bars: tuple[Bar, ...] = ()
    wish: ListWish = field(default_factory=ListWish)

    def name(self, class_id: int) -> str:
        """Name of a class, its number where it has none."""
        return _name(class_id, self.names)

    def colour(self, class_id: int) -> Colour:
        """Colour that the class is drawn in."""
        return self.colours.get(class_id) or class_colour(class_id)

    def count(self, class_id: int) -> Count:
        """How much of it there is."""
        return self.counts.get(class_id, _NOTHING)


_NOTHING = Count(0.0, 0.0)


def amount_text(amount: float, whole: bool) -> str:
    """A count as it is shown: "3", or "12 %" of a whole."""
    if not whole:
        return f"{amount:.0f}"
    return f"{100.0 * amount:.0f} %" if amount >= 0.01 or amount == 0.0 else "< 1 %"


def present(result: Result | None) -> dict[int, float]:
    """How much of each class there is on one picture: objects, the best scores, or shares of the picture."""
    if result is None:
        return {}
    if isinstance(result, Detections):
        ids, counts = np.unique(result.class_id, return_counts=True)
        return dict(zip(ids.tolist(), counts.astype(float).tolist(), strict=True))
    if isinstance(result, Classification):
        return dict(result.top(_BARS))
    return dict(result.shares())


def tally(before: Mapping[int, Count], now: Mapping[int, float]) -> dict[int, Count]:
    """The counts with one more picture."""
    ids = before.keys() | now.keys()
    return {i: Count(now.get(i, 0.0), max(now.get(i, 0.0), before.get(i, _NOTHING).most)) for i in ids}


def bars(card: ModelCard, result: Result | None, colours: Mapping[int, Colour]) -> tuple[Bar, ...]:
    """The best classes of a whole picture; nothing for objects."""
    if result is None or isinstance(result, Detections):
        return ()
    best = sorted(present(result).items(), key=lambda pair: -pair[1])[:_BARS]
    least = 0.0 if isinstance(result, Classification) else _LEAST_SHARE
    return tuple(
        Bar(card.class_name(i), share, colours.get(i) or class_colour(i)) for i, share in best if share >= least
    )


def arrange(names: tuple[str, ...], counts: Mapping[int, Count], wish: ListWish) -> tuple[int, ...]:
    """Class ids in the order of the list, those left out that are not wished for."""
    ids: Iterable[int] = range(len(names))
    beyond = sorted(i for i in counts if i >= len(names))
    chosen = [i for i in (*ids, *beyond) if _wanted(i, names, counts, wish)]
    if wish.by is SortBy.NAME:
        return tuple(sorted(chosen, key=lambda i: (_name(i, names).casefold(), i)))
    if wish.by is SortBy.COUNT:
        seen = sorted((i for i in chosen if i in counts), key=lambda i: (-counts[i].now, -counts[i].most, i))
        return (*seen, *(i for i in chosen if i not in counts))
    return tuple(chosen)


def _wanted(class_id: int, names: tuple[str, ...], counts: Mapping[int, Count], wish: ListWish) -> bool:
    if wish.only_seen and class_id not in counts:
        return False
    return not wish.pattern or wish.pattern.casefold() in _name(class_id, names).casefold()


def _name(class_id: int, names: tuple[str, ...]) -> str:
    return names[class_id] if class_id < len(names) else str(class_id)


def held(shown: tuple[int, ...], order: tuple[int, ...]) -> tuple[int, ...]:
    """The order as it was shown, without what is gone and with what is new at its end."""
    wanted, known = set(order), set(shown)
    return (*(i for i in shown if i in wanted), *(i for i in order if i not in known))
