"""What the optimise page does beside the window's thread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.cards import ModelCard
from engine.optimise.keeping import keep, kept
from engine.optimise.plan import Finding
from engine.optimise.report import Report
from engine.optimise.shelf import original_of, shelf_of
from gui.presenters.port import TaskControl
from gui.texts import text

_FORMS = (".html", ".csv", ".json")
"""Endings of a report; the first one is for every other ending, too."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that variants are made of.

    Attributes:
        path: What a person's models call it.
        card: What it is.
        findings: What was found of it and its variants before.
        reported: Whether there is a report of that.
    """

    path: Path
    card: ModelCard
    findings: tuple[Finding, ...] = ()
    reported: bool = False

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
    return _with_kept(Subject(original, card))


def keep_findings(subject: Subject, findings: Sequence[Finding], report: Report | None) -> Subject:
    """Remember what was found for the next time, with its report.

    Returns:
        The same model with everything that is known of it now.

    Raises:
        SinkError: The disk refuses.
    """
    keep(subject.shelf, subject.path, findings)
    for ending in _FORMS if report is not None else ():
        save_report(report, subject.shelf, _report_file(subject.shelf, ending))
    return _with_kept(subject)


def _with_kept(subject: Subject) -> Subject:
    reported = all(_report_file(subject.shelf, ending).is_file() for ending in _FORMS)
    return replace(subject, findings=kept(subject.shelf), reported=reported)


def _report_file(shelf: Path, ending: str) -> Path:
    return shelf / f"report{ending}"


def export_files(findings: Sequence[Finding], folder: Path, control: TaskControl) -> int:
    """Copy variants into a person's folder; each appears as a whole, with all its files.

    Returns:
        How many variants were copied.

    Raises:
        SinkError: The disk refuses.
    """
    from engine.sinks.disk import place_together

    for number, finding in enumerate(findings):
        control.progress(text("Optimise", "Copying {name}").format(name=finding.path.name), number / len(findings))
        place_together([(file, folder / file.name) for file in _files(finding.path)])
    return len(findings)


def _files(path: Path) -> list[Path]:
    """What belongs to a variant; what is opened comes last."""
    weights = path.with_suffix(".bin")
    return [weights, path] if path.suffix == ".xml" and weights.is_file() else [path]


def save_report(report: Report | None, shelf: Path, path: Path) -> None:
    """Write a report in the form that the ending of the path names: .html, .json or .csv.

    Args:
        report: Of this run; None for the one that is kept.
        shelf: Where it is kept.
        path: The file.

    Raises:
        SinkError: The disk refuses.
    """
    from engine.sinks.disk import refusal, write_whole

    ending = path.suffix.lower() if path.suffix.lower() in _FORMS else _FORMS[0]
    try:
        content = _spelt(report, ending).encode() if report is not None else _report_file(shelf, ending).read_bytes()
    except OSError as error:
        raise refusal(_report_file(shelf, ending), error) from error
    write_whole(path, content)


def _spelt(report: Report, ending: str) -> str:
    from engine.optimise.report_document import csv_text, document
    from engine.optimise.report_page import page

    if ending == ".json":
        return json.dumps(document(report), ensure_ascii=False, indent=2, allow_nan=False)
    return csv_text(report) if ending == ".csv" else page(report)
