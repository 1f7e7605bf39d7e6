"""What cards of the models page show, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.errors import InferoscopeError
from engine.library.bundled import is_inside
from engine.library.catalogue import CatalogueModel
from engine.library.store import KnownModel
from gui.engine_words import as_sentences, translated
from gui.presenters.model_downloads import Progress
from gui.presenters.model_words import task_words
from gui.presenters.quantities import bytes_words, pixels_words
from gui.presenters.titles import model_place
from gui.texts import text

_LONG_S = 90


@dataclass(frozen=True, slots=True)
class Message:
    """One line above the cards.

    Attributes:
        kind: "busy", "good" or "error".
        words: What is said.
        share: How much is done, None where that is unknown.
        use: A model that can be used right away, None for none.
    """

    kind: str
    words: str
    share: float | None = None
    use: Path | None = None


@dataclass(frozen=True, slots=True)
class ModelDisplay:
    """A card of one of the person's models.

    Attributes:
        path: The file; tells cards apart.
        title: The name that people know, or that of the file.
        subtitle: What it answers.
        facts: Family, input size, classes, size on disk, precision: short, for a row of badges.
        trouble: Why it cannot be used, "" where it can, or where that is not known yet.
        in_use: Whether a tile uses it.
        downloaded: Whether the program fetched the file, and so may delete it.
        place: Where it is.
        builtin: It comes with the program, and stays.
        variants: What was made of it on this computer, "" for nothing.
    """

    path: Path
    title: str
    subtitle: str
    facts: tuple[str, ...]
    trouble: str
    in_use: bool
    downloaded: bool
    place: str
    builtin: bool = False
    variants: str = ""


class OfferState(StrEnum):
    """offered -> running -> owned; running -> paused | failed -> running."""

    OFFERED = "offered"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    OWNED = "owned"


@dataclass(frozen=True, slots=True)
class OfferDisplay:
    """A card of the catalogue.

    Attributes:
        key: Tells cards apart.
        title: The name that people know.
        subtitle: What it answers.
        about: What it is for.
        facts: Input size, classes, size of the download.
        licence: Its name.
        home: Web page with the licence.
        source: Who publishes it.
        state: Where its download stands.
        share: How much has come, 0 to 1, None where there is nothing to show.
        status: One line: amount, speed and remaining time, or what is going on.
        error: Why the download ended, "" where it did not fail.
        path: The file, where it is one of the person's models.
    """

    key: str
    title: str
    subtitle: str
    about: str
    facts: tuple[str, ...]
    licence: str
    home: str
    source: str
    state: OfferState
    share: float | None
    status: str
    error: str
    path: Path | None


def model_display(model: KnownModel, title: str | None, reason: str | None, in_use: bool) -> ModelDisplay:
    """A card.

    Args:
        model: The model.
        title: Of the catalogue, None where it is not listed there.
        reason: Why its file cannot be used, "" where it can, None before that is known.
        in_use: Whether a tile uses it.
    """
    return ModelDisplay(
        path=model.path,
        title=title or model.path.stem,
        subtitle=task_words(model.task),
        facts=(
            translated(model.family_title),
            pixels_words(model.width, model.height),
            *_class_words(model.classes),
            bytes_words(model.model_bytes),
            model.stored_precision.upper(),
        ),
        trouble=translated(reason or ""),
        in_use=in_use,
        downloaded=model.downloaded,
        place=model_place(model.path),
        builtin=is_inside(model.path),
    )


def offer_display(model: CatalogueModel, progress: Progress, path: Path | None) -> OfferDisplay:
    """A card; ``path`` is its file where it is one of the person's models."""
    state = _state(progress, path)
    started = state is not OfferState.OWNED and (progress.running or progress.bytes_so_far > 0)
    return OfferDisplay(
        key=model.key,
        title=model.title,
        subtitle=task_words(model.task),
        about=translated(model.about),
        facts=(pixels_words(model.width, model.height), *_class_words(model.classes), bytes_words(model.model_bytes)),
        licence=model.licence,
        home=model.home,
        source=model.source,
        state=state,
        share=progress.bytes_so_far / model.model_bytes if started else None,
        status=_status(model, progress) if started else "",
        error=_error_words(progress.error) if state is OfferState.FAILED else "",
        path=path,
    )


def _state(progress: Progress, path: Path | None) -> OfferState:
    if progress.running:
        return OfferState.RUNNING
    if path is not None:
        return OfferState.OWNED
    if progress.error is not None:
        return OfferState.FAILED
    return OfferState.PAUSED if progress.bytes_so_far else OfferState.OFFERED


def _status(model: CatalogueModel, progress: Progress) -> str:
    amount = text("Models", "{done} of {all}").format(
        done=bytes_words(progress.bytes_so_far), all=bytes_words(model.model_bytes)
    )
    if not progress.running:
        return amount
    if progress.bytes_per_s is None:
        return f"{translated(progress.phase)} · {amount}"
    speed = text("Models", "{amount} per second").format(amount=bytes_words(round(progress.bytes_per_s)))
    left_s = (model.model_bytes - progress.bytes_so_far) / progress.bytes_per_s
    return f"{amount} · {speed} · {_left_words(left_s)}"


def _error_words(error: InferoscopeError | None) -> str:
    """What happened and what to do. The address is long and stands in the list of problems."""
    return as_sentences(error.what, error.remedy) if error is not None else ""


def _left_words(left_s: float) -> str:
    if left_s <= _LONG_S:
        return text("Models", "{count} s left").format(count=max(1, round(left_s)))
    return text("Models", "{count} min left").format(count=round(left_s / 60))


def _class_words(classes: int) -> tuple[str, ...]:
    if classes < 1:
        return ()
    if classes == 1:
        return (text("Models", "1 class"),)
    return (text("Models", "{count} classes").format(count=classes),)
