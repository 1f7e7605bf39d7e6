"""``inferoscope doctor``: the self-test of this installation on this machine."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from engine.cli.interrupt import Interrupt
from engine.cli.messages import say
from engine.diagnostics.archive import save_archive
from engine.diagnostics.known import Known
from engine.diagnostics.self_test import SelfTest
from engine.doctor.check import Check, Outcome, to_json
from engine.doctor.examination import asking, demo_files, examine
from engine.doctor.versions import versions
from engine.errors import CancelledError
from engine.sinks.disk import require_writable

_CLEAR_LINE = "\r\x1b[K"
_TITLES = {
    "numpy": "numpy",
    "opencv": "OpenCV",
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO",
    "pyside6": "PySide6",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("--json", action="store_true", help="print one JSON document (docs/json.md)")
    parser.add_argument(
        "--save",
        type=Path,
        metavar="FILE.zip",
        help="save what others need to help: this report, versions, devices, settings, logs and crashes, with names, "
        "folders and passwords replaced",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check everything; 1 where something that should work does not."""
    begun = time.monotonic()
    if arguments.save is not None:
        require_writable(arguments.save)
    with Interrupt() as interrupt:
        report = _Report(as_json=arguments.json, on_terminal=sys.stderr.isatty())
        report.begin(versions())
        test = SelfTest()
        try:
            for check in examine(demo_files(), test.listening(asking(interrupt.happened)), report.announce):
                test.checks.append(check)
                report.add(check)
        except CancelledError:
            report.announce("")
            return interrupt.status
    report.end(time.monotonic() - begun)
    if arguments.save is not None:
        save_archive(arguments.save, Known(), test, report.announce)
        report.announce("")
        say(f"Saved: {arguments.save}. Look through it before you send it.")
    return 0 if report.healthy else 1


class _Report:
    """Prints each check as it completes, or one document at the end. What goes on stands on standard error meanwhile.

    Args:
        as_json: One document, and nothing else on standard output.
        on_terminal: Somebody watches standard error.
    """

    def __init__(self, *, as_json: bool, on_terminal: bool) -> None:
        self._as_json = as_json
        self._on_terminal = on_terminal
        self._versions: dict[str, Any] = {}
        self._checks: list[Check] = []

    @property
    def healthy(self) -> bool:
        """Whether nothing failed."""
        return not any(check.outcome is Outcome.FAILED for check in self._checks)

    def begin(self, versions: dict[str, Any]) -> None:
        """Say what is examined."""
        self._versions = versions
        if not self._as_json:
            print("\n".join(_heading(versions)), flush=True)

    def announce(self, title: str) -> None:
        """Show what is checked next, in a line that the next one replaces."""
        if self._on_terminal:
            print(f"{_CLEAR_LINE}{title}{' ..' if title else ''}", end="", file=sys.stderr, flush=True)

    def add(self, check: Check) -> None:
        """Show what came of a check."""
        self._checks.append(check)
        if not self._as_json and not _is_absent(check):
            self.announce("")
            print("\n".join(_lines(check)), flush=True)

    def end(self, elapsed_s: float) -> None:
        """Say what it all means."""
        self.announce("")
        if self._as_json:
            print(json.dumps(self._document(elapsed_s), ensure_ascii=False, indent=2, allow_nan=False))
            return
        absent = [check for check in self._checks if _is_absent(check)]
        for backend, group in groupby(absent, key=lambda check: check.title.partition(" · ")[0]):
            names = ", ".join(check.title.rpartition(" · ")[2] for check in group)
            print(f"not here  {backend}: {names} (inferoscope backends tells why)")
        print(f"\n{verdict(self._checks)}")

    def _document(self, elapsed_s: float) -> dict[str, Any]:
        return {
            "healthy": self.healthy,
            "verdict": verdict(self._checks),
            **{str(outcome): _count(self._checks, outcome) for outcome in Outcome},
            "elapsed_s": round(elapsed_s, 3),
            "versions": self._versions,
            "checks": [to_json(check) for check in self._checks],
        }


def verdict(checks: Sequence[Check]) -> str:
    """What it all means, in one sentence."""
    wrong = [check.title for check in checks if check.outcome is Outcome.FAILED]
    tried = len(wrong) + _count(checks, Outcome.PASSED)
    if wrong:
        return f"{len(wrong)} of {tried} checks failed: {', '.join(wrong)}."
    return f"All {tried} checks passed: everything that is here works."


def _count(checks: Sequence[Check], outcome: Outcome) -> int:
    return sum(check.outcome is outcome for check in checks)


def _is_absent(check: Check) -> bool:
    """A whole device that is not here: many of a kind, told in one line."""
    return check.outcome is Outcome.SKIPPED and check.run is not None and check.run["precision"] == "auto"


def _heading(versions: dict[str, Any]) -> Iterator[str]:
    yield f"Inferoscope {versions['inferoscope']}, Python {versions['python']}, {versions['system']}"
    features = " ".join(versions["processor_features"])
    yield f"{versions['processor']}, {versions['cores']} cores {features}".rstrip()
    yield ", ".join(f"{title} {versions[key] or '(missing)'}" for key, title in _TITLES.items())
    yield ""


def _lines(check: Check) -> Iterator[str]:
    """A check as a person reads it: a line, and below it what is wrong and what to do."""
    told = check.found if check.outcome is not Outcome.SKIPPED else check.reason
    yield f"{check.outcome.value:<8}  {check.title:<26}  {told}".rstrip()
    if check.outcome is Outcome.FAILED:
        for text in (check.reason, check.cure):
            if text:
                yield f"{'':<10}{text.rstrip('.')}."
