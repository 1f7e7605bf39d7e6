"""Native error texts of the runtimes, said in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.cards import ModelCard
from engine.errors import BackendError

_COPY_AGAIN = "Copy, download or export the model again"
_OTHER = "Choose another backend, or export the model in another way"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a native text means; ``what`` may name groups of ``pattern``, as ``re.Match.expand`` takes them."""

    pattern: str
    what: str
    remedy: str = _OTHER


COMMON = (
    Explanation(
        r"(?i)bad alloc|out of memory|failed to allocate", "There is not enough memory", "Choose a smaller size"
    ),
    Explanation(r"(?i)protobuf|can't be parsed|failed to parse|unable to read", "The file is damaged", _COPY_AGAIN),
)
"""What several runtimes say alike."""


def explain(text: str, explanations: Sequence[Explanation], card: ModelCard, title: str) -> BackendError:
    """The first explanation that fits, else a plain sentence; the native text is kept as detail."""
    for known in (*explanations, *COMMON):
        found = re.search(known.pattern, text)
        if found:
            return BackendError(found.expand(known.what), subject=card.path.name, remedy=known.remedy, detail=text)
    return BackendError(f"{title} cannot run this model", subject=card.path.name, remedy=_OTHER, detail=text)
