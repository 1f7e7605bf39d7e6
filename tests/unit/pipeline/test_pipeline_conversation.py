"""A child that is asked one thing after the other."""

from __future__ import annotations

import sys
import time

import pytest

from engine.errors import CancelledError
from engine.pipeline.child import ChildLimits, ChildLostError
from engine.pipeline.conversation import Conversation

_CHILD = """
import os, time
from engine.pipeline.conversation import converse
seen = []
def answer(question):
    seen.append(question["say"])
    if question["say"] == "crash":
        os.abort()
    if question["say"] == "sleep":
        time.sleep(60)
    print("a runtime prints a line of its own", flush=True)
    return {"seen": list(seen)}
converse(answer)
"""


def conversation(seconds: float = 30.0) -> Conversation:
    return Conversation([sys.executable, "-c", _CHILD], ChildLimits(seconds=seconds))


def test_a_child_keeps_what_it_was_told_before() -> None:
    talk = conversation()
    try:
        assert talk.ask({"say": "one"}, lambda: False) == {"seen": ["one"]}
        assert talk.ask({"say": "two"}, lambda: False) == {"seen": ["one", "two"]}
    finally:
        talk.close()
        talk.close()


def test_a_crash_is_told_by_its_signal() -> None:
    talk = conversation()

    with pytest.raises(ChildLostError, match="SIGABRT"):
        talk.ask({"say": "crash"}, lambda: False)


def test_a_child_that_takes_too_long_is_ended() -> None:
    talk = conversation(seconds=0.3)

    with pytest.raises(ChildLostError, match=r"did not finish within 0\.3 s"):
        talk.ask({"say": "sleep"}, lambda: False)


def test_a_cancel_ends_the_child_at_once() -> None:
    talk = conversation()
    begun = time.monotonic()

    with pytest.raises(CancelledError):
        talk.ask({"say": "sleep"}, lambda: time.monotonic() - begun > 0.3)

    assert time.monotonic() - begun < 10
