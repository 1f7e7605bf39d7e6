"""What is wanted: the choices that a person makes before anything is built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.cards import ModelCard
from engine.library.bundled import is_inside
from engine.optimise.plan import FRAMES_STEP, Progress, Step, StepState
from engine.optimise.variant import VariantKind
from gui.engine_words import in_full, translated
from gui.presenters.model_words import task_words
from gui.presenters.optimise.display import Running, Setup, StepDisplay, VariantChoice
from gui.presenters.optimise.kinds import kind_about, kind_refusal, kind_title, kinds
from gui.presenters.optimise.phases import phase_words, warning_words
from gui.presenters.optimise.words import loss_words, step_title
from gui.presenters.port import EnginePort
from gui.presenters.quantities import bytes_words, length_words, pixels_words
from gui.presenters.secrets import HIDDEN
from gui.presenters.selection import Choice, Selector
from gui.presenters.titles import inside_words, model_title, tile_title
from gui.presenters.workspace import Tile, Workspace
from gui.texts import text

USUAL = frozenset({"openvino-int8", "openvino-fp16"})
USUAL_LOSS = 5
MOST_LOSS = 20
TILE = "tile:"
"""Before the id of a tile whose source is meant."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was chosen so far.

    Attributes:
        model: Path of the model, None to follow the selected tile.
        source: A file, a folder, or ``TILE`` and an id; "" to follow the selected tile.
        pictures: Whether that is a folder of pictures.
        labels: COCO labels, None for none.
        variants: Names of kinds.
        loss_percent: How much may differ.
        swap: Whether what is best is swapped in when it is ready.
        asked: Name of the variant that is swapped in instead, because it was asked for in the top bar.
    """

    model: Path | None = None
    source: str = ""
    pictures: bool = False
    labels: Path | None = None
    variants: frozenset[str] = USUAL
    loss_percent: int = USUAL_LOSS
    swap: bool = False
    asked: str = ""

    @property
    def limit(self) -> float:
        """Least agreement, 0 to 1."""
        return 1.0 - self.loss_percent / 100.0


def source_tile(wanted: Wanted, now: Workspace) -> Tile | None:
    """The tile whose source is meant; None where a file or a folder is."""
    if not wanted.source:
        return now.tile(now.selected)
    if not wanted.source.startswith(TILE):
        return None
    return next((tile for tile in now.tiles if TILE + tile.tile_id == wanted.source), None)


def setup(wanted: Wanted, now: Workspace, engine: EnginePort, model: Path | None, card: ModelCard | None) -> Setup:
    """What the choices look like.

    Args:
        wanted: What was chosen.
        now: The workspace.
        engine: Names the sources.
        model: The model that is meant, None where there is none.
        card: What it is, None before that is known.
    """
    tile = source_tile(wanted, now)
    source = TILE + tile.tile_id if tile is not None and tile.source else "" if tile is not None else wanted.source
    problem = _problem(wanted, tile, engine, model, card)
    return Setup(
        model=_models(now, model),
        facts="" if card is None else _facts(card),
        source=Selector(_sources(now, engine, source), source),
        labels=wanted.labels.name if wanted.labels is not None else "",
        labels_usable=wanted.pictures,
        variants=tuple(_choice(kind, wanted, card) for kind in kinds()),
        loss_percent=wanted.loss_percent,
        loss_words=loss_words(wanted.loss_percent),
        swap=wanted.swap,
        swap_words=_swap_words(wanted),
        can_start=not problem,
        hint=problem or _duration(wanted),
    )


def _swap_words(wanted: Wanted) -> str:
    if not wanted.asked:
        return text("Optimise", "Swap in the best when it is ready")
    return text("Optimise", "Swap in {title} when it is ready").format(title=kind_title(wanted.asked))


def _models(now: Workspace, model: Path | None) -> Selector:
    paths = dict.fromkeys((*([model] if model else []), *(choice.path for choice in now.models)))
    lines = tuple(Choice(str(path), model_title(path), _place(path)) for path in paths)
    return Selector(lines, str(model) if model else "")


def _place(path: Path) -> str:
    return inside_words() if is_inside(path) else str(path.parent)


def _facts(card: ModelCard) -> str:
    size = pixels_words(card.input.width, card.input.height)
    parts = (
        task_words(card.task),
        translated(card.family_title),
        size,
        bytes_words(card.model_bytes),
        card.stored_precision.upper(),
    )
    return " · ".join(parts)


def _sources(now: Workspace, engine: EnginePort, present: str) -> tuple[Choice, ...]:
    tiles = [tile for tile in now.tiles if tile.source]
    lines = [
        Choice(
            TILE + tile.tile_id,
            tile_title(tile, engine.tile_state(tile.tile_id)),
            text("Optimise", "What this tile shows"),
        )
        for tile in tiles
    ]
    if present and not present.startswith(TILE):
        lines.append(Choice(present, Path(present).name, str(Path(present).parent)))
    return tuple(lines)


def _choice(kind: VariantKind, wanted: Wanted, card: ModelCard | None) -> VariantChoice:
    refusal = kind_refusal(kind, card) if card is not None else ""
    checked = kind.name in wanted.variants and not refusal
    return VariantChoice(kind.name, kind_title(kind.name), refusal or kind_about(kind), checked, not refusal)


def chosen_kinds(wanted: Wanted, card: ModelCard) -> tuple[VariantKind, ...]:
    """The variants that are wanted and can be had of a model; those that take long come last."""
    chosen = (kind for kind in kinds() if kind.name in wanted.variants and not kind_refusal(kind, card))
    return tuple(sorted(chosen, key=lambda kind: kind.is_int8))


def _duration(wanted: Wanted) -> str:
    """How long it may take. Searching is what takes its time."""
    if any(name.endswith("int8") for name in wanted.variants):
        return text("Optimise", "Finding a good INT8 may take up to 20 minutes.")
    return text("Optimise", "It takes some minutes.")


def _problem(wanted: Wanted, tile: Tile | None, engine: EnginePort, model: Path | None, card: ModelCard | None) -> str:
    """What is missing, as a sentence; "" where nothing is."""
    if model is None:
        return text("Optimise", "Choose a model first.")
    if card is None:
        return text("Optimise", "The model is being read.")
    if tile is not None and not tile.source:
        return text("Optimise", "Choose where frames come from: open a source on the Live page, or choose a file.")
    if tile is not None and HIDDEN in tile.source and engine.tile_state(tile.tile_id).info is None:
        return text("Optimise", "Start this stream first: its frames are needed.")
    if not chosen_kinds(wanted, card):
        return text("Optimise", "Choose at least one variant.")
    return ""


def running(progress: Progress, elapsed_s: float, model: str) -> Running:
    """What is being done to a model."""
    steps = tuple(_step(step, warnings(progress)) for step in progress.steps)
    return Running(steps, length_words(elapsed_s), model)


def _step(step: Step, of_frames: str) -> StepDisplay:
    words = phase_words(step.phase) if step.error is None else in_full(step.error)
    if step.name == FRAMES_STEP and step.state is StepState.DONE:
        words = of_frames
    return StepDisplay(step_title(step.name), step.state, words, step.share)


def warnings(progress: Progress) -> str:
    """What a person should know of the frames, in sentences; "" for nothing."""
    told = progress.calibration.warnings if progress.calibration is not None else ()
    return " ".join(warning_words(each) for each in told)
