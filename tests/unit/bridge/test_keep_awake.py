from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from waiting_tasks import WaitingTasks

from engine.pipeline.worker import Worker
from gui.bridge.keep_awake import KeepAwake, Wake, stay_awake


class System:
    """What a program may ask to stay awake."""

    def __init__(self, *, agrees: bool = True) -> None:
        self.agrees = agrees
        self.entered = threading.Event()
        self.left = threading.Event()
        self.threads: list[str] = []

    @contextmanager
    def hold(self) -> Iterator[Wake]:
        self.threads.append(threading.current_thread().name)
        self.entered.set()
        yield SimpleNamespace(active=self.agrees)
        self.threads.append(threading.current_thread().name)
        self.left.set()


class Threads(WaitingTasks):
    """Tasks that each run in a thread."""

    def run(self) -> None:
        for task in self.waiting:
            Worker(task.name, task.run).start()
        self.waiting.clear()


def test_the_system_stays_awake_as_long_as_it_is_wanted() -> None:
    system, tasks = System(), Threads()
    awake = KeepAwake(tasks, system.hold)
    awake.want(False)
    assert tasks.waiting == []
    for _ in range(3):
        awake.want(True)
    assert len(tasks.waiting) == 1
    tasks.run()
    assert system.entered.wait(5.0)
    assert not system.left.is_set()
    awake.want(False)
    assert system.left.wait(5.0)
    assert system.threads == ["keep awake", "keep awake"]  # it must be left by the thread that entered it


def test_it_can_be_wanted_again() -> None:
    tasks = Threads()
    for _ in range(2):
        system = System()
        awake = KeepAwake(tasks, system.hold)
        awake.want(True)
        tasks.run()
        assert system.entered.wait(5.0)
        awake.want(False)
        assert system.left.wait(5.0)


def test_a_program_that_ends_lets_it_sleep() -> None:
    system, tasks = System(), Threads()
    KeepAwake(tasks, system.hold).want(True)
    task = tasks.waiting[0]
    tasks.run()
    assert system.entered.wait(5.0)
    task.cancel()
    assert system.left.wait(5.0)


def test_a_system_that_does_not_agree_is_a_note_in_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    tasks = WaitingTasks()
    awake = KeepAwake(tasks, System(agrees=False).hold)
    with caplog.at_level(logging.INFO):
        awake.want(True)
        tasks.run()
        awake.want(True)  # not asked again and again
    assert tasks.waiting == []
    assert [(record.levelname, record.getMessage()) for record in caplog.records if "keep_awake" in record.name] == [
        ("INFO", "This system does not let programs keep it awake.")
    ]
    awake.want(False)


def test_without_a_session_bus_nothing_waits_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    with stay_awake() as wake:
        assert isinstance(wake.active, bool)
