"""What tests of the pipeline share."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from fakes import LIMIT_S, wait_until

from engine.pipeline.session import Session


@pytest.fixture
def session() -> Iterator[Session]:
    """A session that must end without a thread left over."""
    threads = set(threading.enumerate())
    made = Session()
    yield made
    assert made.close(LIMIT_S) == []
    assert wait_until(lambda: set(threading.enumerate()) <= threads), "a thread was left over"
