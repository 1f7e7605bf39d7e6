from __future__ import annotations

import threading

import pytest

from engine.pipeline.worker import Worker, on_uncaught


def test_what_ends_a_thread_is_told_and_still_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[object] = []
    told: list[BaseException] = []
    monkeypatch.setattr(threading, "excepthook", printed.append)
    on_uncaught(told.append)
    absent: dict[str, None] = {}
    worker = Worker("failing", lambda: absent["yard"])
    worker.start()
    assert worker.join(5.0)
    assert [type(error) for error in told] == [KeyError]
    assert len(printed) == 1
