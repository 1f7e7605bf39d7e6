"""What the optimise page does beside the window's thread."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.cards import ModelCard
from engine.optimise.plan import Finding
from engine.optimise.report import Report
from engine.optimise.shelf import keep, kept, original_of, shelf_of
from gui.presenters.port import TaskControl
from gui.texts import text

_SUFFIXES = (".onnx", ".xml", ".bin")


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that variants are made of.

    Attributes:
        path: What a person's models call it.
        card: What it is.
        findings: What was found of it and its variants before.
    """

    path: Path
    card: ModelCard
    findings: tuple[Finding, ...] = ()

    @property
    def shelf(self) -> Path:
        """Folder of its variants."""
        return shelf_of(self.card.sha256)

    def knows(self, path: Path) -> bool:
        """Whether a file is this model, or a variant of it."""
        return path == self.path or path.parent == self.shelf


def look(path: Path, control: TaskControl) -> Subject:
    """Find out what a model is, and what was made of it; of a variant, its original.

    Raises:
        ModelError: The file cannot be read, or is no vision model.
    """
    from engine.library.identify import identify

    original = original_of(path) or path
    control.progress(text("Optimise", "Reading {name}").format(name=original.name))
    card = identify(original)
    return Subject(original, card, kept(shelf_of(card.sha256)))


def keep_findings(subject: Subject, findings: Sequence[Finding]) -> None:
    """Remember what was found for the next time.

    Raises:
        SinkError: The disk refuses.
    """
    keep(subject.shelf, subject.path, findings)


def export_files(findings: Sequence[Finding], folder: Path, control: TaskControl) -> int:
    """Copy the files of variants into a person's folder; each appears as a whole.

    Returns:
        How many variants were copied.

    Raises:
        SinkError: The disk refuses.
    """
    from engine.sinks.disk import partial, refusal

    files = [file for finding in findings for file in _files(finding.path)]
    for number, file in enumerate(files):
        control.progress(text("Optimise", "Copying {name}").format(name=file.name), number / len(files))
        target = folder / file.name
        try:
            shutil.copyfile(file, partial(target))
            partial(target).replace(target)
        except OSError as error:
            raise refusal(target, error) from error
        finally:
            partial(target).unlink(missing_ok=True)
    return len(findings)


def _files(path: Path) -> list[Path]:
    return [file for suffix in _SUFFIXES if (file := path.with_suffix(suffix)).is_file()]


def save_report(report: Report, path: Path) -> None:
    """Write a report in the form that the ending of the path names: .html, .json or .csv.

    Raises:
        SinkError: The disk refuses.
    """
    from engine.optimise.report_document import csv_text, document
    from engine.optimise.report_page import page
    from engine.sinks.disk import write_whole

    ending = path.suffix.lower()
    if ending == ".json":
        content = json.dumps(document(report), ensure_ascii=False, indent=2, allow_nan=False)
    else:
        content = csv_text(report) if ending == ".csv" else page(report)
    write_whole(path, content.encode())
