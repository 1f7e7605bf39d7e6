"""What the traces show, as plain data, and what is asked of their view."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from gui.presenters.port import STAGES
from gui.presenters.traces.store import CAUSES, DROP_COLUMNS, STAGE_COLUMNS, Float32, Float64
from gui.texts import text

WINDOWS_S = (30, 60, 120, 300, 600)
"""Lengths of time that can be shown."""
_COLOURS = 6
CHARTS = ("rates", "accuracy", "latency", "age", "dropped", "processor", "memory")
BY_THEMSELVES = ("accuracy",)
"""Charts that are there only while there is something to show on them."""


class Export(StrEnum):
    """What the traces can be saved as."""

    PICTURE = "png"
    TABLE = "csv"


@dataclass(frozen=True, slots=True)
class Trace:
    """A curve: ``key`` names its values, ``colour`` is its place in ``theme.traces``, None for that of text."""

    key: str
    title: str
    colour: int | None


@dataclass(frozen=True, slots=True)
class Chart:
    """One plot.

    Attributes:
        key: One of ``CHARTS``.
        title: Its heading.
        unit: Of its values.
        lines: Curves, each with a large number.
        areas: Filled areas that stand on one another, from below; they have a row each in the table beside the plot.
        least_top: The vertical axis reaches at least so far.
        most_top: It never reaches further.
        decimals: Of the numbers.
        about: What is measured, where title and unit do not say it.
    """

    key: str
    title: str
    unit: str
    lines: tuple[Trace, ...]
    areas: tuple[Trace, ...] = ()
    least_top: float = 10.0
    most_top: float = math.inf
    decimals: int = 1
    about: str = ""


def charts() -> tuple[Chart, ...]:
    """Every plot, in order. A function, so that its texts follow the language."""
    rates = (
        Trace("capture_hz", text("Traces", "Capture"), 0),
        Trace("inference_hz", text("Traces", "Inference"), 1),
        Trace("display_hz", text("Traces", "Display"), 2),
    )
    titles = stage_titles()
    stages = tuple(
        Trace(key, titles[stage], i) for i, (stage, key) in enumerate(zip(STAGES, STAGE_COLUMNS, strict=True))
    )
    total = (Trace("total_ms", titles["total"], None),)
    drops = tuple(
        Trace(key, words, i % _COLOURS)
        for i, (key, words) in enumerate(zip(DROP_COLUMNS, causes().values(), strict=True))
    )
    dropped = (Trace("dropped_hz", text("Traces", "All causes"), None),)
    age = (Trace("age_ms", text("Traces", "Newest frame"), 0),)
    processor = (Trace("cpu_percent", text("Traces", "This program"), 1),)
    memory = (Trace("memory_mb", text("Traces", "This program"), 3),)
    per_second = text("Traces", "frames per second")
    return (
        Chart("rates", text("Traces", "Frame rate"), per_second, rates),
        _accuracy(),
        Chart("latency", text("Traces", "Latency"), text("Traces", "ms by stage"), total, stages),
        Chart("age", text("Traces", "Age of the frame"), "ms", age, least_top=50.0, decimals=0),
        Chart("dropped", text("Traces", "Dropped"), per_second, dropped, drops, least_top=5.0),
        Chart("processor", text("Traces", "Processor"), text("Traces", "% of all cores"), processor, decimals=0),
        Chart("memory", text("Traces", "Memory"), "MB", memory, least_top=100.0, decimals=0),
    )


def _accuracy() -> Chart:
    about = text(
        "Traces",
        "Compared with what the demo really shows, over the last two seconds: precision is how much of what was found "
        "is right, recall is how much of what is there was found.",
    )
    lines = (
        Trace("precision_percent", text("Traces", "Precision"), 0),
        Trace("recall_percent", text("Traces", "Recall"), 1),
    )
    return Chart("accuracy", text("Traces", "Accuracy"), "%", lines, least_top=100.0, most_top=100.0, about=about)


def stage_titles() -> dict[str, str]:
    """Stage -> its name, and "total"."""
    return {
        "queue": text("Traces", "Queue"),
        "preprocess": text("Traces", "Preprocess"),
        "infer": text("Traces", "Infer"),
        "decode": text("Traces", "Decode"),
        "draw": text("Traces", "Draw"),
        "total": text("Traces", "Total"),
    }


def causes() -> dict[str, str]:
    """Why a frame got no result -> the same in words."""
    words = (
        text("Traces", "A newer frame came first"),
        text("Traces", "Above your limit of frames"),
        text("Traces", "No model was ready"),
        text("Traces", "Seek, loop or stop"),
        text("Traces", "Result came too late"),
        text("Traces", "The model failed"),
        text("Traces", "The model did not answer"),
    )
    return dict(zip(CAUSES, words, strict=True))


@dataclass(frozen=True, slots=True)
class TracesDisplay:
    """Everything around the plots.

    Attributes:
        title: Whose traces they are.
        window_s: How much is shown while they run.
        held_at: Time of day at which they are held, "" while they run.
        shown: Keys of the charts that are shown.
        offered: Keys of those that can be shown.
    """

    title: str
    window_s: int = 60
    held_at: str = ""
    shown: tuple[str, ...] = ("rates", "latency", "age")
    offered: tuple[str, ...] = CHARTS


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What is drawn.

    Attributes:
        from_s, to_s: Ends of the time axis, in seconds from now (or from when they are held), at most 0.
        at_s: float64 (n,), on that axis.
        values: Key -> float32 (n,), NaN where a line breaks.
        latest: Key -> the last value, NaN where there is none; renewed no faster than one can read.
        now_utc_s: Seconds since 1970 at 0 on that axis.
    """

    from_s: float
    to_s: float
    at_s: Float64
    values: Mapping[str, Float32]
    latest: Mapping[str, float]
    now_utc_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """A row of numbers beside a plot, about a curve of it."""

    trace: Trace
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers beside a plot.

    Attributes:
        heads: Of the columns.
        rows: A curve each.
        summary: The same in one sentence.
        with_latest: Whether a column in front shows the curves' latest values.
    """

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    summary: str
    with_latest: bool = False


class TracesView(Protocol):
    """The plots, and what is around them."""

    def is_showing(self) -> bool:
        """Whether anybody can see them."""

    def show_display(self, display: TracesDisplay) -> None:
        """Show whose traces they are, and how they are shown."""

    def show_curves(self, curves: Curves) -> None:
        """Draw."""

    def show_tables(self, tables: Mapping[str, Table]) -> None:
        """Show the numbers beside charts, by the charts' keys."""

    def ask_path(self, kind: Export, suggested: str) -> None:
        """Let the person choose a file, later: ``on_path_chosen`` is told."""

    def rendered(self, caption: str) -> Callable[[], bytes]:
        """The plots as they are shown, with a caption: a function that encodes them as PNG, in any thread."""

    def show_saved(self, path: Path) -> None:
        """Tell that a file was saved."""
