"""A bridge for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bridge_bench import Bench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench(monkeypatch)
    bench.bridge.start()
    yield bench
    assert bench.bridge.close() == []
