"""What all tests share."""

from __future__ import annotations

import gc
import os
import re
import signal
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import hypothesis
import program
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything loads Qt

import engine.silence  # noqa: F401 - tests that import a runtime themselves are quiet, too

hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")

THREADS_END_WITHIN_S = 5.0
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the frozen program only what starts it as a process can be tested."""
    if program.FROZEN:
        starting = [item for item in items if _starts_a_process(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in starting])
        items[:] = starting


def _starts_a_process(item: pytest.Item) -> bool:
    module = getattr(item, "module", None)
    return hasattr(module, "PROGRAM") or "desktop" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real models, videos and labelled pictures; the test is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real data is not here: {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a program folder of its own, so that nothing is read from or left in the person's home."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("INFEROSCOPE_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREADS_END_WITHIN_S
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert [thread.name for thread in left if thread.is_alive()] == []


@pytest.fixture
def heard_hangup() -> Iterator[None]:
    """Let SIGHUP arrive here and in programs started from here, also where the tests were started with nohup."""
    hangup = getattr(signal, "SIGHUP", None)
    before = None if hangup is None else signal.signal(hangup, signal.SIG_DFL)
    yield
    if hangup is not None:
        signal.signal(hangup, before)


CONTINUOUS_INTEGRATION = bool(os.environ.get("CI"))
"""There, a test that is skipped must not pass for one that passed."""

SKIPS_ALLOWED_THERE = re.compile(r"only on (Windows|macOS)|no camera|no GPU")
"""What no machine for tests has: another system, a camera, a graphics card."""


def pytest_collection_finish() -> None:
    """Set aside what collection has loaded (runtimes, exporters): each look of the garbage collector cost 0.3 s."""
    gc.collect()
    gc.freeze()


Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _skip_is_failure((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _skip_is_failure((yield))


def _skip_is_failure(report: Report) -> Report:
    if CONTINUOUS_INTEGRATION and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not SKIPS_ALLOWED_THERE.search(reason):
            report.outcome = "failed"
            report.longrepr = f"Skipping is not allowed here ({reason})"
    return report
