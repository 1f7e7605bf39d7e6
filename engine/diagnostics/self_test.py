"""The self-test as the archive needs it: with what the runtimes said of their devices, and not always to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.backends.table import BACKENDS
from engine.doctor.check import Check, to_json
from engine.doctor.examination import Announce, Ask, demo_files, examine
from engine.doctor.messages import Answer, Question
from engine.errors import CancelledError
from engine.pipeline.child import ChildLostError


@dataclass
class SelfTest:
    """What came of it.

    Attributes:
        checks: Those that were made.
        devices: Key of a backend -> what it said of its devices.
        complete: False where somebody did not want to wait for the rest.
    """

    checks: list[Check] = field(default_factory=list)
    devices: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    complete: bool = True

    def listening(self, ask: Ask) -> Ask:
        """The same way to ask, that remembers what is said of devices."""

        def heard(question: Question) -> Answer:
            answer = ask(question)
            if question["task"] == "devices":
                self.devices[question["backend"]] = answer
            return answer

        return heard

    def ask_devices(self, ask: Ask, announce: Announce) -> None:
        """Ask the runtimes that have not been asked yet."""
        for backend in BACKENDS:
            if backend not in self.devices:
                announce(f"Devices of {backend}")
                try:
                    self.devices[backend] = ask({"task": "devices", "backend": backend})
                except ChildLostError as lost:
                    self.devices[backend] = {"error": f"The child process that listed its devices {lost.what}"}

    def document(self) -> dict[str, Any]:
        """The checks, as ``doctor --json`` has them."""
        return {"complete": self.complete, "checks": [to_json(check) for check in self.checks]}


def self_test(ask: Ask, announce: Announce, skipped: Callable[[], bool]) -> SelfTest:
    """Check everything, until somebody does not want to wait any more.

    Args:
        ask: Does what touches native code; raises ``CancelledError`` soon after ``skipped`` says so.
        announce: Told what is checked next; may raise ``CancelledError``.
        skipped: Whether the rest is to be left out.

    Raises:
        CancelledError: Nobody wants any of it any more.
    """
    test = SelfTest()
    checks = examine(demo_files(), test.listening(ask), announce)
    try:
        for check in checks:
            test.checks.append(check)
            if skipped():
                test.complete = False
                break
    except CancelledError:
        if not skipped():
            raise
        test.complete = False
    return test
