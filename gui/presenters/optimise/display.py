"""What the optimise page shows, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.optimise.plan import StepState
from gui.presenters.selection import Selector


@dataclass(frozen=True, slots=True)
class VariantChoice:
    """A check box: a variant that can be built.

    Attributes:
        key: Name of the variant, as the command line has it.
        title: What it is called.
        about: What it is for, one sentence; why it cannot be had where it is not usable.
        checked: Whether it is wanted.
        usable: Whether it can be built from the model.
    """

    key: str
    title: str
    about: str
    checked: bool = False
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """What is wanted.

    Attributes:
        model: Models to choose from; the key is the path.
        facts: What is known of the chosen one, one line.
        source: Where frames may come from; the key is the source.
        labels: File name of the labels, "" for none.
        labels_usable: Whether labels make sense: the source is a folder of pictures.
        variants: All of them.
        loss_percent: How much of what is found may differ, in per cent.
        loss_words: The same in a sentence.
        swap: Whether what is best is swapped in when it is ready.
        swap_words: What is swapped in.
        can_start: Whether everything is chosen.
        hint: What is missing, or how long it may take.
    """

    model: Selector = field(default_factory=Selector)
    facts: str = ""
    source: Selector = field(default_factory=Selector)
    labels: str = ""
    labels_usable: bool = False
    variants: tuple[VariantChoice, ...] = ()
    loss_percent: int = 5
    loss_words: str = ""
    swap: bool = False
    swap_words: str = ""
    can_start: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class StepDisplay:
    """A line of the list of what is done; ``share`` of it is done, 0 to 1, None where that is unknown."""

    title: str
    state: StepState
    words: str = ""
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """What is being done.

    Attributes:
        steps: Everything to be done, in order.
        elapsed: Since it began, in words.
        model: What it is done to.
    """

    steps: tuple[StepDisplay, ...]
    elapsed: str
    model: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A line of the table.

    Attributes:
        key: Tells rows apart.
        title: What it is.
        runs: Where it runs best: runtime, device and precision.
        size, speed, rate, latency, agreement, accuracy: Figures in words, "" where there is none.
        verdict: What to think of it, in a word or two.
        tone: Of the verdict: "good", "warning", "error" or "".
        about: Everything in sentences.
        in_use: Whether the selected tile runs it.
        usable: Whether it can be swapped in.
        frames: How many frames there are to look at.
    """

    key: str
    title: str
    runs: str = ""
    size: str = ""
    speed: str = ""
    rate: str = ""
    latency: str = ""
    agreement: str = ""
    accuracy: str = ""
    verdict: str = ""
    tone: str = ""
    about: str = ""
    in_use: bool = False
    usable: bool = False
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """A dot of the plot: speed as a multiple of the original's, agreement 0 to 1, size on disk."""

    key: str
    title: str
    speed: float
    agreement: float
    model_bytes: int
    tone: str


@dataclass(frozen=True, slots=True)
class Results:
    """What was found.

    Attributes:
        rows: The table, the original first.
        points: The plot.
        frontier: Speed and agreement of those that none beats in both, slowest first.
        limit: Least agreement that is allowed, 0 to 1.
        labelled: Whether any row has an accuracy.
        exportable: Whether there are files to copy.
        saveable: Whether there is a report to save.
    """

    rows: tuple[ResultRow, ...] = ()
    points: tuple[Point, ...] = ()
    frontier: tuple[tuple[float, float], ...] = ()
    limit: float = 0.95
    labelled: bool = False
    exportable: bool = False
    saveable: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One frame through the original and through a variant.

    Attributes:
        title: Which variant.
        words: How far they agree on this frame.
        number, count: Which of how many, from 1.
        original, variant: The frame with what each has found, as JPEG.
    """

    title: str
    words: str
    number: int
    count: int
    original: bytes
    variant: bytes
