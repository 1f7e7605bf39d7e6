"""What the dialog does beside the window's thread, and how it tells what came of it."""

from __future__ import annotations

from pathlib import Path

from engine.cards import ModelCard
from engine.library.corrections import Correction, load_correction, store_correction
from engine.library.identify import forget, identify
from engine.library.model_file import read_model_file
from engine.results import Classification, Detections, Result
from gui.presenters.model_panel.classes import amount_text
from gui.texts import text


def stored_correction(path: Path) -> Correction:
    """What was said of a model before.

    Raises:
        ModelError: The model, or what was said, cannot be read.
    """
    return load_correction(read_model_file(path).sha256)


def keep_correction(path: Path, said: Correction) -> None:
    """Let this be what was said of a model, instead of what was said before.

    Raises:
        ModelError: It does not fit the model, or cannot be kept.
    """
    if said:
        store_correction(identify(path, correction=said).sha256, said)
    else:
        forget(path)


def found_words(card: ModelCard, result: Result) -> str:
    """What was found on a picture, in a few words: "3 objects"."""
    if isinstance(result, Detections):
        one = len(result) == 1
        return text("Correction", "1 object") if one else text("Correction", "{n} objects").format(n=len(result))
    best = result.top(1) if isinstance(result, Classification) else result.shares()[:1]
    if not best:
        return text("Correction", "nothing")
    class_id, share = best[0]
    return f"{card.class_name(class_id)}, {amount_text(share, True)}"
