"""Phases that the engine tells are said in the window's own words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine.optimise
from gui.presenters.optimise.phases import phase_words, warning_words

_TELLING = {"progress", "told", "_told", "_try", "_try_quantisation", "_measure"}
"""Functions that are given a phase."""
_AT_A_TERMINAL = {"tune.py"}
"""Files that the window does not use."""


def told(functions: set[str]) -> Iterator[str]:
    """Every text that these are given in the sources of the engine; what is put into them is 1."""
    folder = Path(engine.optimise.__file__).parent
    for file in sorted(folder.rglob("*.py")):
        if file.name not in _AT_A_TERMINAL:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in functions:
                    yield from (words for argument in node.args if (words := spelt(argument)))


def spelt(argument: ast.expr) -> str:
    """A text as it may be at run time, "" where it is none."""
    parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
    if not all(isinstance(part, ast.FormattedValue) or spells(part) for part in parts):
        return ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in parts)


def spells(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and isinstance(part.value, str)


PHASES = sorted(set(told(_TELLING)))
WARNINGS = sorted(words for words in told({"append"}) if "frames" in words)


def test_the_phases_were_found() -> None:
    assert {"Calibrating", "Collecting frames: 1 of 1", "Moving layers to float"} <= set(PHASES)


@pytest.mark.parametrize("phase", PHASES)
def test_the_window_has_words_for_every_phase_of_the_engine(phase: str) -> None:
    assert phase_words(phase)


def test_figures_are_taken_over() -> None:
    assert phase_words("Collecting frames: 12 of 400") == "12 of 400 frames that differ"
    assert phase_words("Round 3: measuring 2 in turn") == "Measuring the speed, round 3"


def test_what_the_search_found_so_far_stands_behind_what_it_does() -> None:
    words = phase_words("Giving layers back, best so far 1.42 times as fast")
    assert words == "Making more layers fast again; the best so far is 1.42 times as fast"


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert phase_words("") == ""
    assert phase_words("Frobnicating") == ""


def test_the_window_has_words_for_every_warning_about_frames() -> None:
    assert len(WARNINGS) == 2
    assert all(warning_words(warning) for warning in WARNINGS)
    assert warning_words("Only 12 frames differ from each other; 400 are better").startswith("Only 12 of the frames")
