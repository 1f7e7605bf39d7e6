"""What is being done at the moment, and what is to be known of it, in the person's language.

The engine tells it in English, as a terminal shows them. The window knows all of it, and says it for people who
look at a picture, not at a log.
"""

from __future__ import annotations

import re

from gui.texts import text


def phase_words(told: str) -> str:
    """A phase as the window says it; "" for one that it does not know."""
    return _said(told, (*_search(), *_steps()))


def warning_words(told: str) -> str:
    """What a person should know of the frames, as the window says it; "" where it does not know it."""
    return _said(told, _warnings())


def _said(told: str, known: tuple[tuple[str, str], ...]) -> str:
    """Words for what the engine tells.

    Args:
        told: By the engine.
        known: Pattern and words; the first one that fits counts.
    """
    for pattern, words in known:
        if (found := re.fullmatch(pattern, told)) is not None:
            parts = found.groupdict()
            return words.format(**parts | {"before": phase_words(parts.get("before") or "")})
    return ""


def _search() -> tuple[tuple[str, str], ...]:
    """While the best INT8 is looked for."""
    return (
        (
            r"(?P<before>.+), best so far (?P<speed>[\d.]+) times as fast",
            text("Optimise", "{before}; the best so far is {speed} times as fast"),
        ),
        (r"Trying coarse choices", text("Optimise", "Trying what stays precise, kind by kind")),
        (r"Finding the layers that cost most", text("Optimise", "Finding the layers that cost most")),
        (r"Moving layers to float", text("Optimise", "Keeping costly layers precise")),
        (r"Giving layers back", text("Optimise", "Making more layers fast again")),
        (r"Trying symmetric activations", text("Optimise", "Trying another way to round")),
        (r"Checking on all frames", text("Optimise", "Checking on all frames")),
    )


def _steps() -> tuple[tuple[str, str], ...]:
    """While frames are collected, and variants are built, measured and compared."""
    return (
        (
            r"Collecting frames: (?P<count>\d+) of (?P<wanted>\d+)",
            text("Optimise", "{count} of {wanted} frames that differ"),
        ),
        (r"Reading the model", text("Optimise", "Reading the model")),
        (r"Converting", text("Optimise", "Converting")),
        (r"Fusing", text("Optimise", "Fusing layers")),
        (r"Calibrating", text("Optimise", "Fitting it to your frames")),
        (r"Choosing weights", text("Optimise", "Choosing weights")),
        (r"Packing", text("Optimise", "Seeing how small it packs")),
        (r"Writing|Moving it to its place", text("Optimise", "Writing the file")),
        (r"Checking|Trying .+", text("Optimise", "Checking that it runs")),
        (r"Loading .+", text("Optimise", "Loading")),
        (r"Round (?P<number>\d+): measuring \d+ in turn", text("Optimise", "Measuring the speed, round {number}")),
        (r"Comparing with the labels", text("Optimise", "Comparing with the labels")),
        (r"(Comparing|Running) .+", text("Optimise", "Comparing what is found, frame by frame")),
    )


def _warnings() -> tuple[tuple[str, str], ...]:
    """Of the frames."""
    return (
        (
            r"Only (?P<count>\d+) frames differ from each other; (?P<wanted>\d+) are better",
            text("Optimise", "Only {count} of the frames differ; with {wanted} the result is surer."),
        ),
        (
            r"There are too few frames to hold some out: .+",
            text("Optimise", "There are too few frames: what is measured with them is a hint, no proof."),
        ),
    )
