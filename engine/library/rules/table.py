"""All rules. To teach the program a new family, write its rule and name it here."""

from __future__ import annotations

from collections.abc import Callable

from engine.library.candidate import Candidate
from engine.library.facts import Facts
from engine.library.rules import nanodet, yolov5, yolov8, yolox, yunet

Rule = Callable[[Facts], Candidate | None]
"""None only where the family could not read these outputs at all: weak guesses are told, with a low score."""

RULES: tuple[Rule, ...] = (
    yolov5.recognise,
    yolov8.recognise,
    yolox.recognise,
    nanodet.recognise,
    yunet.recognise,
)
